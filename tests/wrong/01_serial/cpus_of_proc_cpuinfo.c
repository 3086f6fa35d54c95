/* Mistake:   counts the processors in /proc/cpuinfo, which knows nothing of
 *            affinity.
 * Test:      cpu_count_respects_affinity
 * Diagnosis: wrong-result
 */
#include "correct.h"

#include <stdio.h>
#include <string.h>

int cpu_count(void)
{
	char line[1024];
	int cpus = 0;
	FILE *file = fopen("/proc/cpuinfo", "r");

	if (!file)
		return -1;
	while (fgets(line, sizeof line, file))
		cpus += strncmp(line, "processor", 9) == 0;
	fclose(file);
	return cpus > 0 ? cpus : 1;
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
