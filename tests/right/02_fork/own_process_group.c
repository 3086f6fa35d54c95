/* Unusual:   puts the workers into a process group of their own, kills them with
 *            one kill and waits for whoever of the group ends first. The group
 *            bears the pid of rank 0, which is not waited for before all have
 *            started; parent and child both set it, whoever comes first.
 */
#include "run_workers.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int decode(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int give_up(pid_t *pids, int started)
{
	int why = errno;

	if (started > 0) {
		kill(-pids[0], SIGKILL);
		while (waitpid(-pids[0], NULL, 0) > 0 || errno == EINTR)
			;
	}
	free(pids);
	errno = why;
	return -1;
}

static int rank_of(pid_t pid, const pid_t pids[])
{
	int rank = 0;

	while (pids[rank] != pid)
		rank++;
	return rank;
}

int run_workers(int workers, worker_fn *body, void *context, int statuses[])
{
	int failed = 0;

	if (workers < 1 || !body || !statuses) {
		errno = EINVAL;
		return -1;
	}
	pid_t *pids = calloc((size_t)workers, sizeof *pids);
	if (!pids)
		return -1;

	for (int rank = 0; rank < workers; rank++) {
		pid_t pid = fork();

		if (pid < 0)
			return give_up(pids, rank);
		setpgid(pid, pids[0]); /* in the child: itself; 0 starts the group */
		if (pid == 0)
			_exit(body(rank, workers, context));
		pids[rank] = pid;
	}
	for (int left = workers; left > 0;) {
		int status;
		pid_t pid = waitpid(-pids[0], &status, 0);

		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			break;
		statuses[rank_of(pid, pids)] = decode(status);
		failed += status != 0;
		left--;
	}
	free(pids);
	return failed;
}
