/* Mistake:   time() knows whole seconds only.
 * Test:      wall_seconds_measures_wall_time
 * Diagnosis: wrong-result
 */
#include "correct.h"

int cpu_count(void)
{
	return correct_cpu_count();
}

double wall_seconds(void)
{
	return (double)time(NULL);
}

int32_t random_square(uint32_t seed)
{
	return correct_random_square(seed);
}

int serial_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results)
{
	return correct_serial_map(task, seeds, n, results);
}
