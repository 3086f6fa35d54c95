/* Lab 07, adaptive_map: whatever it chooses, every task once and every result in
 * its place.
 *
 * The plans reach from tasks that cost nothing, for which no process pays, to tasks
 * of a millisecond, for which it does: so both ways are seen, and the passage from
 * the tasks that were timed to the rest.
 */
#define _GNU_SOURCE
#include <errno.h>

#include "adaptive.h"
#include "fence.h"
#include "judge.h"
#include "kit.h"
#include "tests.h"

static const struct plan {
	size_t n;
	double cost_seconds;
} plans[] = {
	{ 1, 0 }, { 2, 0 }, { 3, 1e-3 }, { 7, 0 }, { 100, 1e-6 }, { 1000, 0 }, { 40, 1e-3 },
	{ 301, 100e-6 }, { 20001, 1e-6 }, { 100000, 0 },
};
enum { PLANS = sizeof plans / sizeof *plans };

static void with_each_plan(struct test *t,
                           void (*judge)(struct test *, const struct adaptive *))
{
	for (int i = 0; i < PLANS && verdict_open(&t->verdict); i++) {
		struct adaptive *call = adaptive_create(t, plans[i].n, plans[i].cost_seconds);
		if (adaptive_succeeds(t, call))
			judge(t, call);
		adaptive_free(call);
	}
}

/* --- results ----------------------------------------------------------------------- */

/* Which of the two ways was taken: a mistake is often in one of them. */
static const char *way_text(const struct adaptive *call)
{
	return call->maps > 0 ? "it called the parallel map" : "it did not call the parallel map";
}

static void judge_results(struct test *t, const struct adaptive *call)
{
	size_t different = 0, first = 0;
	judge_fence(&t->verdict, call->broken, "results", call->n, sizeof *call->results);
	for (size_t i = call->n; i-- > 0;) {
		if (call->results[i] != adaptive_value(call, i)) {
			different++;
			first = i;
		}
	}
	if (different > 0 && call->results[first] == FENCE_FRESH)
		verdict_fail(&t->verdict, WRONG_RESULT,
		             "The timed tasks are tasks like any others: keep their results. The rest "
		             "begins where they end, in seeds and in results.",
		             "With n = %zu and tasks of %.0f us, results[%zu] was never written (%s). %zu of "
		             "%zu results differ. Expected: results[i] is task(seeds[i]).",
		             call->n, call->cost_seconds * 1e6, first, way_text(call), different,
		             call->n);
	if (different > 0)
		verdict_fail(&t->verdict, WRONG_RESULT,
		             "After the first `done` tasks, the rest are seeds + done and results + done, "
		             "n - done of them.",
		             "With n = %zu and tasks of %.0f us, results[%zu] is not that of seeds[%zu] "
		             "(%s). %zu of %zu results differ. Expected: results[i] is task(seeds[i]).",
		             call->n, call->cost_seconds * 1e6, first, first, way_text(call), different,
		             call->n);
	if (call->wrong_context > 0)
		verdict_fail(&t->verdict, WRONG_RESULT, "Hand on the context that you were given.",
		             "adaptive_map called the parallel map with another context than it was given "
		             "itself.");
}

/* n = 0 with nothing to point to. A parallel map may be asked to map nothing. */
static void judge_nothing(struct test *t)
{
	struct adaptive *call = adaptive_create(t, 0, 0);
	call->no_seeds = call->no_results = true;
	if (verdict_open(&t->verdict) && adaptive_succeeds(t, call))
		judge_fence(&t->verdict, call->broken, "results", 0, sizeof *call->results);
	adaptive_free(call);
}

void adaptive_in_order(struct test *t)
{
	with_each_plan(t, judge_results);
	judge_nothing(t);
}

/* --- tasks ---------------------------------------------------------------------------- */

