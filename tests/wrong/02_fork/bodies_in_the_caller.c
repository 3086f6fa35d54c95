/* Mistake:   calls the bodies itself, one after the other.
 * Test:      runs_in_processes
 * Diagnosis: no-processes
 */
#include "run_workers.h"

#include <errno.h>

int run_workers(int workers, worker_fn *body, void *context, int statuses[])
{
	if (workers < 1 || !body || !statuses) {
		errno = EINVAL;
		return -1;
	}
	int failed = 0;
	for (int rank = 0; rank < workers; rank++) {
		statuses[rank] = body(rank, workers, context);
		failed += statuses[rank] != 0;
	}
	return failed;
}
