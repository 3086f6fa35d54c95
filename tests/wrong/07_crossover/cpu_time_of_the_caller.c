/* Mistake:   measures with clock(), the CPU time of the caller, which sleeps while its
 *            workers work.
 * Test:      time_map_measures_wall_time
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
	double best = 1e9;

	for (size_t i = 0; i < n; i++)
		seeds[i] = (uint32_t)i;
	for (int i = 0; i < repeats && best >= 0; i++) {
		clock_t start = clock();
		int failed = map(task, seeds, n, results, context) != 0;
		double took = (double)(clock() - start) / CLOCKS_PER_SEC;

		best = failed ? -1 : took < best ? took : best;
	}
	int error = errno;

	free(seeds);
	free(results);
	errno = error;
	return best;
}

CORRECT_FIND_CROSSOVER

CORRECT_ADAPTIVE_MAP
