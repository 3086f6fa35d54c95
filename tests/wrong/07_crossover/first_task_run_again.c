/* Mistake:   runs the first task once more, to warm up before it is timed.
 * Test:      adaptive_runs_each_task_once
 * Diagnosis: repeated-task
 */
#include "correct.h"

CORRECT_TIME_MAP

CORRECT_FIND_CROSSOVER

int adaptive_map(map_fn *parallel, void *context, task_fn *task, const uint32_t *seeds, size_t n,
                 int32_t *results)
{
	if (n > 0 && !bad_arguments(parallel, task, seeds, n, results))
		results[0] = task(seeds[0]);
	return correct_adaptive_map(parallel, context, task, seeds, n, results);
}
