/* Mistake:   times the first ten tasks, even if there are fewer.
 * Test:      adaptive_in_order
 * Diagnosis: out-of-bounds
 */
#include "correct.h"

CORRECT_TIME_MAP

CORRECT_FIND_CROSSOVER

int adaptive_map(map_fn *parallel, void *context, task_fn *task, const uint32_t *seeds, size_t n,
                 int32_t *results)
{
	double start = now();

	if (n == 0)
		return 0;
	if (bad_arguments(parallel, task, seeds, n, results))
		return -1;
	run_tasks(task, seeds, 0, 10, results);
	double cost = (now() - start) / 10;

	if (n > 10 && (double)(n - 10) * cost > WORTH)
		return parallel(task, seeds + 10, n - 10, results + 10, context);
	run_tasks(task, seeds, 10, n, results);
	return 0;
}
