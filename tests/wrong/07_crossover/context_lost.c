/* Mistake:   calls the parallel map with NULL for its context.
 * Test:      adaptive_in_order
 * Diagnosis: wrong-result
 */
#include "correct.h"

CORRECT_TIME_MAP

CORRECT_FIND_CROSSOVER

int adaptive_map(map_fn *parallel, void *context, task_fn *task, const uint32_t *seeds, size_t n,
                 int32_t *results)
{
	(void)context;
	return correct_adaptive_map(parallel, NULL, task, seeds, n, results);
}
