/* Mistake:   counts the CPUs of the machine, not those that this process may
 *            use.
 * Test:      cpu_count_respects_affinity
 * Diagnosis: wrong-result
 */
#include "correct.h"

#include <unistd.h>

int cpu_count(void)
{
	return (int)sysconf(_SC_NPROCESSORS_ONLN);
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
	return correct_serial_map(task, seeds, n, results);
}
