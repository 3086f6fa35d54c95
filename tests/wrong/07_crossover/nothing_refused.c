/* Mistake:   refuses n = 0.
 * Test:      adaptive_in_order
 * Diagnosis: unexpected-error
 */
#include "correct.h"

CORRECT_TIME_MAP

CORRECT_FIND_CROSSOVER

int adaptive_map(map_fn *parallel, void *context, task_fn *task, const uint32_t *seeds, size_t n,
                 int32_t *results)
{
	if (n == 0) {
		errno = EINVAL;
		return -1;
	}
	return correct_adaptive_map(parallel, context, task, seeds, n, results);
}
