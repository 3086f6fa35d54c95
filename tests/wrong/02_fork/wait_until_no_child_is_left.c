/* Mistake:   waits until there is no child any more, be it the caller's: it
 *            steals one, and waits for the other as long as that one likes.
 * Test:      leaves_other_children_alone
 * Diagnosis: stolen-child
 */
#include "run_workers.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int rank_of(pid_t pid, const pid_t *pids, int workers)
{
	for (int rank = 0; rank < workers; rank++)
		if (pids[rank] == pid)
			return rank;
	return -1;
}

static int decode(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int wait_for(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return decode(status);
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
		pids[rank] = fork();
		if (pids[rank] < 0)
			return give_up(pids, rank);
		if (pids[rank] == 0)
			_exit(body(rank, workers, context));
	}

	int failed = 0, status;
	pid_t pid;
	while ((pid = wait(&status)) > 0 || errno == EINTR) {
		int rank = rank_of(pid, pids, workers);
		if (rank < 0)
			continue;
		statuses[rank] = decode(status);
		failed += statuses[rank] != 0;
	}
	free(pids);
	return failed;
}
