/* Unusual:   adaptive_map, where the work is large, gives the parallel map a part of
 *            the tasks first and times that, too; the rest goes the way that was
 *            faster per task. In between it stays in the caller.
 */
#include "crossover.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double best_time(map_fn *map, void *context, task_fn *task, uint32_t *seeds, size_t n,
                        int32_t *results, int repeats)
{
	double start = seconds(), rest = -1;

	if (map(task, seeds, n, results, context) != 0)
		return -1;
	double own = seconds() - start;

	if (repeats == 1)
		return own;
	rest = best_time(map, context, task, seeds, n, results, repeats - 1);
	return rest < own ? rest : own; /* -1 is the smallest, too */
}

double time_map(map_fn *map, void *context, task_fn *task, size_t n, int repeats)
{
	if (map == NULL || repeats < 1) {
		errno = EINVAL;
		return -1;
	}
	uint32_t *seeds = malloc(4 * n + 4);
	int32_t *results = malloc(4 * n + 4);
	double best = -1;

	if (seeds != NULL && results != NULL) {
		for (size_t i = 0; i < n; i++)
			seeds[i] = (uint32_t)i;
		best = best_time(map, context, task, seeds, n, results, repeats);
	}
	free(seeds);
	free(results);
	return best;
}

size_t find_crossover(const size_t n[], const double serial[], const double parallel[],
                      size_t count)
{
	size_t result = SIZE_MAX;

	for (size_t i = 0; i < count; i++)
		result = parallel[i] < serial[i] ? (result == SIZE_MAX ? n[i] : result) : SIZE_MAX;
	return result;
}

struct work {
	task_fn *task;
	const uint32_t *seeds;
	int32_t *results;
	size_t done, n;
};

static double run_here(struct work *work, size_t count)
{
	double start = seconds();

	for (size_t end = work->done + count; work->done < end; work->done++)
		work->results[work->done] = work->task(work->seeds[work->done]);
	return seconds() - start;
}

static int run_there(struct work *work, size_t count, map_fn *parallel, void *context)
{
	size_t first = work->done;

	work->done += count;
	return parallel(work->task, work->seeds + first, count, work->results + first, context);
}

int adaptive_map(map_fn *parallel, void *context, task_fn *task, const uint32_t *seeds, size_t n,
                 int32_t *results)
{
	struct work work = { task, seeds, results, 0, n };
	double cost = 0;

	if (n == 0)
		return 0;
	if (parallel == NULL || task == NULL || seeds == NULL || results == NULL) {
		errno = EINVAL;
		return -1;
	}
	for (size_t batch = 1; work.done < n && cost * (double)batch < 10e-6; batch *= 3) {
		size_t count = batch < n - work.done ? batch : n - work.done;

		cost = run_here(&work, count) / (double)count;
	}
	if (cost * (double)(n - work.done) > 4e-3) {
		size_t part = (n - work.done) / 2;
		double start = seconds();

		if (part > 0 && run_there(&work, part, parallel, context) != 0)
			return -1;
		if (part > 0 && (seconds() - start) / (double)part < cost)
			return run_there(&work, n - work.done, parallel, context);
	} else if (cost * (double)(n - work.done) > 0.9e-3) {
		return run_there(&work, n - work.done, parallel, context);
	}
	run_here(&work, n - work.done);
	return 0;
}
