/* The scene: what every process of a call was doing when nobody moved any more.
 *
 * The supervisor takes it down before it ends anything, for `explain` to say who
 * waits for whom. It is evidence, not judgement, and all of it is of fixed size,
 * because it goes to the judge in shared memory. What could not be read says so
 * (WAIT_UNKNOWN, `known`, `incomplete`): nothing is guessed.
 *
 * Left out are the caller's bystanders, which no function that it calls may know.
 */
#ifndef SCENE_H
#define SCENE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tree.h"

enum {
	SCENE_PROCESSES = 64,
	SCENE_THREADS = 4, /* of each process; its first one always */
	SCENE_ENDS = 2048, /* of pipes and sockets, of all processes together */
	SCENE_WANTS = 32,  /* descriptors that one thread waits for */
	SCENE_STARTS = 64, /* processes that the caller started */
	SCENE_WORDS = 6,   /* that are read from a futex word on */
	SCENE_NAME = 48,
	SYSCALL_ARGS = 6
};

enum wait_kind {
	WAIT_UNKNOWN, /* asleep, and nobody may look at what in */
	WAIT_RUNS,    /* wants a CPU */
	WAIT_STOPPED,
	WAIT_ENDED,   /* a zombie */
	WAIT_FILES,   /* read, write, poll and the like: wants */
	WAIT_CHILD,   /* wait and the like: child */
	WAIT_WORD,    /* a futex: word */
	WAIT_TEST,    /* a futex in the test's own memory: a meeting in its task */
	WAIT_JOIN,    /* a futex that the end of a thread of its own process wakes */
	WAIT_SIGNAL,
	WAIT_TIME,    /* sleep and the like: ends by itself */
	WAIT_OTHER    /* another system call */
};

/* A descriptor that a thread waits for, to read from or to write to it. */
struct scene_want {
	int fd;
	bool reads, writes;
};

/* A futex word that a thread waits for. */
struct scene_word {
	unsigned long address;
	bool is_private;    /* FUTEX_PRIVATE: only threads of the same process can wake it */
	bool known;         /* the rest could be read */
	bool shared;        /* it lies in a shared mapping */
	unsigned long inode, offset; /* of a shared mapping: the same word in every process */
	char name[SCENE_NAME]; /* of the mapping; "" for anonymous memory */
	uint32_t value[SCENE_WORDS]; /* the word, and what follows it */
};

struct scene_thread {
	pid_t tid;
	char state;
	double cpu_seconds;
	enum wait_kind kind;
	long call;                /* the system call's number; -1: none or unknown */
	unsigned long args[SYSCALL_ARGS];
	pid_t child;              /* WAIT_CHILD: this one; -1: any */
	int wants;                /* may be larger than what is kept */
	struct scene_want want[SCENE_WANTS];
	size_t pipe_bytes;        /* of a write to a pipe: how much that holds; 0: unknown */
	struct scene_word word;
	uintptr_t place;          /* in the plug-in's file, where it called from; 0: unknown */
};

struct scene_process {
	pid_t pid, parent;
	char state;
	double cpu_seconds;
	bool caller;
	int rank;     /* order in which the caller started it, from 0; -1: it did not */
	int threads;  /* how many it has; up to SCENE_THREADS of them are kept */
	struct scene_thread thread[SCENE_THREADS];
};

/* A descriptor that is an end of a pipe or socket. */
struct scene_end {
	int process; /* index of scene.process */
	int fd;
	unsigned long inode; /* of the pipe; the two sockets of a pair have different ones */
	bool socket, reads, writes;
	bool of_caller; /* the caller had it before the student's function was called */
};

enum scene_when {
	SCENE_NONE,
	SCENE_AT_STALL, /* just before call->stalled was called for the first time */
	SCENE_AT_END    /* when the limits ran out */
};

enum { SCENE_SAMPLES = 8 };

struct scene {
	enum scene_when when;
	bool incomplete; /* there were more processes, threads or ends than are kept, or some
	                  * process's descriptors could not be read */
	int count;       /* of processes; the caller comes first, then by rank */
	struct scene_process process[SCENE_PROCESSES];
	int ends;
	struct scene_end end[SCENE_ENDS];
	int starts;      /* processes that the caller started, by rank; some may have ended */
	pid_t started[SCENE_STARTS];

	/* of an endless loop: where the busiest process was, sample by sample */
	pid_t busiest;
	int samples;
	uintptr_t sample[SCENE_SAMPLES]; /* in the plug-in's file */
};

#endif
