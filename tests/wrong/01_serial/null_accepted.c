/* Mistake:   says 0, "it worked", to NULL.
 * Test:      serial_map_rejects_bad_arguments
 * Diagnosis: bad-argument
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
	if (!task || !seeds || !results)
		return 0;
	for (size_t i = 0; i < n; i++)
		results[i] = task(seeds[i]);
	return 0;
}
