/* Mistake:   returns the number of the last CPU in the mask. CPUs are numbered
 *            from 0, so with CPUs 0 and 1 it says 1.
 * Test:      cpu_count_of_this_process
 * Diagnosis: wrong-result
 */
#include "correct.h"

int cpu_count(void)
{
	cpu_set_t mask;
	size_t last = 0;

	if (sched_getaffinity(0, sizeof mask, &mask) < 0)
		return -1;
	for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &mask))
			last = cpu;
	return (int)last;
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
