/* Mistake:   accepts a parallel map that is NULL where it does not call it.
 * Test:      adaptive_rejects_bad_arguments
 * Diagnosis: bad-argument
 */
#include "correct.h"

CORRECT_TIME_MAP

CORRECT_FIND_CROSSOVER

int adaptive_map(map_fn *parallel, void *context, task_fn *task, const uint32_t *seeds, size_t n,
                 int32_t *results)
{
	if (parallel == NULL) {
		run_tasks(task, seeds, 0, n, results);
		return 0;
	}
	return correct_adaptive_map(parallel, context, task, seeds, n, results);
}
