/* Mistake:   goes parallel from 1,000 tasks on, whatever a task costs.
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
	if (n >= 1000)
		return parallel(task, seeds, n, results, context);
	run_tasks(task, seeds, 0, n, results);
	return 0;
}
