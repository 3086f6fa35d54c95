/* Processes below a process: see tree.h.
 *
 * tree_end kills without reaping until three scans in a row find nobody alive:
 * a zombie keeps its children's parent known and its pid taken, so that nothing
 * can slip out of the tree between two scans. Only then are they reaped. A scan
 * is clean only if it also finds as many as the one before: a process that forks
 * and exits faster than it is looked at leaves one more zombie each time.
 */
#define _GNU_SOURCE
#include "tree.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CLEAN_SCANS = 3, END_SECONDS = 10, NAP_NS = 1000000 };

/* A line of /proc/PID/stat: pid (name) state ppid ... utime stime cutime cstime
 * ... threads, and, two further on, its start.
 * The name may hold spaces and brackets, so the last bracket ends it. */
static bool parse_stat(const char *line, struct process *p, int *threads)
{
	const char *open = strchr(line, '(');
	const char *close = strrchr(line, ')');
	if (open == NULL || close == NULL)
		return false;

	unsigned long utime, stime;
	long cutime, cstime;
	*p = (struct process){ .pid = (pid_t)atol(line) };
	size_t length = (size_t)(close - open - 1);
	if (length >= sizeof p->name)
		length = sizeof p->name - 1;
	memcpy(p->name, open + 1, length);
	if (sscanf(close + 1, " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld %*d %*d %d "
	           "%*d %llu",
	           &p->state, &p->parent, &utime, &stime, &cutime, &cstime, threads, &p->start) != 8)
		return false;
	if (p->state == 'Z' && *threads > 1)
		p->state = 'S'; /* its first thread has ended, others go on */
	double ticks = (double)sysconf(_SC_CLK_TCK);
	p->cpu_seconds = ((double)(utime + stime) + (double)(cutime + cstime)) / ticks;
	return true;
}

static bool read_stat_file(const char *path, struct process *process, int *threads)
{
	char line[512];
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file == -1)
		return false;
	ssize_t length = read(file, line, sizeof line - 1); /* all of it; a name may hold a newline */
	close(file);
	if (length <= 0)
		return false;
	line[length] = '\0';
	return parse_stat(line, process, threads);
}

static bool read_stat(pid_t pid, struct process *process, int *threads)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	return read_stat_file(path, process, threads);
}

bool tree_read(pid_t pid, struct process *process)
{
	int threads;
	return read_stat(pid, process, &threads);
}

bool tree_read_thread(pid_t pid, pid_t tid, struct process *process)
{
	char path[64];
	int threads;
	snprintf(path, sizeof path, "/proc/%d/task/%d/stat", (int)pid, (int)tid);
	return read_stat_file(path, process, &threads);
}

/* Calls visit for every process of the machine. Returns -1 without /proc. */
static int each_pid(void (*visit)(pid_t pid, void *), void *context)
{
	DIR *proc = opendir("/proc");
	if (proc == NULL)
		return -1;
	for (struct dirent *entry; (entry = readdir(proc)) != NULL;)
		if (isdigit((unsigned char)entry->d_name[0]))
			visit((pid_t)atol(entry->d_name), context);
	closedir(proc);
	return 0;
}

/* --- who is not below this process --------------------------------------------- */

static struct {
	pid_t *pid; /* in ascending order */
	int count, room;
} strangers;

static int ascending(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;
	return (x > y) - (x < y);
}

/* Who is forgotten here is only read once more. */
static void know(pid_t pid, void *context)
{
	(void)context;
	if (strangers.count == strangers.room) {
		int room = strangers.room ? 2 * strangers.room : 256;
		void *grown = realloc(strangers.pid, (size_t)room * sizeof *strangers.pid);
		if (grown == NULL)
			return;
		strangers.pid = grown;
		strangers.room = room;
	}
	strangers.pid[strangers.count++] = pid;
}

void tree_know_strangers(void)
{
	strangers.count = 0;
	each_pid(know, NULL);
	qsort(strangers.pid, (size_t)strangers.count, sizeof *strangers.pid, ascending);
}

static bool is_stranger(pid_t pid)
{
	return strangers.count > 0 && bsearch(&pid, strangers.pid, (size_t)strangers.count,
	                                      sizeof pid, ascending) != NULL;
}

