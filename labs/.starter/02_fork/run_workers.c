/* Lab 02, your file. The contract of run_workers is in run_workers.h, the steps
 * are in README.md, and `make check LAB=02` tells how far you are.
 *
 * As long as it returns -1 with errno = ENOSYS ("function not implemented") it
 * counts as not started, not as wrong.
 */
#include "run_workers.h"

#include <errno.h>

int run_workers(int workers, worker_fn *body, void *context, int statuses[])
{
	(void)workers, (void)body, (void)context, (void)statuses;
	errno = ENOSYS;
	return -1;
}
