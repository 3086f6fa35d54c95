/* Mistake:   writes a log to a scratch file and never closes it.
 * Test:      serial_map_leaves_nothing
 * Diagnosis: leaked-fd
 */
#include "correct.h"

#include <stdio.h>

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
	FILE *log = tmpfile();
	if (!log)
		return -1;
	for (size_t i = 0; i < n; i++) {
		results[i] = task(seeds[i]);
		fprintf(log, "%u: %d\n", seeds[i], results[i]);
	}
	fflush(log);
	return 0;
}
