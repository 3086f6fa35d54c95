/* Mistake:   does all the work in both ways, and times them.
 * Test:      adaptive_runs_each_task_once
 * Diagnosis: repeated-task
 */
#include "correct.h"

CORRECT_TIME_MAP

CORRECT_FIND_CROSSOVER

int adaptive_map(map_fn *parallel, void *context, task_fn *task, const uint32_t *seeds, size_t n,
                 int32_t *results)
{
	if (n == 0)
		return 0;
	if (bad_arguments(parallel, task, seeds, n, results))
		return -1;
	run_tasks(task, seeds, 0, n, results);
	return parallel(task, seeds, n, results, context);
}
