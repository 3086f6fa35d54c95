/* Mistake:   returns -1 when fork fails, and leaves the workers running that it
 *            had started.
 * Test:      undoes_a_failed_start
 * Diagnosis: ignored-failure
 */
#include "run_workers.h"

#include <errno.h>
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
		if (pids[rank] < 0) {
			free(pids);
			return -1;
		}
		if (pids[rank] == 0)
			_exit(body(rank, workers, context));
	}

	int failed = 0;
	for (int rank = 0; rank < workers; rank++) {
		statuses[rank] = wait_for(pids[rank]);
		failed += statuses[rank] != 0;
	}
	free(pids);
	return failed;
}
