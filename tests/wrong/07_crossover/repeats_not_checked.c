/* Mistake:   accepts repeats = 0, and returns what no call has taken.
 * Test:      time_map_rejects_bad_arguments
 * Diagnosis: bad-argument
 */
#include "correct.h"

double time_map(map_fn *map, void *context, task_fn *task, size_t n, int repeats)
{
	if (map != NULL && repeats < 1)
		return 0;
	return correct_time_map(map, context, task, n, repeats);
}

CORRECT_FIND_CROSSOVER

CORRECT_ADAPTIVE_MAP
