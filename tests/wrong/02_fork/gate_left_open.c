/* Mistake:   holds the workers at a pipe until all have started, and never
 *            closes its read end.
 * Test:      leaves_nothing_open
 * Diagnosis: leaked-fd
 */
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

static int give_up(pid_t *pids, int started, const int gate[2])
{
	const int why = errno;

	for (int rank = 0; rank < started; rank++)
		kill(pids[rank], SIGKILL);
	for (int rank = 0; rank < started; rank++)
		wait_for(pids[rank]);
	free(pids);
	close(gate[0]);
	close(gate[1]);
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

	int gate[2];
	if (pipe(gate) < 0) {
		free(pids);
		return -1;
	}
	for (int rank = 0; rank < workers; rank++) {
		pids[rank] = fork();
		if (pids[rank] < 0)
			return give_up(pids, rank, gate);
		if (pids[rank] == 0) {
			char byte;
			close(gate[1]);
			while (read(gate[0], &byte, 1) < 0 && errno == EINTR)
				;
			close(gate[0]);
			_exit(body(rank, workers, context));
		}
	}
	close(gate[1]); /* end of file: all workers go */

	int failed = 0;
	for (int rank = 0; rank < workers; rank++) {
		statuses[rank] = wait_for(pids[rank]);
		failed += statuses[rank] != 0;
	}
	free(pids);
	return failed;
}
