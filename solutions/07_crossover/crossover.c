/* Lab 07, solved: measure a map, find the crossover, and choose while the work is
 * done.
 *
 * adaptive_map runs batches of 1, 2, 4, ... tasks in the caller until one batch has
 * taken long enough to be measured: a single task may be shorter than a reading of
 * the clock, and the very first one pays for cold caches and fresh pages. What is
 * left then costs about (tasks left) * (seconds per task), and goes to the parallel
 * map if that is clearly more than what starting processes costs.
 */
#include "crossover.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

/* Long enough to be measured within a few per cent, short enough to be no loss. */
#define BATCH_SECONDS 10e-6

/* Two processes started, waited for, and their results fetched cost 0.1 to 0.4 ms.
 * With two CPUs that is won back at twice as much work; but near the crossover
 * both ways take about the same, so that the bound need not be exact. */
#define WORTH_SECONDS 400e-6

static double wall_seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* --- time_map -------------------------------------------------------------------- */

/* Whatever disturbs a call makes it longer, nothing makes it shorter than the work
 * is: so the best is nearest to the truth, and a mean would be above it. */
static double best_of(map_fn *map, void *context, task_fn *task, const uint32_t *seeds, size_t n,
                      int32_t *results, int repeats)
{
	double best = -1;
	for (int i = 0; i < repeats; i++) {
		double start = wall_seconds();
		if (map(task, seeds, n, results, context) != 0)
			return -1;
		double seconds = wall_seconds() - start;
		if (best < 0 || seconds < best)
			best = seconds;
	}
	return best;
}

double time_map(map_fn *map, void *context, task_fn *task, size_t n, int repeats)
{
	if (map == NULL || repeats < 1) {
		errno = EINVAL;
		return -1;
	}
	/* One element more: calloc(0, ...) may return NULL, which would look like a failure. */
	uint32_t *seeds = calloc(n + 1, sizeof *seeds);
	int32_t *results = calloc(n + 1, sizeof *results);
	double best = -1;
	if (seeds != NULL && results != NULL) {
		for (size_t i = 0; i < n; i++)
			seeds[i] = (uint32_t)i;
		best = best_of(map, context, task, seeds, n, results, repeats);
	}
	int error = errno; /* of the map; nothing that follows may change it */
	free(seeds);
	free(results);
	errno = error;
	return best;
}

/* --- find_crossover ---------------------------------------------------------------- */

/* From the largest size down, as long as parallel is faster: with noise the two
 * curves can cross several times, and only behind the last crossing it stays so. */
size_t find_crossover(const size_t n[], const double serial[], const double parallel[],
                      size_t count)
{
	size_t first = count;
	while (first > 0 && parallel[first - 1] < serial[first - 1])
		first--;
	return first < count ? n[first] : SIZE_MAX;
}

/* --- adaptive_map -------------------------------------------------------------------- */

static void run(task_fn *task, const uint32_t *seeds, size_t first, size_t end, int32_t *results)
{
	for (size_t i = first; i < end; i++)
		results[i] = task(seeds[i]);
}

/* Runs tasks from the first one on until a batch was long enough. Returns how many
 * have been run, and sets *cost to the seconds per task of the last batch. */
static size_t run_first_few(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
                            double *cost)
{
	size_t done = 0;
	*cost = 0;
	for (size_t batch = 1; done < n; batch *= 2) {
		size_t end = n - done > batch ? done + batch : n;
		double start = wall_seconds();
		run(task, seeds, done, end, results);
		double seconds = wall_seconds() - start;
		*cost = seconds / (double)(end - done);
		done = end;
		if (seconds >= BATCH_SECONDS)
			break;
	}
	return done;
}

int adaptive_map(map_fn *parallel, void *context, task_fn *task, const uint32_t *seeds, size_t n,
                 int32_t *results)
{
	if (n == 0)
		return 0;
	if (parallel == NULL || task == NULL || seeds == NULL || results == NULL) {
		errno = EINVAL;
		return -1;
	}
	double cost;
	size_t done = run_first_few(task, seeds, n, results, &cost);
	if ((double)(n - done) * cost > WORTH_SECONDS)
		return parallel(task, seeds + done, n - done, results + done, context);
	run(task, seeds, done, n, results);
	return 0;
}
