/* Unusual:   needs no memory of its own: while a worker runs, its pid stands
 *            where its status will. It waits with wait4, which also tells what
 *            the worker used.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "run_workers.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int wait_for(pid_t pid)
{
	struct rusage used;
	int status;

	while (wait4(pid, &status, 0, &used) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int run_workers(int workers, worker_fn *body, void *context, int statuses[])
{
	int failed = 0;

	if (workers < 1 || !body || !statuses) {
		errno = EINVAL;
		return -1;
	}
	for (int rank = 0; rank < workers; rank++) {
		statuses[rank] = fork();
		if (statuses[rank] == 0)
			_exit(body(rank, workers, context));
		if (statuses[rank] < 0) {
			int why = errno;

			while (--rank >= 0) {
				kill(statuses[rank], SIGKILL);
				wait_for(statuses[rank]);
			}
			errno = why;
			return -1;
		}
	}
	for (int rank = 0; rank < workers; rank++) {
		statuses[rank] = wait_for(statuses[rank]);
		failed += statuses[rank] != 0;
	}
	return failed;
}
