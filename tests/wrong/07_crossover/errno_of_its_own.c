/* Mistake:   returns -1 with EIO where the map fails, whatever the errno of the map
 *            was.
 * Test:      time_map_passes_failures_on
 * Diagnosis: wrong-errno
 */
#include "correct.h"

double time_map(map_fn *map, void *context, task_fn *task, size_t n, int repeats)
{
	double seconds = correct_time_map(map, context, task, n, repeats);

	if (seconds < 0 && errno != EINVAL)
		errno = EIO;
	return seconds;
}

CORRECT_FIND_CROSSOVER

CORRECT_ADAPTIVE_MAP
