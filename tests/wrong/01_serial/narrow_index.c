/* Mistake:   an index of 8 bits goes from 255 back to 0, and never reaches n =
 *            1,000.
 * Test:      serial_map_in_order
 * Diagnosis: endless-loop
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
	for (unsigned char i = 0; i < n; i++)
		results[i] = task(seeds[i]);
	return 0;
}
