/* Mistake:   reads the date, which goes back when somebody sets it.
 * Test:      wall_seconds_is_monotonic
 * Diagnosis: wrong-result
 */
#include "correct.h"

#include <sys/time.h>

int cpu_count(void)
{
	return correct_cpu_count();
}

double wall_seconds(void)
{
	struct timeval now;

	gettimeofday(&now, NULL);
	return (double)now.tv_sec + 1e-6 * (double)now.tv_usec;
}

int32_t random_square(uint32_t seed)
{
	return correct_random_square(seed);
}

int serial_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results)
{
	return correct_serial_map(task, seeds, n, results);
}
