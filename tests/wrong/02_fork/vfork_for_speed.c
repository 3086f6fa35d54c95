/* Mistake:   vfork holds the caller until the child has ended, so the workers
 *            run one after the other.
 * Test:      starts_all_before_waiting
 * Diagnosis: serialised
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "run_workers.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int wait_for(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static pid_t start(int rank, int workers, worker_fn *body, void *context)
{
	pid_t pid = vfork();

	if (pid == 0)
		_exit(body(rank, workers, context));
	return pid;
}

static int give_up(pid_t *pids, int started)
{
	const int why = errno;

	for (int rank = 0; rank < started; rank++)
		kill(pids[rank], SIGKILL);
	for (int rank = 0; rank < started; rank++)
		wait_for(pids[rank]);
	free(pids);
	errno = why;
	return -1;
}

int run_workers(int workers, worker_fn *body, void *context, int statuses[])
{
	if (workers < 1 || !body || !statuses) {
		errno = EINVAL;
		return -1;
	}
	pid_t *pids = malloc((size_t)workers * sizeof *pids);
	if (!pids)
		return -1;

	for (int rank = 0; rank < workers; rank++) {
		pids[rank] = start(rank, workers, body, context);
		if (pids[rank] < 0)
			return give_up(pids, rank);
	}

	int failed = 0;
	for (int rank = 0; rank < workers; rank++) {
		statuses[rank] = wait_for(pids[rank]);
		failed += statuses[rank] != 0;
	}
	free(pids);
	return failed;
}
