/* Mistake:   returns the mean of the calls instead of the shortest.
 * Test:      time_map_returns_the_best
 * Diagnosis: wrong-result
 */
#include "correct.h"

double time_map(map_fn *map, void *context, task_fn *task, size_t n, int repeats)
{
	if (map == NULL || repeats < 1) {
		errno = EINVAL;
		return -1;
	}

	uint32_t *seeds = zeroed(n, sizeof *seeds);
	int32_t *results = zeroed(n, sizeof *results);
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		seeds[i] = (uint32_t)i;
	for (int i = 0; i < repeats && sum >= 0; i++) {
		double start = now();

		if (map(task, seeds, n, results, context) != 0)
			sum = -1;
		else
			sum += now() - start;
	}
	int error = errno;

	free(seeds);
	free(results);
	errno = error;
	return sum < 0 ? -1 : sum / repeats;
}

CORRECT_FIND_CROSSOVER

CORRECT_ADAPTIVE_MAP
