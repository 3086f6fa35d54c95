/* Unusual:   starts one worker, calls itself for those after it, and waits for
 *            its own on the way back. The pids stand on the stack.
 */
#include "run_workers.h"

#include <errno.h>
#include <signal.h>
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

/* Runs the workers from `rank` on. Returns as run_workers does. */
static int run_from(int rank, int workers, worker_fn *body, void *context, int statuses[])
{
	if (rank == workers)
		return 0;

	pid_t pid = fork();
	if (pid < 0)
		return -1;
	if (pid == 0)
		_exit(body(rank, workers, context));

	int failed = run_from(rank + 1, workers, body, context, statuses);
	int why = errno;
	if (failed < 0)
		kill(pid, SIGKILL);
	statuses[rank] = wait_for(pid);
	errno = why;
	return failed < 0 ? -1 : failed + (statuses[rank] != 0);
}

int run_workers(int workers, worker_fn *body, void *context, int statuses[])
{
	if (workers < 1 || !body || !statuses) {
		errno = EINVAL;
		return -1;
	}
	return run_from(0, workers, body, context, statuses);
}
