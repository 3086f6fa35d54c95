/* Unusual:   starts its workers with the system call clone, not with fork.
 *            SIGCHLD alone for flags, nothing shared and no stack of its own:
 *            that is what fork does.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "run_workers.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t start_process(void)
{
	return (pid_t)syscall(SYS_clone, (long)SIGCHLD, 0L, 0L, 0L, 0L);
}

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
	int failed = 0;

	if (workers < 1 || !body || !statuses) {
		errno = EINVAL;
		return -1;
	}
	pid_t *pids = malloc((size_t)workers * sizeof *pids);
	if (!pids)
		return -1;

	for (int rank = 0; rank < workers; rank++) {
		pids[rank] = start_process();
		if (pids[rank] == 0)
			_exit(body(rank, workers, context));
		if (pids[rank] < 0) {
			int why = errno;

			for (int i = 0; i < rank; i++)
				kill(pids[i], SIGKILL);
			for (int i = 0; i < rank; i++)
				wait_for(pids[i]);
			free(pids);
			errno = why;
			return -1;
		}
	}
	for (int rank = 0; rank < workers; rank++) {
		statuses[rank] = wait_for(pids[rank]);
		failed += statuses[rank] != 0;
	}
	free(pids);
	return failed;
}
