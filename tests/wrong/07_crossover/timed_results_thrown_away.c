/* Mistake:   does not keep the results of the tasks that it has timed.
 * Test:      adaptive_in_order
 * Diagnosis: wrong-result
 */
#include "correct.h"

CORRECT_TIME_MAP

CORRECT_FIND_CROSSOVER

int adaptive_map(map_fn *parallel, void *context, task_fn *task, const uint32_t *seeds, size_t n,
                 int32_t *results)
{
	double cost = 0;
	size_t done = 0;

	if (bad_arguments(parallel, task, seeds, n, results))
		return -1;
	for (double start = now(); done < n && cost * (double)done < 20e-6;) {
		task(seeds[done++]);
		cost = (now() - start) / (double)done;
	}
	if ((double)(n - done) * cost > WORTH)
		return parallel(task, seeds + done, n - done, results + done, context);
	run_tasks(task, seeds, done, n, results);
	return 0;
}
