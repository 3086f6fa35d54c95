/* Runs code that is not trusted and tells how that went.
 *
 * Three processes take part in a supervised call:
 *
 *   the judge       calls supervise(); decides the verdict; never runs student code
 *    `- supervisor  a subreaper: looks at the tree from outside, keeps the limits,
 *        |          ends whatever is left, `setsid` and double forks included
 *        `- caller  loads the plug-in and calls it, as any program would
 *            `- ... whatever the student's code starts
 *
 * The judge's steps:
 *   1. put what the call needs into memory from shared_alloc();
 *   2. fill in a struct call and call supervise();
 *   3. read the outcome: how the call ended, what it returned, what it left.
 *
 * The body runs in the caller. Around the student's function it calls
 * call_begin() and call_end(); at both the caller stands still while the
 * supervisor takes down its descriptors, mappings and children. A body may do so
 * several times. All of the body's own preparations come before call_begin().
 */
#ifndef SUPERVISE_H
#define SUPERVISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "names.h"
#include "scene.h"
#include "snapshot.h"
#include "tree.h"

/* What a call may use. 0 stands for the default. */
struct limits {
	double wall_seconds;  /* from here on a call that does nothing hangs (default 1) */
	double most_seconds;  /* and no call may take longer (default 10 times wall_seconds) */
	double cpu_seconds;   /* of the whole tree; more is an endless loop (default 3) */
	size_t memory_bytes;  /* address space per process (default 4 GiB) */
	size_t file_bytes;    /* per file, its output included (default 64 MiB) */
	int processes;        /* alive at the same time (default 256) */
	int starts;           /* of processes in all (default: processes) */
};

/* Calls that can be made to fail. */
enum failing { FAIL_FORK, FAIL_PIPE, FAIL_MAP, FAIL_ALLOCATE, FAILINGS };

/* What is made to go wrong, at the plug-in's own calls. All zero: nothing. What is
 * random follows from a seed: each process has a stream of numbers of its own,
 * which its place in the order of the forks selects. */
struct faults {
	int fails_from[FAILINGS];  /* this and every later call fails (1: the first) */
	int fails_with[FAILINGS];  /* with this errno */
	double fork_delay_seconds; /* each start of a process takes this much longer */
	double end_delay_seconds;  /* and each _exit of a child */
	uint32_t interrupt_seed;   /* not 0: blocking calls return EINTR, now and then */
	uint32_t short_seed;       /* not 0: writes of more than PIPE_BUF bytes, and reads from where
	                            * these go, move fewer than asked, now and then */
	uint32_t delay_seed;       /* not 0: calls take longer, now and then; with a lock held, too */
	double signal_seconds;     /* not 0: a signal is handled in the caller this often */
	double clock_step_seconds; /* the date is set back by this much after its first reading */
};

/* How the caller's process came to its end. */
enum ending {
	ENDING_RETURNED,           /* the body ran to its end */
	ENDING_NOT_LOADED,         /* the plug-in or a function of it is not there: load_error */
	ENDING_EARLY_EXIT,         /* exited inside the student's function: exit_status */
	ENDING_KILLED,             /* killed by a signal: signal */
	ENDING_TIMED_OUT,          /* the limits ran out while it waited: scene */
	ENDING_LOOPED,             /* used more CPU time than allowed: scene */
	ENDING_TOO_MANY_PROCESSES, /* more processes than allowed */
	ENDING_KIT_ERROR           /* the harness itself failed: kit_error */
};

enum { CRASH_FRAMES = 12, OUTPUT_KEPT = 1500, DESK_TEXT = 256, PIPE_USES = 256 };

/* A process read from, or wrote to, a pipe or socket. */
struct pipe_use {
	pid_t pid;
	bool writes;
	uint64_t pipe; /* its inode */
};

/* Where a process of the plug-in was when a fault killed it. */
struct crash {
	pid_t pid; /* 0: none */
	int signal;
	uintptr_t address;             /* that it could not touch */
	bool stack_full;               /* it lies just below the stack */
	size_t mapping_bytes;          /* not 0: just beyond a shared mapping of so many bytes */
	int frames;
	uintptr_t offset[CRASH_FRAMES]; /* in the plug-in's file, innermost first; 0: elsewhere */
};

