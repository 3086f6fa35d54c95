/* Mistake:   returns -1 with ECANCELED if the parallel map fails.
 * Test:      adaptive_passes_failures_on
 * Diagnosis: wrong-errno
 */
#include "correct.h"

CORRECT_TIME_MAP

CORRECT_FIND_CROSSOVER

int adaptive_map(map_fn *parallel, void *context, task_fn *task, const uint32_t *seeds, size_t n,
                 int32_t *results)
{
	int value = correct_adaptive_map(parallel, context, task, seeds, n, results);

	if (value != 0 && errno != EINVAL)
		errno = ECANCELED;
	return value;
}
