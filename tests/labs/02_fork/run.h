/* What the tests of lab 02 have in common: one call of run_workers.
 *
 * Each test fills in a `struct run`, which the caller's process shares with this
 * one: what every worker shall do, and then what every worker saw. The workers'
 * body is ours, so that what is judged is what really happened.
 */
#ifndef RUN_H
#define RUN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include "rendezvous.h"
#include "run_workers.h"
#include "suite.h"

enum { WORKERS_MAX = 64 };

enum deed { RETURN_STATUS, DIE_OF_SIGNAL, SLEEP_FOR_EVER, MEET_THE_OTHERS };

struct worker {
	enum deed deed; /* what it shall do, */
	int number;     /* with this status or signal, */
	double seconds; /* after sleeping so long */

	atomic_int times_run; /* what was seen of it */
	pid_t pid, tid;
};

struct run {
	int workers, calls;
	worker_fn *body; /* that is handed to run_workers */
	struct worker worker[WORKERS_MAX];
	struct rendezvous meeting;

	/* what was seen */
	pid_t caller;
	atomic_int strange;               /* bodies called with other arguments, */
	int strange_rank, strange_workers; /* one of them, */
	bool strange_context;
	int statuses[WORKERS_MAX];
	long broken;
};

/* A run of so many workers, which return 0 at once; free it with run_free. */
struct run *run_create(int workers);
void run_free(struct run *run);

/* The body of the workers: does its deed, and notes what it saw. */
worker_fn run_body;

/* "run_workers(3, body, ...)", for messages; in one static buffer. */
const char *run_text(const struct run *run);

/* Makes the call, `how` (or NULL) saying with which faults. Returns whether it
 * came back from where it was called; run_succeeds also: not with -1. */
bool run_call(struct test *t, struct run *run, const struct call *how);
bool run_succeeds(struct test *t, struct run *run, const struct call *how);

/* Whether so many workers run side by side; if not, decides so. */
bool run_meets(struct test *t, int workers);

/* Were as many processes started as asked, each rank run once? */
void run_judge_starts(struct test *t, const struct run *run);
void run_judge_ranks(struct test *t, const struct run *run);

/* Holds what run_workers reported against what the workers did. */
void run_judge_statuses(struct test *t, const struct run *run, const char *next_step);

/* The next step for statuses that were not decoded. */
extern const char run_decode[];

/* The graded tests, by their files. */
test_fn runs_every_rank, reports_exit_statuses, reports_signals, slow_worker_hides_nobody;
test_fn runs_in_processes, starts_all_before_waiting, many_workers;
test_fn reaps_every_child, leaves_other_children_alone, ends_children_quietly, leaves_nothing_open;
test_fn survives_interruptions, undoes_a_failed_start, rejects_bad_arguments;
test_fn faster_than_serial;

#endif
