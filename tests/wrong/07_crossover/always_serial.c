/* Mistake:   runs everything in the caller, however long that takes.
 * Test:      adaptive_chooses_well
 * Diagnosis: not-faster
 */
#include "correct.h"

CORRECT_TIME_MAP

CORRECT_FIND_CROSSOVER

int adaptive_map(map_fn *parallel, void *context, task_fn *task, const uint32_t *seeds, size_t n,
                 int32_t *results)
{
	(void)context;
	if (bad_arguments(parallel, task, seeds, n, results))
		return -1;
	run_tasks(task, seeds, 0, n, results);
	return 0;
}
