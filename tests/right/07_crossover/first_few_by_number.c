/* Unusual:   adaptive_map times a fixed number of tasks, one by one, and takes the
 *            median of them for the cost of all; tasks that are long are noticed at
 *            the first one. n = 0 is handed on to whoever is called. Plain otherwise.
 */
#include "crossover.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define FIRST 32

struct buffers {
	uint32_t *seeds;
	int32_t *results;
};

static double clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

double time_map(map_fn *map, void *context, task_fn *task, size_t n, int repeats)
{
	struct buffers b = { NULL, NULL };
	double best = 1e300;
	int i, failed = 0, kept;

	if (map == NULL || (task == NULL && n > 0) || repeats < 1) {
		errno = EINVAL;
		return -1.0;
	}
	if (n > 0) {
		b.seeds = malloc(sizeof(uint32_t) * n);
		b.results = malloc(sizeof(int32_t) * n);
		if (b.seeds == NULL || b.results == NULL)
			failed = 1;
	}
	for (size_t k = 0; !failed && k < n; k++)
		b.seeds[k] = (uint32_t)k;
	for (i = 0; !failed && i < repeats; i++) {
		double t0 = clock_now(), t1;

		failed = map(task, b.seeds, n, b.results, context) < 0;
		t1 = clock_now();
		best = t1 - t0 < best ? t1 - t0 : best;
	}
	kept = errno;
	free(b.seeds);
	free(b.results);
	errno = kept;
	return failed ? -1.0 : best;
}

size_t find_crossover(const size_t n[], const double serial[], const double parallel[],
                      size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t j = i;

		while (j < count && parallel[j] < serial[j])
			j++;
		if (j == count)
			return n[i];
	}
	return SIZE_MAX;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

int adaptive_map(map_fn *parallel, void *context, task_fn *task, const uint32_t *seeds, size_t n,
                 int32_t *results)
{
	double took[FIRST], cost = 0;
	size_t i = 0;

	if (n > 0 && (parallel == NULL || task == NULL || seeds == NULL || results == NULL)) {
		errno = EINVAL;
		return -1;
	}
	while (i < n && i < FIRST) {
		double before = clock_now();

		results[i] = task(seeds[i]);
		took[i] = clock_now() - before;
		if (took[i++] > 20e-6)
			break;
	}
	if (i > 0) {
		qsort(took, i, sizeof took[0], by_size);
		cost = took[i / 2];
	}
	if (cost * (double)(n - i) > 0.5e-3)
		return parallel(task, seeds + i, n - i, results + i, context);
	while (i < n) {
		results[i] = task(seeds[i]);
		i++;
	}
	return 0;
}
