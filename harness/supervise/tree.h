/* The processes below a process, read from /proc.
 *
 * A scan is no snapshot: processes start and end while it reads. Whoever needs
 * to be sure scans until nothing changes any more, as tree_end does.
 */
#ifndef TREE_H
#define TREE_H

#include <stdbool.h>
#include <sys/types.h>

enum { PROCESS_NAME = 16, PROCESSES_KEPT = 128 };

struct process {
	pid_t pid, parent;
	char state;             /* as in /proc/PID/stat: R, S, D, T, Z, X */
	char name[PROCESS_NAME];
	double cpu_seconds;     /* its own and that of the children it waited for */
	unsigned long long start; /* clock ticks since the machine started */
};

/* count may be larger than what is kept. */
struct process_list {
	int count;
	struct process process[PROCESSES_KEPT];
};

/* All living and zombie descendants of root, in any order. Returns how many
 * there are and fills the list; -1 with errno where /proc cannot be read. */
int tree_scan(pid_t root, struct process_list *list);

/* For a process without children: whoever is there now will never descend from it.
 * Scans by it and by its children then read of newer processes only. (A number is
 * given anew only when all others were: not within one call.) */
void tree_know_strangers(void);

/* One process, as in a list. Returns false where it is gone. */
bool tree_read(pid_t pid, struct process *process);

/* The same for one of its threads. */
bool tree_read_thread(pid_t pid, pid_t tid, struct process *process);

/* Kills every descendant of the calling process, which must be a subreaper, and
 * reaps them all. Returns 0, or -1 where one would not die within 10 seconds. */
int tree_end(void);

/* How many threads the user has, on the whole machine. */
int tree_threads_of_user(uid_t user);

static inline bool process_alive(const struct process *process)
{
	return process->state != 'Z' && process->state != 'X';
}

#endif
