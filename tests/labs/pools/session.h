/* What the suites of the pools have in common: a session.
 *
 * A pool lives from one call to the next, so what is supervised is not a call but a
 * program: a function of the suite's that makes pools, gives them work and ends them,
 * as any caller would. It uses the calls of session_*() below, which call the student's
 * functions and note what these returned. Afterwards, in the process that decides the
 * verdict, session_run holds all of it against what was to be expected.
 *
 *     static void two_calls(struct session *s)
 *     {
 *         struct pool *pool = session_create(s, 2);
 *         session_map(s, pool, 100, 7);
 *         session_map(s, pool, 5, 0);
 *         session_close(s, pool);
 *     }
 *
 *     static void keeps_results_apart(struct test *t)
 *     {
 *         struct session *s = session_new(t, two_calls);
 *         session_run(t, s, NULL);
 *         session_free(s);
 *     }
 *
 * The first call that goes wrong ends the program: what comes after it would only be a
 * consequence. So none of them returns to it with a failure that is not expected.
 *
 * The task is ours (session_task). Each call gets seeds that no other has, so that each
 * task knows which call it belongs to, and what it is to do there.
 */
#ifndef SESSION_H
#define SESSION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "judge.h"
#include "map.h"
#include "rendezvous.h"
#include "suite.h"
#include "task.h"
#include "workload.h"

struct pool;

enum {
	SESSION_CALLS = 8192,   /* that are noted */
	SESSION_PROCESSES = 64, /* that run tasks */
	SESSION_TASKS = 20000,  /* of all calls together, by default */
	SESSION_TEXT = 96,
	SESSION_STEPS = 300     /* in one go; who looks again and again would take all day */
};

/* What a call is expected to do. */
enum session_expected {
	TO_SUCCEED,
	TO_FAIL,      /* with `error` */
	TO_DO_EITHER  /* succeed, with all of its results; or fail with `error` */
};

/* What the tasks of a call do before they return. */
enum session_doing {
	DO_NOTHING,
	DO_MEET,      /* the first task of each process waits until `amount` processes are in theirs */
	DO_SIMULATED, /* work in simulated time, by `amount` workers: the first `heavy` tasks cost
	               * 100, the others 1 */
	DO_BURN,      /* CPU time: `amount` numbers are squared */
	DO_NAP,       /* sleep for `amount` milliseconds */
	DO_DIE,       /* the task at `index` kills its worker */
	DO_EXIT,      /* or ends it by _exit(0) */
	DO_DIE_AMID_ENDLESS, /* the task at `index` kills its worker, all others never end */
	DO_WAIT,      /* wait until session_release was called for this call */
	DO_JOIN       /* the task at `index` comes to the meeting that session_meet_later made */
};

/* How long a call may wait for tasks. */
enum session_patience {
	CALL_MAY_WAIT,
	CALL_MUST_NOT_WAIT, /* however long the tasks take */
	CALL_HAS_TIMEOUT    /* `timeout` seconds */
};

struct session_work {
	enum session_doing doing;
	size_t index, heavy;
	int amount;
	int burn; /* besides, each task squares so many numbers, and its CPU time is noted */
};

/* A call of the student's, and what became of it. */
struct session_call {
	char text[SESSION_TEXT];  /* as the student would write it */
	enum session_expected expected;
	int error;                /* that is expected, if it fails */
	struct session_work work;
	bool other_task;          /* its task is session_other_task */
	bool maps;                /* it has tasks, and results to be looked at: */
	size_t first, n, chunk;   /* their place among all tasks of the session */

	/* seen */
	bool returned;
	long value;               /* of a function that returns a pointer: 0, or -1 for NULL */
	int value_error;          /* errno */
	double seconds;
	long broken_results, broken_seeds; /* see fence.h */
	bool seeds_changed;
	size_t at_return;         /* of its tasks, how many had been begun when it returned, */
	size_t soon_after;        /* and where not all had, how many a little later */

	/* of an asynchronous call (session_async.c) */
	enum session_patience patience;
	double timeout, start;
	bool waits;               /* async_wait, _wait_any or _get */
	int result;               /* the number, from 1, by which messages call what it returned */
	atomic_bool released;     /* its tasks that DO_WAIT may go on */
	size_t not_begun;         /* of its tasks, when the first async_get had succeeded */
};

/* A result of the student's: NULL if there is none, and the call that it belongs to. */
struct async_result;
struct session_result {
	struct async_result *result;
	int call;
};

struct session {
	/* set by the test before session_run */
	void (*program)(struct session *s);
	size_t tasks;             /* room for so many */
	bool steps;               /* workers stop now and then between any two instructions, */
	bool parent_dies;         /* the program runs in a child of the caller's that dies, */
	bool ctrl_c;              /* of a Ctrl-C, when `ready` is set */
	uint32_t race_seed;       /* not 0: look for races, with these delays */
	int number, other;        /* for the program's use */
	uint32_t random;          /* the same */

	/* what the next calls are: set by the program */
	struct session_work work;
	enum session_expected expected;
	int error;
	bool no_task, no_seeds, no_results, other_task;

