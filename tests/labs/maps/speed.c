/* Every map: is it faster than the serial loop, and from which n on?
 *
 * Three stages, the cheapest first (docs/how-grading-works.md):
 *   1. all workers meet in their first tasks: they run side by side;
 *   2. the CPU time that each worker's tasks took: the work is shared out;
 *   3. the clock, in rounds against the serial loop and bare forks: the rest is
 *      not so slow that nothing is gained.
 * The first two cannot be spoiled by neighbours. The third may find that nothing can
 * be measured here.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>

#include "contest.h"
#include "makespan.h"
#include "map.h"
#include "reference.h"
#include "shared.h"
#include "speed.h"
#include "stages.h"

enum { TASKS_EACH = 8, BURN = 120 }; /* tasks of about 0.1 ms */

/* --- sharing out ---------------------------------------------------------------- */

/* In simulated time the tasks keep step, so that a worker which gets a CPU sooner
 * does not rightly do the others' tasks, too; their CPU time is real. */
static void judge_sharing(struct test *t, const struct map_kind *kind, int workers)
{
	struct map *map = map_create(t, kind, (size_t)(TASKS_EACH * workers), workers);
	map->plan.calls = MAKESPAN_ROUNDS;
	map->plan.simulated = true;
	map->plan.burn = BURN;
	if (map_succeeds(t, map, NULL)) {
		map_judge(t, map);
		speed_judge_makespan(&t->verdict, map->speedup, MAKESPAN_ROUNDS, workers, kind->function);
	}
	map_free(map);
}

/* --- the clock -------------------------------------------------------------------- */

struct clocked {
	struct contest contest;
	const struct map_kind *kind;
	plugin_fn *function; /* in the caller only */
};

typedef int plain_fn(task_fn *, const uint32_t *, size_t, int32_t *, int);
typedef int chunked_fn(task_fn *, const uint32_t *, size_t, int32_t *, int, size_t);

/* Chunks as large as is usual: 16 for each worker. */
static int call_way(void *context, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	const struct clocked *clocked = context;
	plugin_fn *f = clocked->function;
	if (clocked->kind->form == MAP_CHUNKED)
		return ((chunked_fn *)f)(reference_square, seeds, n, results, workers,
		                         n / (16 * (size_t)workers) + 1);
	return ((plain_fn *)f)(reference_square, seeds, n, results, workers);
}

static void call_contest(void *arg)
{
	struct clocked *clocked = arg;
	clocked->function = plugin_function(clocked->kind->function);
	call_begin();
	contest_run(&clocked->contest, call_way, clocked);
	call_end(clocked->contest.value);
}

static void judge_clock(struct test *t, const struct map_kind *kind, int workers)
{
	char text[128];
	struct clocked *clocked = shared_alloc(sizeof *clocked);
	struct call call = {
		.body = call_contest,
		.arg = clocked,
		.text = text,
		.limits = CONTEST_LIMITS,
	};
	snprintf(text, sizeof text, "%s with %d workers, timed", kind->function, workers);
	clocked->contest = (struct contest){ .workers = workers, .seed = test_random(t, 77) };
	clocked->kind = kind;
	test_call(t, &call);
	if (judge_ending(&t->verdict, &call, &t->outcome))
		speed_judge(&t->verdict, &clocked->contest, kind->function);
	shared_free(clocked, sizeof *clocked);
}

void map_test_faster(struct test *t, const struct map_kind *kind)
{
	int workers = speed_workers(), stages = stages_wanted();
	if (!map_meets(t, kind, workers > 1 ? workers : 2) || !speed_possible(&t->verdict))
		return;
	judge_sharing(t, kind, workers);
	if (verdict_open(&t->verdict) && stages >= STAGE_CLOCK)
		judge_clock(t, kind, workers);
}
