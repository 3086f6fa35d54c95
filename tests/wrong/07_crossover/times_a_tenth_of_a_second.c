/* Mistake:   runs tasks in the caller until a tenth of a second has passed, and only
 *            then thinks about it.
 * Test:      adaptive_chooses_well
 * Diagnosis: not-faster
 */
#include "correct.h"

CORRECT_TIME_MAP

CORRECT_FIND_CROSSOVER

int adaptive_map(map_fn *parallel, void *context, task_fn *task, const uint32_t *seeds, size_t n,
                 int32_t *results)
{
	size_t done = 0;
	double start = now();

	if (bad_arguments(parallel, task, seeds, n, results))
		return -1;
	while (done < n && now() - start < 0.1) {
		results[done] = task(seeds[done]);
		done++;
	}
	return done == n ? 0 : parallel(task, seeds + done, n - done, results + done, context);
}
