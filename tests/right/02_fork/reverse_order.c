/* Unusual:   starts the last rank first, and waits for it first too.
 */
#include "run_workers.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int run_workers(int workers, worker_fn *body, void *context, int statuses[])
{
	int rank = workers, why = 0, failed = 0;

	if (workers < 1 || !body || !statuses) {
		errno = EINVAL;
		return -1;
	}
	pid_t *pids = malloc((size_t)workers * sizeof *pids);
	if (!pids)
		return -1;

	while (rank > 0 && !why) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(body(rank - 1, workers, context));
		if (pid < 0)
			why = errno;
		else
			pids[--rank] = pid;
	}
	for (int last = workers; why && last-- > rank;)
		kill(pids[last], SIGKILL);
	for (int last = workers; last-- > rank;) {
		statuses[last] = wait_for(pids[last]);
		failed += statuses[last] != 0;
	}
	free(pids);
	if (why)
		errno = why;
	return why ? -1 : failed;
}
