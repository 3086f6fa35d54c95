/* Unusual:   holds the workers at a gate, a pipe, until all of them have started.
 *            If one cannot start, no body has run when the others are killed.
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

/* In the worker: returns at the end of file, which comes when nobody holds the
 * write end any more. So each worker closes its copy before it waits. */
static void wait_at(const int gate[2])
{
	char byte;

	close(gate[1]);
	while (read(gate[0], &byte, 1) < 0 && errno == EINTR)
		;
	close(gate[0]);
}

int run_workers(int workers, worker_fn *body, void *context, int statuses[])
{
	int gate[2], started = 0, failed = 0, why = 0;

	if (workers < 1 || !body || !statuses) {
		errno = EINVAL;
		return -1;
	}
	pid_t *pids = malloc((size_t)workers * sizeof *pids);
	if (!pids || pipe(gate) < 0) {
		free(pids);
		return -1;
	}
	while (started < workers && !why) {
		pid_t pid = fork();

		if (pid == 0) {
			wait_at(gate);
			_exit(body(started, workers, context));
		}
		if (pid < 0)
			why = errno;
		else
			pids[started++] = pid;
	}
	for (int rank = 0; why && rank < started; rank++)
		kill(pids[rank], SIGKILL);
	close(gate[0]);
	close(gate[1]);
	for (int rank = 0; rank < started; rank++) {
		statuses[rank] = wait_for(pids[rank]);
		failed += statuses[rank] != 0;
	}
	free(pids);
	if (why)
		errno = why;
	return why ? -1 : failed;
}
