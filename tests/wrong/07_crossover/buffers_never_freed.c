/* Mistake:   frees neither the seeds nor the results.
 * Test:      time_map_hands_on_its_arguments
 * Diagnosis: leaked-memory
 */
#include "correct.h"

double time_map(map_fn *map, void *context, task_fn *task, size_t n, int repeats)
{
	if (map == NULL || repeats < 1) {
		errno = EINVAL;
		return -1;
	}

	uint32_t *seeds = calloc(n + 1, sizeof *seeds);
	int32_t *results = calloc(n + 1, sizeof *results);
	double best = 1e9;

	for (size_t i = 0; i < n; i++)
		seeds[i] = (uint32_t)i;
	for (int i = 0; i < repeats && best >= 0; i++) {
		double start = now();
		int failed = map(task, seeds, n, results, context) != 0;
		double took = now() - start;

		best = failed ? -1 : took < best ? took : best;
	}
	int error = errno;

	errno = error;
	return best;
}

CORRECT_FIND_CROSSOVER

CORRECT_ADAPTIVE_MAP
