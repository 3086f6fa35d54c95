/* Mistake:   looks for a parallel map that is NULL, but not for the other pointers.
 * Test:      adaptive_rejects_bad_arguments
 * Diagnosis: crash
 */
#include "correct.h"

CORRECT_TIME_MAP

CORRECT_FIND_CROSSOVER

int adaptive_map(map_fn *parallel, void *context, task_fn *task, const uint32_t *seeds, size_t n,
                 int32_t *results)
{
	double cost;

	if (parallel == NULL) {
		errno = EINVAL;
		return -1;
	}
	size_t done = run_some(task, seeds, n, results, &cost);

	if ((double)(n - done) * cost > WORTH)
		return parallel(task, seeds + done, n - done, results + done, context);
	run_tasks(task, seeds, done, n, results);
	return 0;
}
