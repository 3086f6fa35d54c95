/* Mistake:   does not look at what the map returns.
 * Test:      time_map_passes_failures_on
 * Diagnosis: ignored-failure
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
	double best = 1e9;

	for (size_t i = 0; i < n; i++)
		seeds[i] = (uint32_t)i;
	for (int i = 0; i < repeats; i++) {
		double start = now();

		map(task, seeds, n, results, context);
		double took = now() - start;

		best = took < best ? took : best;
	}
	free(seeds);
	free(results);
	return best;
}

CORRECT_FIND_CROSSOVER

CORRECT_ADAPTIVE_MAP
