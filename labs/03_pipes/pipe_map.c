/* Lab 03, your file. The contract of pipe_map is in pipe_map.h, the steps are in
 * README.md, and `make check LAB=03` tells how far you are.
 *
 * As long as it returns -1 with errno = ENOSYS ("function not implemented") it
 * counts as not started, not as wrong.
 */
#include "pipe_map.h"

#include <errno.h>

int pipe_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	(void)task, (void)seeds, (void)n, (void)results, (void)workers;
	errno = ENOSYS;
	return -1;
}
