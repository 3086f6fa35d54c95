/* Lab 07, your file. The contract of the three functions is in crossover.h, the
 * steps are in README.md, and `make check LAB=07` tells how far you are.
 *
 * As long as a function returns -1 (which is SIZE_MAX as a size_t) with errno =
 * ENOSYS ("function not implemented") it counts as not started, not as wrong.
 */
#include "crossover.h"

#include <errno.h>

double time_map(map_fn *map, void *context, task_fn *task, size_t n, int repeats)
{
	(void)map, (void)context, (void)task, (void)n, (void)repeats;
	errno = ENOSYS;
	return -1;
}

size_t find_crossover(const size_t n[], const double serial[], const double parallel[],
                      size_t count)
{
	(void)n, (void)serial, (void)parallel, (void)count;
	errno = ENOSYS;
	return SIZE_MAX;
}

int adaptive_map(map_fn *parallel, void *context, task_fn *task, const uint32_t *seeds, size_t n,
                 int32_t *results)
{
	(void)parallel, (void)context, (void)task, (void)seeds, (void)n, (void)results;
	errno = ENOSYS;
	return -1;
}
