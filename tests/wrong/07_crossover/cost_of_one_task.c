/* Mistake:   compares the cost of one task, not of all that are left, with what
 *            processes cost.
 * Test:      adaptive_chooses_well
 * Diagnosis: not-faster
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
	size_t done = run_some(task, seeds, n, results, &cost);

	if (cost > WORTH)
		return parallel(task, seeds + done, n - done, results + done, context);
	run_tasks(task, seeds, done, n, results);
	return 0;
}
