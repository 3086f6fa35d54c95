/* The right pieces of lab 07, for the wrong solutions beside this file. Each of
 * them spoils one function and takes the others from here.
 */
#ifndef CORRECT_H
#define CORRECT_H

#include "crossover.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

static inline double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* calloc that gives something for 0 elements, too. */
static inline void *zeroed(size_t n, size_t size)
{
	return calloc(n > 0 ? n : 1, size);
}

static inline double correct_time_map(map_fn *map, void *context, task_fn *task, size_t n,
                                      int repeats)
{
	if (map == NULL || repeats < 1) {
		errno = EINVAL;
		return -1;
	}

	uint32_t *seeds = zeroed(n, sizeof *seeds);
	int32_t *results = zeroed(n, sizeof *results);
	double best = -1;
	int failed = seeds == NULL || results == NULL;

	for (size_t i = 0; !failed && i < n; i++)
		seeds[i] = (uint32_t)i;
	for (int i = 0; !failed && i < repeats; i++) {
		double start = now();

		failed = map(task, seeds, n, results, context) != 0;
		double took = now() - start;

		if (i == 0 || took < best)
			best = took;
	}
	int error = errno;

	free(seeds);
	free(results);
	errno = error;
	return failed ? -1 : best;
}

static inline size_t correct_find_crossover(const size_t n[], const double serial[],
                                            const double parallel[], size_t count)
{
	size_t found = SIZE_MAX;

	for (size_t i = 0; i < count; i++) {
		if (parallel[i] >= serial[i])
			found = SIZE_MAX;
		else if (found == SIZE_MAX)
			found = n[i];
	}
	return found;
}

static inline int bad_arguments(map_fn *parallel, task_fn *task, const uint32_t *seeds, size_t n,
                                const int32_t *results)
{
	if (n == 0 || (parallel != NULL && task != NULL && seeds != NULL && results != NULL))
		return 0;
	errno = EINVAL;
	return 1;
}

static inline void run_tasks(task_fn *task, const uint32_t *seeds, size_t first, size_t end,
                             int32_t *results)
{
	for (size_t i = first; i < end; i++)
		results[i] = task(seeds[i]);
}

/* Runs tasks until 20 us have passed; returns how many, and what one costs. */
static inline size_t run_some(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
                              double *cost)
{
	size_t done = 0;
	double start = now(), took = 0;

	while (done < n && took < 20e-6) {
		size_t batch = n - done < 16 ? 1 : 8;

		run_tasks(task, seeds, done, done + batch, results);
		done += batch;
		took = now() - start;
	}
	*cost = done > 0 ? took / (double)done : 0;
	return done;
}

#define WORTH 400e-6 /* seconds of work that pay for starting processes */

static inline int correct_adaptive_map(map_fn *parallel, void *context, task_fn *task,
                                       const uint32_t *seeds, size_t n, int32_t *results)
{
	double cost;

	if (bad_arguments(parallel, task, seeds, n, results))
		return -1;
	size_t done = run_some(task, seeds, n, results, &cost);

	if ((double)(n - done) * cost > WORTH)
		return parallel(task, seeds + done, n - done, results + done, context);
	run_tasks(task, seeds, done, n, results);
	return 0;
}

/* The functions that a wrong solution does not spoil. */
#define CORRECT_TIME_MAP                                                                          \
	double time_map(map_fn *map, void *context, task_fn *task, size_t n, int repeats)             \
	{                                                                                             \
		return correct_time_map(map, context, task, n, repeats);                                  \
	}

#define CORRECT_FIND_CROSSOVER                                                                    \
	size_t find_crossover(const size_t n[], const double serial[], const double parallel[],       \
	                      size_t count)                                                           \
	{                                                                                             \
		return correct_find_crossover(n, serial, parallel, count);                                \
	}

#define CORRECT_ADAPTIVE_MAP                                                                      \
	int adaptive_map(map_fn *parallel, void *context, task_fn *task, const uint32_t *seeds,       \
	                 size_t n, int32_t *results)                                                  \
	{                                                                                             \
		return correct_adaptive_map(parallel, context, task, seeds, n, results);                  \
	}

#endif
