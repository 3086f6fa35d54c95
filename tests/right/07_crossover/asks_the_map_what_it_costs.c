/* Unusual:   adaptive_map asks the parallel map itself what a call of it costs, with a
 *            task of its own that does nothing, and keeps the answer for this map;
 *            and it asks only when the tasks are long enough that it matters.
 *            A task's cost is the thread's CPU time. time_map counts the
 *            repeats down.
 */
#include "crossover.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

enum { FEW = 40, ASKED = 8, TIMES = 3 };

static double read_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec * 1.0 + (double)now.tv_nsec / 1e9;
}

static int fill(uint32_t **seeds, int32_t **results, size_t n)
{
	*seeds = malloc((n ? n : 1) * sizeof **seeds);
	*results = malloc((n ? n : 1) * sizeof **results);
	if (*seeds == NULL || *results == NULL)
		return -1;
	for (size_t i = n; i-- > 0;)
		(*seeds)[i] = (uint32_t)i;
	return 0;
}

static double one_call(map_fn *map, void *context, task_fn *task, const uint32_t *seeds, size_t n,
                       int32_t *results)
{
	double before = read_clock(CLOCK_MONOTONIC_RAW);

	if (map(task, seeds, n, results, context) != 0)
		return -1;
	return read_clock(CLOCK_MONOTONIC_RAW) - before;
}

double time_map(map_fn *map, void *context, task_fn *task, size_t n, int repeats)
{
	uint32_t *seeds = NULL;
	int32_t *results = NULL;
	double least = -1;
	int left = repeats, why;

	if (map == NULL || repeats < 1) {
		errno = EINVAL;
		return -1;
	}
	if (fill(&seeds, &results, n) == 0)
		least = one_call(map, context, task, seeds, n, results);
	while (least >= 0 && --left > 0) {
		double next = one_call(map, context, task, seeds, n, results);

		if (next < least)
			least = next;
	}
	why = errno;
	free(results);
	free(seeds);
	errno = why;
	return least;
}

size_t find_crossover(const size_t n[], const double serial[], const double parallel[],
                      size_t count)
{
	size_t answer = SIZE_MAX;

	while (count-- > 0) {
		if (serial[count] - parallel[count] <= 0)
			break;
		answer = n[count];
	}
	return answer;
}

static int32_t nothing(uint32_t seed)
{
	return (int32_t)seed;
}

static double cost_of_a_call(map_fn *parallel, void *context)
{
	static map_fn *asked;
	static double answer;

	if (asked != parallel) {
		answer = time_map(parallel, context, nothing, ASKED, TIMES);
		asked = parallel;
	}
	return answer;
}

int adaptive_map(map_fn *parallel, void *context, task_fn *task, const uint32_t *seeds, size_t n,
                 int32_t *results)
{
	size_t few = n < FEW ? n : FEW, done = 0;
	double left = 0;

	if (n == 0)
		return 0;
	if (parallel == NULL || task == NULL || seeds == NULL || results == NULL) {
		errno = EINVAL;
		return -1;
	}
	double start = read_clock(CLOCK_THREAD_CPUTIME_ID), took = 0;

	while (done < few && took < 50e-6) {
		size_t end = done == 0 ? 1 : few;

		while (done < end) {
			results[done] = task(seeds[done]);
			done++;
		}
		took = read_clock(CLOCK_THREAD_CPUTIME_ID) - start;
	}
	left = took / (double)done * (double)(n - done);
	if (left > 300e-6) {
		double overhead = cost_of_a_call(parallel, context);

		if (overhead < 0)
			return -1;
		if (left / 2 > overhead)
			return parallel(task, seeds + done, n - done, results + done, context);
	}
	for (; done < n; done++)
		results[done] = task(seeds[done]);
	return 0;
}
