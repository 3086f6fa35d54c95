/* Mistake:   gives everything to the parallel map, however little it is.
 * Test:      adaptive_chooses_well
 * Diagnosis: not-faster
 */
#include "correct.h"

CORRECT_TIME_MAP

CORRECT_FIND_CROSSOVER

int adaptive_map(map_fn *parallel, void *context, task_fn *task, const uint32_t *seeds, size_t n,
                 int32_t *results)
{
	if (bad_arguments(parallel, task, seeds, n, results))
		return -1;
	return n == 0 ? 0 : parallel(task, seeds, n, results, context);
}
