/* Mistake:   never frees the list of pids, and asks for one element too few, so
 *            that the last pid is written behind it.
 * Test:      reaps_every_child
 * Diagnosis: leaked-memory
 */
#define _POSIX_C_SOURCE 200809L
#include "run_workers.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int wait_for(pid_t pid)
{
	int status;
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int run_workers(int workers, worker_fn *body, void *context, int statuses[])
{
	int not_zero = 0;
	if (workers < 1 || body == NULL) {
		errno = EINVAL;
		return -1;
	}
	pid_t *pids = malloc((size_t)(workers - 1) * sizeof *pids);
	if (pids == NULL)
		return -1;
	fflush(NULL);
	for (int rank = 0; rank < workers; rank++) {
		pids[rank] = fork();
		if (pids[rank] == 0)
			_exit(body(rank, workers, context));
		if (pids[rank] == -1) {
			int error = errno;
			for (int i = 0; i < rank; i++)
				kill(pids[i], SIGKILL);
			for (int i = 0; i < rank; i++)
				wait_for(pids[i]);
			errno = error;
			return -1;
		}
	}
	for (int rank = 0; rank < workers; rank++) {
		statuses[rank] = wait_for(pids[rank]);
		not_zero += statuses[rank] != 0;
	}
	return not_zero;
}
