/* Mistake:   calls the map for n + 1 seeds, 0 to n.
 * Test:      time_map_hands_on_its_arguments
 * Diagnosis: wrong-result
 */
#include "correct.h"

double time_map(map_fn *map, void *context, task_fn *task, size_t n, int repeats)
{
	return correct_time_map(map, context, task, n + 1, repeats);
}

CORRECT_FIND_CROSSOVER

CORRECT_ADAPTIVE_MAP
