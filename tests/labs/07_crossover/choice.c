/* Lab 07, adaptive_map: has it chosen well, whatever the tasks cost? What is measured,
 * and how it is decided, stands in grid.h; here are the words.
 */
#define _GNU_SOURCE
#include <stdio.h>

#include "adaptive.h"
#include "grid.h"
#include "judge.h"
#include "shared.h"
#include "speed.h"
#include "tests.h"

static const char later[] =
	"Nothing is wrong with your code for all we know. When the machine is free, type "
	"make check LAB=07 TEST=adaptive_chooses_well again: these points stay open until then.";

static const char *next_step(const struct grid_result *r)
{
	bool parallel_is_better = r->parallel < r->serial;
	if (parallel_is_better && !r->went_parallel)
		return "Time the first tasks, multiply by how many are left: that is what the loop would "
		       "still take, and processes pay when it is more than they cost to start.";
	if (!parallel_is_better && r->went_parallel)
		return "Here the processes cost more than the work. Measure what a task costs, with more "
		       "than one of them: the first is slow, and one may be too short for a clock.";
	if (parallel_is_better)
		return "It did go parallel, but too much came before: stop timing after some 10 us, and "
		       "leave all the rest to one call of the parallel map.";
	return "It stayed in the caller, so what takes so long is something that it does besides: "
	       "measure less.";
}

/* What was measured at a point, and what is required there. */
static const char *figures(const struct grid_point *point, const struct grid_result *r)
{
	static char text[480];
	snprintf(text, sizeof text,
	         "With %zu task%s of %.1f us, adaptive_map took %.1f us. The loop takes %.1f us, the "
	         "test's parallel map %.1f us: it needs %.0f us to start, and then is %d times as fast "
	         "(medians of %zu rounds). Required: at most %.1f us, 25%% and 20 us above the better "
	         "of the two.",
	         point->n, point->n == 1 ? "" : "s", point->cost * 1e6, r->adaptive * 1e6,
	         r->serial * 1e6, r->parallel * 1e6, GRID_START_SECONDS * 1e6, GRID_WORKERS,
	         point->rounds, r->allowed * 1e6);
	return text;
}

static void judge_point(struct test *t, const struct grid_point *point)
{
	struct grid_result r = grid_judge(point);
	if (r.state == GRID_OUTSIDE)
		verdict_fail(&t->verdict, NOT_FASTER, next_step(&r), "%s", figures(point, &r));
	if (r.state != GRID_NOT_MEASURED || !verdict_open(&t->verdict))
		return;
	verdict_set(&t->verdict, VERDICT_NOT_MEASURED,
	            "Whether adaptive_map chooses well cannot be told here and now: other programs "
	            "kept it waiting for a CPU during %.0f%% of the time. %s", r.waited * 100,
	            figures(point, &r));
	snprintf(t->verdict.next_step, sizeof t->verdict.next_step, "%s", later);
}

/* Passed: by how much, where it was closest. */
static void tell_closest(struct test *t, const struct grid *grid)
{
	const struct grid_point *closest = &grid->point[0];
	for (int i = 1; i < GRID_POINTS; i++)
		if (grid_judge(&grid->point[i]).part > grid_judge(closest).part)
			closest = &grid->point[i];
	struct grid_result r = grid_judge(closest);
	verdict_set(&t->verdict, VERDICT_PASSED, "Closest to its bound: %s", figures(closest, &r));
}

/* Returns whether to try again: something is outside, and this is not the last try. */
static bool judge_grid(struct test *t, const struct grid *grid, bool last)
{
	if (grid->wrong_n > 0)
		verdict_fail(&t->verdict, WRONG_RESULT, "See what adaptive_in_order says.",
		             "With n = %zu a result was wrong. Expected: results[i] is task(seeds[i]).",
		             grid->wrong_n);
	judge_refusal(&t->verdict, &t->outcome, "adaptive_map");
	bool good = true;
	for (int i = 0; i < GRID_POINTS && verdict_open(&t->verdict); i++) {
		good = good && grid_judge(&grid->point[i]).state == GRID_INSIDE;
		if (last)
			judge_point(t, &grid->point[i]);
	}
	if (good && verdict_open(&t->verdict))
		tell_closest(t, grid);
	return !good && !last && verdict_open(&t->verdict);
}

/* Whether there is an adaptive_map at all: also where nothing can be measured. */
static bool written(struct test *t)
{
	struct adaptive *call = adaptive_create(t, 3, 0);
	bool good = adaptive_succeeds(t, call);
	adaptive_free(call);
	return good;
}

/* Measures the grid in a process of its own. Returns whether to try again. */
static bool measure(struct test *t, uint32_t attempt, bool last)
{
	struct grid *grid = shared_alloc(sizeof *grid);
	struct call call = {
		.body = grid_run,
		.arg = grid,
		.text = "adaptive_map(parallel, context, task, seeds, n, results)",
		.limits = { .cpu_seconds = 30, .most_seconds = 60 },
	};
	grid->seed = test_random(t, attempt);
	test_call(t, &call);
	bool again = false;
	if (judge_ending(&t->verdict, &call, &t->outcome))
		again = judge_grid(t, grid, last);
	shared_free(grid, sizeof *grid);
	return again;
}

/* Whoever remembers what a call has cost may have been disturbed at the wrong moment:
 * so it takes two processes to fail. */
void adaptive_chooses_well(struct test *t)
{
	if (!written(t))
		return;
	if (speed_possible(&t->verdict) && measure(t, 1, false))
		measure(t, 2, true);
}