static void judge_tasks(struct test *t, const struct adaptive *call)
{
	size_t lost = 0, repeated = 0, first_lost = 0, first_repeated = 0;
	for (size_t i = call->n; i-- > 0;) {
		if (call->times[i] == 0) {
			lost++;
			first_lost = i;
		} else if (call->times[i] > 1) {
			repeated++;
			first_repeated = i;
		}
	}
	if (repeated > 0)
		verdict_fail(&t->verdict, REPEATED_TASK,
		             "What was run to be timed is done: the rest begins behind it, for the loop "
		             "and for the parallel map.",
		             "With n = %zu and tasks of %.0f us, the task for seeds[%zu] was run %d times; %zu "
		             "tasks were run more than once (%s). Expected: each exactly once, also those "
		             "that were timed.",
		             call->n, call->cost_seconds * 1e6, first_repeated,
		             (int)call->times[first_repeated], repeated, way_text(call));
	if (lost > 0)
		verdict_fail(&t->verdict, LOST_TASK,
		             "Check where the timed tasks end and the rest begins, and that each batch ends "
		             "at n.",
		             "With n = %zu and tasks of %.0f us, the task for seeds[%zu] was never run, and "
		             "%zu in all (%s). Expected: each exactly once.",
		             call->n, call->cost_seconds * 1e6, first_lost, lost, way_text(call));
	if (call->strangers > 0)
		verdict_fail(&t->verdict, REPEATED_TASK, "Run the task for the seeds given, and no other.",
		             "With n = %zu, tasks were run for %zu seeds that were not given.", call->n,
		             (size_t)call->strangers);
}

void adaptive_runs_each_task_once(struct test *t)
{
	with_each_plan(t, judge_tasks);
}

static void judge_clean(struct test *t, const struct adaptive *call)
{
	(void)call;
	judge_leftovers(&t->verdict, &t->outcome);
}

void adaptive_leaves_nothing(struct test *t)
{
	with_each_plan(t, judge_clean);
}

/* --- failures --------------------------------------------------------------------------- */

/* 40 ms of work: two processes take some 20. With one CPU they would not, and who sees
 * that does not call the parallel map at all. */
enum { LONG_TASKS = 40, TRIALS = 3 };
static const double long_seconds = 1e-3;

static void judge_passed_on(struct test *t, const struct adaptive *call)
{
	if (t->outcome.value != -1)
		verdict_fail(&t->verdict, IGNORED_FAILURE,
		             "Return what the parallel map returned; its errno is yours.",
		             "The parallel map failed (-1, errno = %d), and adaptive_map returned %ld. "
		             "Expected: -1 with the same errno.", call->error, t->outcome.value);
	judge_failure(&t->verdict, &t->outcome, call->error, "adaptive_map",
	              "although the parallel map failed");
	judge_leftovers(&t->verdict, &t->outcome);
}

/* Returns whether the parallel map was called, or something was decided. */
static bool fail_in_the_map(struct test *t, int error)
{
	struct adaptive *call = adaptive_create(t, LONG_TASKS, long_seconds);
	call->error = error;
	bool called = !adaptive_call(t, call) || call->maps > 0;
	if (verdict_open(&t->verdict) && called)
		judge_passed_on(t, call);
	adaptive_free(call);
	return called;
}

void adaptive_passes_failures_on(struct test *t)
{
	static const int errors[] = { EAGAIN, ECHILD };
	for (int i = 0; i < 2 && verdict_open(&t->verdict); i++) {
		bool called = false;
		for (int trial = 0; trial < TRIALS && !called; trial++)
			called = fail_in_the_map(t, errors[i]);
		if (!called && kit_workers() > 1)
			verdict_fail(&t->verdict, NOT_FASTER,
			             "Time the first tasks, multiply by how many are left, and compare with "
			             "what starting processes costs: a fraction of a millisecond.",
			             "adaptive_map ran all of %d tasks of 1 ms in the caller, and never called "
			             "the parallel map, here with %d processes. Expected: it does, for 40 ms of "
			             "work.", LONG_TASKS, kit_workers());
	}
}

static void reject(struct test *t, bool no_map, bool no_task, bool no_seeds, bool no_results)
{
	struct adaptive *call = adaptive_create(t, 3, 0);
	call->no_map = no_map;
	call->no_task = no_task;
	call->no_seeds = no_seeds;
	call->no_results = no_results;
	if (verdict_open(&t->verdict) && adaptive_call(t, call))
		judge_failure(&t->verdict, &t->outcome, EINVAL, adaptive_text(call), "with a NULL");
	adaptive_free(call);
}

void adaptive_rejects_bad_arguments(struct test *t)
{
	reject(t, true, false, false, false);
	reject(t, false, true, false, false);
	reject(t, false, false, true, false);
	reject(t, false, false, false, true);
}
