/* Mistake:   asks with WNOHANG, once, and takes a worker that still runs for one
 *            that has ended well.
 * Test:      reaps_every_child
 * Diagnosis: zombie
 */
#include "run_workers.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int wait_for(pid_t pid, int options)
{
	int status = 0;

	while (waitpid(pid, &status, options) < 0 && errno == EINTR)
		;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int give_up(pid_t *pids, int started)
{
	const int why = errno;

	for (int rank = 0; rank < started; rank++)
		kill(pids[rank], SIGKILL);
	for (int rank = 0; rank < started; rank++)
		wait_for(pids[rank], 0);
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
		pids[rank] = fork();
		if (pids[rank] < 0)
			return give_up(pids, rank);
		if (pids[rank] == 0)
			_exit(body(rank, workers, context));
	}

	int failed = 0;
	for (int rank = 0; rank < workers; rank++) {
		statuses[rank] = wait_for(pids[rank], WNOHANG);
		failed += statuses[rank] != 0;
	}
	free(pids);
	return failed;
}
