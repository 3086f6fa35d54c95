/* Mistake:   ends the whole program where it should return -1.
 * Test:      serial_map_rejects_bad_arguments
 * Diagnosis: early-exit
 */
#include "correct.h"

#include <stdio.h>
#include <stdlib.h>

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
		fprintf(stderr, "serial_map: NULL\n");
		exit(EXIT_FAILURE);
	}
	for (size_t i = 0; i < n; i++)
		results[i] = task(seeds[i]);
	return 0;
}
