/* Mistake:   waits for each worker before it starts the next.
 * Test:      starts_all_before_waiting
 * Diagnosis: serialised
 */
#include "run_workers.h"

#include <errno.h>
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
	int failed = 0;
	for (int rank = 0; rank < workers; rank++) {
		pid_t pid = fork();
		if (pid < 0)
			return -1;
		if (pid == 0)
			_exit(body(rank, workers, context));
		statuses[rank] = wait_for(pid);
		failed += statuses[rank] != 0;
	}
	return failed;
}