	/* seen */
	int calls;                /* begun */
	int workers_asked;        /* of all pools that were made */
	struct session_call call[SESSION_CALLS];
	pid_t caller;             /* or the process that stands for it, with parent_dies */
	atomic_int processes;     /* that ran tasks; may exceed SESSION_PROCESSES */
	struct map_process process[SESSION_PROCESSES];
	atomic_size_t strangers;  /* tasks run for seeds that were not given */
	atomic_size_t late;       /* tasks run for what the caller wrote over its seeds */
	atomic_size_t in_caller;  /* tasks run in the caller's process */
	double measured[16];      /* by the program */
	char complaint[512], next_step[512]; /* of the program: see session_complain */
	enum diagnosis diagnosis;
	size_t given;             /* tasks so far */
	int stalled;              /* 1 + the call during which nobody moved any more; or 0 */
	bool stalled_inside;      /* and that call had not returned */

	int parent_status;        /* with parent_dies: how it ended, as of wait; */
	double seconds_until_gone; /* so long its workers outlived it */

	/* the harness's own */
	atomic_bool watched, ready;
	struct rendezvous meeting;
	struct workload load;
	int results_made;         /* by asynchronous calls */
	atomic_int gate;          /* tasks of calls up to this one may end */
	atomic_int gate_changes;  /* a futex word: raised when they may, or those of one call */
	uint32_t first_seed;
	size_t size;
	struct map_plan steps_plan;
	atomic_uchar *times;      /* of each task: how often it was run, up to 255 */
	atomic_uchar *who;        /* by which process */
	uint16_t *call_of;        /* to which call it belongs */
	int32_t *results;
};

/* With room for SESSION_TASKS; or for more. Free it with session_free. */
struct session *session_new(struct test *t, void (*program)(struct session *s));
struct session *session_with_tasks(struct test *t, void (*program)(struct session *s),
                                   size_t tasks);
void session_free(struct session *s);

/* Runs the program and judges what can always be judged: how it ended, what each call
 * returned, the results, each task once, nothing run in the caller. Returns whether the
 * verdict is still open. `how`: with which faults and limits; or NULL. */
bool session_run(struct test *t, struct session *s, const struct call *how);

/* The same in two steps: whether the program came back, and whether its calls did what
 * they should. For tests that know better what a hang or a crash means. */
bool session_start(struct test *t, struct session *s, const struct call *how);
bool session_judge(struct test *t, struct session *s);

/* The last call that was begun, in words: "pool_map(pool, task, seeds, 100, results, 7),
 * call 3 of the session"; or any call. In a static buffer. */
const char *session_place(const struct session *s);
const char *session_place_of(const struct session *s, const struct session_call *c);

/* --- for the program ------------------------------------------------------------- */

struct pool *session_create(struct session *s, int workers);
bool session_map(struct session *s, struct pool *pool, size_t n, size_t chunk);
bool session_apply(struct session *s, struct pool *pool);
int session_workers(struct session *s, struct pool *pool);
void session_close(struct session *s, struct pool *pool);
void session_terminate(struct session *s, struct pool *pool);

/* What the next calls' tasks do, and what these calls are expected to do. */
void session_do(struct session *s, struct session_work work);
void session_expect(struct session *s, enum session_expected expected, int error);

/* Lets the tasks of all calls up to this one, that DO_WAIT, go on; or those of this one. */
void session_release(struct session *s, int call);
void session_release_one(struct session *s, int call);

/* A meeting of so many, tasks that DO_JOIN and the program itself, for the next calls. Then
 * the program's part in it: whether all have come. */
void session_meet_later(struct session *s, unsigned amount);
bool session_meet(struct session *s);

/* How many tasks of a call have been begun so far. */
size_t session_begun(const struct session *s, int call);

/* Time that passes with nobody doing anything. */
void session_nap(double seconds);

/* CPU time of all processes that have run tasks so far and live; in seconds. */
double session_workers_cpu(const struct session *s);

/* By the CPU time that each process burned since this was last asked: the speed-up that
 * the sharing of the work allows (makespan.h). */
double session_sharing(struct session *s);

/* Kills a process that has run tasks: the one that came as number `which`. */
void session_kill(struct session *s, int which);

/* The program itself has seen that something is wrong: that is the verdict, unless a
 * call before it went wrong. Ends the program. */
void session_complain(struct session *s, enum diagnosis diagnosis, const char *next_step,
                      const char *format, ...) __attribute__((format(printf, 4, 5), noreturn));

/* Ends the program, and with it the caller's process as far as it is under test. */
void session_leave(struct session *s) __attribute__((noreturn));

/* --- calls that return before the work is done (session_async.c) ------------------- */

/* Queue one task, or n; the array of seeds is overwritten and freed right after the call.
 * What async_get copied out is judged as the results of the call that queued them, and is
 * compared with what an earlier async_get gave. */
struct session_result session_apply_async(struct session *s, struct pool *pool);
struct session_result session_map_async(struct session *s, struct pool *pool, size_t n,
                                        size_t chunk);

/* Each returns what the student's function returned. Those with a time-out are held
 * against it: session_expect(s, TO_FAIL, ETIMEDOUT) where the tasks will not end in time. */
int session_ready(struct session *s, struct session_result r);
int session_wait(struct session *s, struct session_result r, double timeout);
int session_wait_any(struct session *s, const struct session_result r[], size_t count,
                     double timeout);
int session_get(struct session *s, struct session_result r, double timeout);
void session_free_result(struct session *s, struct session_result r);

/* session_get for ever, then session_free_result. */
void session_take(struct session *s, struct session_result r);

/* --- the task --------------------------------------------------------------------- */

task_fn session_task, session_other_task; /* the second is used where s->other_task is set */
extern struct session *the_session; /* in the caller and its children */

#endif
