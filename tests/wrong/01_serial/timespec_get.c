/* Mistake:   TIME_UTC is the date, which goes back when somebody sets it.
 * Test:      wall_seconds_is_monotonic
 * Diagnosis: wrong-result
 */
#include "correct.h"

int cpu_count(void)
{
	return correct_cpu_count();
}

double wall_seconds(void)
{
	struct timespec now;

	timespec_get(&now, TIME_UTC);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int32_t random_square(uint32_t seed)
{
	return correct_random_square(seed);
}

int serial_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results)
{
	return correct_serial_map(task, seeds, n, results);
}
