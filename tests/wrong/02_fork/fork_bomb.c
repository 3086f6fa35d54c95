/* Mistake:   forks for ever, in every process.
 * Test:      runs_every_rank
 * Diagnosis: extra-processes
 */
#include "run_workers.h"

#include <errno.h>
#include <unistd.h>

int run_workers(int workers, worker_fn *body, void *context, int statuses[])
{
	if (workers < 1 || !body || !statuses) {
		errno = EINVAL;
		return -1;
	}
	(void)context;
	for (;;)
		fork();
}
