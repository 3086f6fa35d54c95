/* Unusual:   adaptive_map looks at the clock again and again while it works in the
 *            caller, each time with a better estimate of what is left, and may
 *            still go parallel late; find_crossover halves the table; time_map sorts
 *            all times.
 */
#include "crossover.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
	uint64_t x, y;

	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return (x > y) - (x < y);
}

static int measure_all(map_fn *map, void *context, task_fn *task, size_t n, uint32_t *seeds,
                       int32_t *results, uint64_t times[], int repeats)
{
	for (size_t i = 0; i < n; i++)
		seeds[i] = (uint32_t)i;
	for (int i = 0; i < repeats; i++) {
		uint64_t start = nanoseconds();

		if (map(task, seeds, n, results, context) == -1)
			return -1;
		times[i] = nanoseconds() - start;
	}
	qsort(times, (size_t)repeats, sizeof *times, ascending);
	return 0;
}

double time_map(map_fn *map, void *context, task_fn *task, size_t n, int repeats)
{
	double best = -1;

	if (map == NULL || repeats < 1) {
		errno = EINVAL;
		return best;
	}
	uint64_t *times = calloc((size_t)repeats, sizeof *times);
	uint32_t *seeds = calloc(n + 1, sizeof *seeds);
	int32_t *results = calloc(n + 1, sizeof *results);

	if (times != NULL && seeds != NULL && results != NULL &&
	    measure_all(map, context, task, n, seeds, results, times, repeats) == 0)
		best = (double)times[0] / 1e9;
	free(times);
	free(seeds);
	free(results);
	return best;
}

/* By halves: find the last row at which parallel is not faster. */
static size_t rows_to_skip(const double serial[], const double parallel[], size_t first, size_t end)
{
	if (first == end)
		return first;
	if (end - first == 1)
		return parallel[first] < serial[first] ? first : end;

	size_t middle = first + (end - first) / 2;
	size_t right = rows_to_skip(serial, parallel, middle, end);

	return right > middle ? right : rows_to_skip(serial, parallel, first, middle);
}

size_t find_crossover(const size_t n[], const double serial[], const double parallel[],
                      size_t count)
{
	size_t skipped = rows_to_skip(serial, parallel, 0, count);

	return skipped < count ? n[skipped] : SIZE_MAX;
}

int adaptive_map(map_fn *parallel, void *context, task_fn *task, const uint32_t *seeds, size_t n,
                 int32_t *results)
{
	size_t next_look = 4;
	uint64_t start = nanoseconds();

	if (n > 0 && (parallel == NULL || task == NULL || seeds == NULL || results == NULL)) {
		errno = EINVAL;
		return -1;
	}
	for (size_t i = 0; i < n; i++) {
		results[i] = task(seeds[i]);
		if (i + 1 < next_look)
			continue;

		double spent = (double)(nanoseconds() - start);
		double left = spent / (double)(i + 1) * (double)(n - i - 1);

		if (spent > 15e3 && left > 700e3)
			return parallel(task, seeds + i + 1, n - i - 1, results + i + 1, context);
		next_look = next_look * 5 / 4 + 1;
	}
	return 0;
}
