/* Mistake:   measures all calls together.
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
	double start = now();
	int failed = 0;

	for (size_t i = 0; i < n; i++)
		seeds[i] = (uint32_t)i;
	for (int i = 0; i < repeats && !failed; i++)
		failed = map(task, seeds, n, results, context) != 0;
	double took = now() - start;
	int error = errno;

	free(seeds);
	free(results);
	errno = error;
	return failed ? -1 : took;
}

CORRECT_FIND_CROSSOVER

CORRECT_ADAPTIVE_MAP
