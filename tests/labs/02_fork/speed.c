/* Lab 02: is the work done sooner with several workers?
 *
 * The body is the kit's: worker `rank` of `workers` does its slice of the tasks. So
 * what is measured is what run_workers itself costs, and whether it lets the bodies
 * run side by side. The stages are those of the maps (../maps/speed.c).
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "contest.h"
#include "judge.h"
#include "makespan.h"
#include "reference.h"
#include "run.h"
#include "shared.h"
#include "speed.h"
#include "stages.h"

enum { BURN = 1000, RESULTS_MOST = 1 << 20 };

typedef int run_workers_fn(int, worker_fn *, void *, int[]);

struct timed_run {
	struct contest contest;
	run_workers_fn *function; /* in the caller only */

	/* one job */
	const uint32_t *seeds;
	size_t n;
	int32_t results[RESULTS_MOST];

	/* what the bodies burned */
	pid_t pid[CONTEST_WORKERS_MOST];
	double cpu_seconds[CONTEST_WORKERS_MOST];
	double speedup[MAKESPAN_ROUNDS];
};

/* --- sharing out ------------------------------------------------------------------ */

static int burn(int rank, int workers, void *context)
{
	struct timed_run *timed = context;
	volatile int32_t square;
	double start = clock_thread_cpu();
	(void)workers;
	for (uint32_t i = 0; i < BURN; i++)
		square = reference_square(i);
	(void)square;
	timed->pid[rank] = getpid();
	timed->cpu_seconds[rank] = clock_thread_cpu() - start;
	return 0;
}

/* Ranks that ran in the same process count as one. */
static double speedup_of(const struct timed_run *timed)
{
	double sums[CONTEST_WORKERS_MOST] = { 0 };
	for (int rank = 0; rank < timed->contest.workers; rank++)
		for (int first = 0; first <= rank; first++)
			if (timed->pid[first] == timed->pid[rank]) {
				sums[first] += timed->cpu_seconds[rank];
				break;
			}
	return makespan_speedup(sums, (size_t)timed->contest.workers);
}

static void call_burning(void *arg)
{
	struct timed_run *timed = arg;
	int statuses[CONTEST_WORKERS_MOST], value = 0;
	run_workers_fn *function = (run_workers_fn *)plugin_function("run_workers");
	call_begin();
	for (int i = 0; i < MAKESPAN_ROUNDS && value == 0; i++) {
		value = function(timed->contest.workers, burn, timed, statuses);
		timed->speedup[i] = speedup_of(timed);
	}
	call_end(value);
}

/* --- the clock ---------------------------------------------------------------------- */

static int do_slice(int rank, int workers, void *context)
{
	struct timed_run *timed = context;
	size_t count = (size_t)workers, which = (size_t)rank;
	for (size_t i = timed->n * which / count; i < timed->n * (which + 1) / count; i++)
		timed->results[i] = reference_square(timed->seeds[i]);
	return 0;
}

static int run_slices(void *context, const uint32_t *seeds, size_t n, int32_t *results,
                      int workers)
{
	struct timed_run *timed = context;
	int statuses[CONTEST_WORKERS_MOST];
	timed->seeds = seeds;
	timed->n = n;
	int value = timed->function(workers, do_slice, timed, statuses);
	memcpy(results, timed->results, n * sizeof *results);
	return value;
}

static void call_contest(void *arg)
{
	struct timed_run *timed = arg;
	timed->function = (run_workers_fn *)plugin_function("run_workers");
	call_begin();
	contest_run(&timed->contest, run_slices, timed);
	call_end(timed->contest.value);
}

/* --- in the judge ---------------------------------------------------------------------- */

static bool call_succeeds(struct test *t, struct timed_run *timed, call_body *body)
{
	struct call call = { .body = body, .arg = timed, .text = "run_workers, timed",
		                 .limits = CONTEST_LIMITS };
	test_call(t, &call);
	if (judge_ending(&t->verdict, &call, &t->outcome))
		judge_refusal(&t->verdict, &t->outcome, "run_workers");
	return verdict_open(&t->verdict);
}

void faster_than_serial(struct test *t)
{
	int workers = speed_workers(), stages = stages_wanted();
	if (!run_meets(t, workers > 1 ? workers : 2) || !speed_possible(&t->verdict))
		return;
	struct timed_run *timed = shared_alloc(sizeof *timed);
	timed->contest = (struct contest){ .workers = workers, .seed = test_random(t, 77) };
	if (call_succeeds(t, timed, call_burning))
		speed_judge_makespan(&t->verdict, timed->speedup, MAKESPAN_ROUNDS, workers, "run_workers");
	if (verdict_open(&t->verdict) && stages >= STAGE_CLOCK &&
	    call_succeeds(t, timed, call_contest))
		speed_judge(&t->verdict, &timed->contest, "run_workers");
	shared_free(timed, sizeof *timed);
}