/* --- everyone ------------------------------------------------------------------ */

struct everyone {
	struct process *process;
	bool *below; /* known to descend from the root */
	int count, room;
	bool strangers_too, failed;
};

static void collect(pid_t pid, void *context)
{
	struct everyone *all = context;
	struct process process;
	int threads;
	if ((!all->strangers_too && is_stranger(pid)) || !read_stat(pid, &process, &threads))
		return;
	if (all->count == all->room) {
		int room = all->room ? 2 * all->room : 256;
		void *grown = realloc(all->process, (size_t)room * sizeof *all->process);
		if (grown == NULL) {
			all->failed = true;
			return;
		}
		all->process = grown;
		all->room = room;
	}
	all->process[all->count++] = process;
}

static int find_below(struct everyone *all, pid_t root)
{
	int found = 0;
	for (bool more = true; more;) {
		more = false;
		for (int i = 0; i < all->count; i++) {
			if (all->below[i])
				continue;
			bool below = all->process[i].parent == root;
			for (int j = 0; j < all->count && !below; j++)
				below = all->below[j] && all->process[j].pid == all->process[i].parent;
			if (below) {
				all->below[i] = more = true;
				found++;
			}
		}
	}
	return found;
}

/* Everyone, with those below root marked. Returns how many these are, or -1; in
 * either case the caller releases it. */
static int scan(pid_t root, bool strangers_too, struct everyone *all)
{
	*all = (struct everyone){ .strangers_too = strangers_too };
	if (each_pid(collect, all) != 0 || all->failed)
		return -1;
	all->below = calloc((size_t)all->count + 1, sizeof *all->below);
	return all->below == NULL ? -1 : find_below(all, root);
}

static void release(struct everyone *all)
{
	free(all->below);
	free(all->process);
}

int tree_scan(pid_t root, struct process_list *list)
{
	struct everyone all;
	int found = scan(root, false, &all);
	list->count = 0;
	for (int i = 0; found > 0 && i < all.count; i++) {
		if (!all.below[i])
			continue;
		if (list->count < PROCESSES_KEPT)
			list->process[list->count] = all.process[i];
		list->count++;
	}
	release(&all);
	return found;
}

/* Returns how many were still alive, or -1; *found says how many there are. */
static int kill_below(pid_t root, int *found)
{
	struct everyone all;
	*found = scan(root, true, &all); /* nobody may escape, not even with a number used before */
	int alive = *found == -1 ? -1 : 0;
	for (int i = 0; alive != -1 && i < all.count; i++) {
		if (all.below[i] && process_alive(&all.process[i])) {
			kill(all.process[i].pid, SIGKILL);
			alive++;
		}
	}
	release(&all);
	return alive;
}

int tree_end(void)
{
	time_t give_up = time(NULL) + END_SECONDS;
	int before = -1, found;

	while (waitpid(-1, NULL, WNOHANG) > 0)
		; /* most calls leave nobody: then this is all */
	if (waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD)
		return 0;
	for (int clean = 0; clean < CLEAN_SCANS;) {
		int alive = kill_below(getpid(), &found);
		if (alive == -1 || time(NULL) > give_up)
			return -1;
		clean = alive == 0 && found == before ? clean + 1 : 0;
		before = found;
		if (alive > 0)
			nanosleep(&(struct timespec){ .tv_nsec = NAP_NS }, NULL);
	}
	while (waitpid(-1, NULL, WNOHANG) != -1 || errno == EINTR)
		if (time(NULL) > give_up)
			return -1;
	return 0;
}

struct user_threads {
	uid_t user;
	int count;
};

static void count_threads(pid_t pid, void *context)
{
	struct user_threads *sum = context;
	struct process process;
	int threads;
	char path[64];
	struct stat status;
	snprintf(path, sizeof path, "/proc/%d", (int)pid);
	if (stat(path, &status) == 0 && status.st_uid == sum->user &&
	    read_stat(pid, &process, &threads))
		sum->count += threads;
}

int tree_threads_of_user(uid_t user)
{
	struct user_threads sum = { .user = user };
	return each_pid(count_threads, &sum) == 0 ? sum.count : -1;
}