struct outcome {
	enum ending ending;
	int exit_status, signal;
	char load_error[DESK_TEXT], kit_error[DESK_TEXT];

	pid_t caller;
	long value; /* what the last call returned, and its errno */
	int error;
	int calls_returned;

	int starts;            /* of the processes that the caller started, in this order, */
	pid_t started[SCENE_STARTS]; /* as many as there is room for */
	int forks;             /* processes that the plug-in started, or tried to beyond the limit */
	int failed[FAILINGS];  /* calls that were made to fail */
	int forks_before_wait; /* how many had been started when it first waited; -1: never did */
	int waits;             /* calls of the wait family, in all of its processes */
	int threads;           /* threads that it started */
	long locks;            /* mutexes and semaphores that it took, in all of its processes */
	int interruptions;     /* how often EINTR or a signal was sent its way */
	int short_transfers;   /* reads and writes that were cut short */
	char first_fault[DESK_TEXT]; /* the first interruption or short transfer, in words */
	char unanswered[64];   /* a call that returned EINTR and was not made again; or empty */
	int kills_of_all;      /* kill(-1, ...): refused */
	int kills_of_group;    /* kill(0, ...) */
	int kills_of_harness;  /* kill of the supervisor or the judge: refused */

	int fell_through;       /* children that came back from the function */
	int markers_printed;    /* times that the caller's unflushed line came out */
	int bystanders_reaped;  /* children of the caller's own that were waited for */
	int bystanders_killed;
	struct process_list zombies, orphans; /* when the call returned, after a grace of 20 ms */
	struct fd_list leaked_fds, closed_fds; /* count -1: could not be looked at */
	struct mapping_list leaked_mappings;   /* the same */
	struct name_list leaked_names;

	struct scene scene;            /* everyone, and what they were doing, at a time-out, a loop
	                                * or the first stall */
	struct crash crash;            /* of the caller, or else of one of its descendants */
	int pipe_uses;                 /* with call->note_pipes; may exceed what is kept */
	struct pipe_use pipe_use[PIPE_USES];

	double wall_seconds, cpu_seconds;
	char output[OUTPUT_KEPT]; /* the end of what was printed */
};

typedef void call_body(void *arg);

/* What a plug-in must be linked with, so that its own allocations, and nobody
 * else's, come to the harness (calls_make.c). */
#define PLUGIN_LINK_OPTIONS \
	"-Wl,--wrap=malloc", "-Wl,--wrap=calloc", "-Wl,--wrap=realloc", \
	"-Wl,--wrap=reallocarray", "-Wl,--wrap=aligned_alloc"

struct call {
	const char *plugin; /* the shared object's path */
	call_body *body;    /* run in the caller */
	const char *text;   /* the call as the student would write it, for messages; or NULL */
	void *arg;          /* handed to body; from shared_alloc() where results come back */
	struct limits limits;
	struct faults faults;
	bool note_pipes;    /* take down which process used which pipe */
	bool bystanders;    /* give the caller two children of its own: one ended, one running */
	void (*stalled)(void *arg); /* not NULL: called by the supervisor when nobody in the tree
	                             * has run for a while, or when it runs in circles; may be
	                             * called again */
	bool terminal;      /* leave the caller its standard output (a run by hand) */
	void (*progress)(void *arg); /* not NULL: called by the judge every 50 ms meanwhile */
};

/* Makes the call and returns when nothing of it is alive any more. */
void supervise(const struct call *call, struct outcome *outcome);

/* For the body: the plug-in's function of this name. Does not return where there
 * is none (the outcome is then ENDING_NOT_LOADED). */
typedef void plugin_fn(void);
plugin_fn *plugin_function(const char *name);

/* For the body: this child of the caller's is the harness's own, and nothing of the
 * student's. Of so many it is remembered; outside of a supervised call, of none. */
enum { OWN_CHILDREN = 16 };
void call_own_child(pid_t pid);

/* For the body: the student's function comes next; has just returned value. */
void call_begin(void);
void call_end(long value);

#endif
