/* Mistake:   returns milliseconds.
 * Test:      time_map_measures_wall_time
 * Diagnosis: wrong-result
 */
#include "correct.h"

double time_map(map_fn *map, void *context, task_fn *task, size_t n, int repeats)
{
	double seconds = correct_time_map(map, context, task, n, repeats);

	return seconds < 0 ? seconds : seconds * 1000;
}

CORRECT_FIND_CROSSOVER

CORRECT_ADAPTIVE_MAP
