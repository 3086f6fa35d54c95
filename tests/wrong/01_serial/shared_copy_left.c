/* Mistake:   works in a shared mapping, copies the results out and never unmaps
 *            it.
 * Test:      serial_map_leaves_nothing
 * Diagnosis: leaked-shared
 */
#include "correct.h"

#include <string.h>
#include <sys/mman.h>

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
	if (n == 0)
		return 0;
	size_t size = n * sizeof *results;
	int32_t *shared = mmap(NULL, size, PROT_READ | PROT_WRITE,
	                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		return -1;
	for (size_t i = 0; i < n; i++)
		shared[i] = task(seeds[i]);
	memcpy(results, shared, size);
	return 0;
}
