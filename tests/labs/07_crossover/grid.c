/* Three ways take turns at each point of the grid: see grid.h. */
#define _GNU_SOURCE
#include "grid.h"

#include <errno.h>
#include <string.h>

#include "clock.h"
#include "crossover.h"
#include "fence.h"
#include "kit.h"
#include "supervise.h"

typedef int adaptive_map_fn(map_fn *, void *, task_fn *, const uint32_t *, size_t, int32_t *);

enum { LARGEST = 100000, STARTS_MOST = 100 };
enum way { SERIAL, PARALLEL, ADAPTIVE, WAYS };

static const double longest = 20e-3; /* seconds: points with more work are left out */

/* In the caller's process. */
static struct {
	struct grid *grid;
	adaptive_map_fn *adaptive_map;
	uint32_t *seeds;
	int32_t *results;
	double cost;
	bool went_parallel;
	int starts;   /* of the model, in one call */
	uint32_t random;
} run;

static uint32_t next_random(void)
{
	run.random ^= run.random << 13; /* xorshift: Marsaglia, 2003 */
	run.random ^= run.random >> 17;
	run.random ^= run.random << 5;
	return run.random;
}

/* The model of a parallel map: its start, and the largest of its slices. Tasks of the
 * student's own, to learn what a call costs, are run in it like any others. Who calls
 * it again and again is far outside already, and need not wait for each start. */
static int parallel_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
                        void *context)
{
	(void)context;
	size_t largest = (n + GRID_WORKERS - 1) / GRID_WORKERS;
	if (n == 0)
		return 0;
	run.went_parallel = run.went_parallel || task == kit_task;
	if (run.starts++ < STARTS_MOST)
		kit_compute(GRID_START_SECONDS);
	kit_set_cost(run.cost * (double)largest / (double)n);
	int value = kit_serial(task, seeds, n, results);
	kit_set_cost(run.cost);
	return value;
}

static int take(enum way way, size_t n)
{
	if (way == SERIAL)
		return kit_serial(kit_task, run.seeds, n, run.results);
	if (way == PARALLEL)
		return parallel_map(kit_task, run.seeds, n, run.results, run.grid);
	return run.adaptive_map(parallel_map, run.grid, kit_task, run.seeds, n, run.results);
}

static bool ended(void)
{
	return run.grid->value != 0 || run.grid->wrong_n > 0;
}

/* The thread's clock and not the process's: that one goes in steps of a few
 * milliseconds where CPU time is limited (RLIMIT_CPU), as here. */
static double cpu_now(void)
{
	return clock_thread_cpu() + clock_children_cpu();
}

/* Returns the seconds of CPU time that this way took. The results are overwritten
 * before, so that their pages are there, and looked at after, so that no task is
 * saved. */
static double timed(enum way way, size_t n)
{
	memset(run.results, 0xa7, n * sizeof *run.results);
	run.went_parallel = false;
	run.starts = 0;
	errno = 0;
	double start = cpu_now();
	int value = take(way, n);
	double seconds = cpu_now() - start;
	if (value != 0) {
		run.grid->error = errno;
		run.grid->value = value;
		return seconds;
	}
	for (size_t i = 0; i < n; i++)
		if (run.results[i] != kit_value(run.seeds[i]))
			run.grid->wrong_n = n;
	return seconds;
}

/* Each way once, in random order (Fisher and Yates). */
static struct grid_round make_round(size_t n)
{
	enum way order[WAYS] = { SERIAL, PARALLEL, ADAPTIVE };
	struct grid_round round = { 0 };
	double *seconds[WAYS] = { &round.serial, &round.parallel, &round.adaptive };
	double wall = clock_wall(), cpu = cpu_now();
	for (unsigned i = WAYS - 1; i > 0; i--) {
		unsigned j = next_random() % (i + 1);
		enum way way = order[i];
		order[i] = order[j];
		order[j] = way;
	}
	for (int i = 0; i < WAYS && !ended(); i++) {
		*seconds[order[i]] = timed(order[i], n);
		if (order[i] == ADAPTIVE)
			round.went_parallel = run.went_parallel;
	}
	wall = clock_wall() - wall;
	cpu = cpu_now() - cpu;
	round.waited = cpu < wall ? 1 - cpu / wall : 0;
	return round;
}

/* The first round meets what nobody has touched before, and is thrown away. Returns
 * whether the point is inside. */
static bool measure(struct grid_point *point)
{
	enum grid_state state;
	run.cost = point->cost;
	kit_set_cost(run.cost);
	make_round(point->n);
	do {
		point->round[point->rounds++] = make_round(point->n);
		state = grid_judge(point).state;
	} while (state == GRID_GO_ON && !ended());
	return state == GRID_INSIDE && !ended();
}

/* All pairs of 0.1, 1, 10, 100 us and of 1, 10, ..., 100,000 that do not take too
 * long. */
static void lay_out(struct grid *grid)
{
	static const double costs[] = { 0.1e-6, 1e-6, 10e-6, 100e-6 };
	int points = 0;
	for (int i = 0; i < 4; i++) {
		for (size_t n = 1; n <= LARGEST && (double)n * costs[i] <= longest; n *= 10) {
			grid->point[points].cost = costs[i];
			grid->point[points++].n = n;
		}
	}
}

void grid_run(void *arg)
{
	struct grid *grid = run.grid = arg;
	run.adaptive_map = (adaptive_map_fn *)plugin_function("adaptive_map");
	run.random = grid->seed | 1;
	run.seeds = fence_alloc(LARGEST * sizeof *run.seeds);
	run.results = fence_alloc(LARGEST * sizeof *run.results);
	for (size_t i = 0; i < LARGEST; i++)
		run.seeds[i] = next_random();
	lay_out(grid);
	kit_calibrate();
	call_begin();
	for (int i = 0; i < GRID_POINTS && measure(&grid->point[i]); i++)
		;
	errno = grid->error;
	call_end(grid->value);
	fence_free(run.seeds);
	fence_free(run.results);
}
