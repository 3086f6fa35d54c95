/* Mistake:   runs the tasks that it has timed a second time, with all the others.
 * Test:      adaptive_runs_each_task_once
 * Diagnosis: repeated-task
 */
#include "correct.h"

CORRECT_TIME_MAP

CORRECT_FIND_CROSSOVER

int adaptive_map(map_fn *parallel, void *context, task_fn *task, const uint32_t *seeds, size_t n,
                 int32_t *results)
{
	double cost;

	if (bad_arguments(parallel, task, seeds, n, results))
		return -1;
	run_some(task, seeds, n, results, &cost);
	if ((double)n * cost > WORTH)
		return parallel(task, seeds, n, results, context);
	run_tasks(task, seeds, 0, n, results);
	return 0;
}
