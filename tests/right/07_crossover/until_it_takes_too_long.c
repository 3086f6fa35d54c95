/* Unusual:   adaptive_map makes no estimate: growing batches of tasks run in the caller
 *            until 200 us have passed in all; only then comes the parallel map, with
 *            whatever is left. time_map
 *            allocates once for seeds and results; find_crossover walks upwards.
 */
#include "crossover.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/time.h>

static double seconds(void)
{
	struct timeval now;

	gettimeofday(&now, NULL);
	return (double)now.tv_sec + (double)now.tv_usec / 1e6;
}

double time_map(map_fn *map, void *context, task_fn *task, size_t n, int repeats)
{
	if (!map || repeats <= 0) {
		errno = EINVAL;
		return -1;
	}
	uint32_t *block = malloc(2 * n * sizeof *block + 1);
	double best = 0;

	if (!block)
		return -1;
	for (size_t i = 0; i < n; i++)
		block[i] = (uint32_t)i;
	for (int run = 0; run < repeats; run++) {
		double start = seconds();
		int value = map(task, block, n, (int32_t *)(block + n), context);
		double took = seconds() - start;

		if (value < 0) {
			int why = errno;

			free(block);
			errno = why;
			return -1;
		}
		if (run == 0 || took < best)
			best = took;
	}
	free(block);
	return best;
}

size_t find_crossover(const size_t n[], const double serial[], const double parallel[],
                      size_t count)
{
	size_t start = 0;

	for (size_t i = 0; i < count; i++)
		if (!(parallel[i] < serial[i]))
			start = i + 1;
	return start == count ? SIZE_MAX : n[start];
}

int adaptive_map(map_fn *parallel, void *context, task_fn *task, const uint32_t *seeds, size_t n,
                 int32_t *results)
{
	size_t done = 0, batch = 1;
	double start = seconds();

	if (n > 0 && (!parallel || !task || !seeds || !results)) {
		errno = EINVAL;
		return -1;
	}
	while (done < n) {
		for (size_t i = 0; i < batch && done < n; i++, done++)
			results[done] = task(seeds[done]);
		batch += 1 + batch / 4;
		if (seconds() - start > 200e-6)
			break;
	}
	return done < n ? parallel(task, seeds + done, n - done, results + done, context) : 0;
}
