/* Mistake:   returns -2 where the map fails.
 * Test:      time_map_passes_failures_on
 * Diagnosis: wrong-result
 */
#include "correct.h"

double time_map(map_fn *map, void *context, task_fn *task, size_t n, int repeats)
{
	double seconds = correct_time_map(map, context, task, n, repeats);

	return seconds < 0 && errno != EINVAL ? -2 : seconds;
}

CORRECT_FIND_CROSSOVER

CORRECT_ADAPTIVE_MAP
