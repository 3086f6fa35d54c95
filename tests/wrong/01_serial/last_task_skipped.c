/* Mistake:   stops one task before the end.
 * Test:      serial_map_runs_each_task_once
 * Diagnosis: lost-task
 */
#include "correct.h"

int cpu_count(void)
{
	return correct_cpu_count();
}

double wall_seconds(void)
{
	return correct_wall_seconds();
}

int32_t random_square(uint32_t seed)
{
	return correct_random_square(seed);
}

int serial_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results)
{
	if (n > 0 && (!task || !seeds || !results)) {
		errno = EINVAL;
		return -1;
	}
	for (size_t i = 0; i + 1 < n; i++)
		results[i] = task(seeds[i]);
	return 0;
}
