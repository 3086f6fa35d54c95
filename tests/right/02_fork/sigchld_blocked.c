/* Unusual:   blocks SIGCHLD and fetches it with sigtimedwait. After each one it
 *            asks for every worker, without blocking: signals of one kind do not
 *            queue. It asks every 100 ms too, should another thread have got it.
 */
#include "run_workers.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int decode(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Starts all with the caller's mask, old; returns how many it could start. */
static int start_all(pid_t pids[], int workers, worker_fn *body, void *context,
                     const sigset_t *old)
{
	for (int rank = 0; rank < workers; rank++) {
		pids[rank] = fork();
		if (pids[rank] == 0) {
			sigprocmask(SIG_SETMASK, old, NULL);
			_exit(body(rank, workers, context));
		}
		if (pids[rank] < 0)
			return rank;
	}
	return workers;
}

/* Waits until the first `count` have ended; pids become 0. */
static void collect(pid_t pids[], int count, int statuses[], const sigset_t *sigchld)
{
	const struct timespec pause = { 0, 100 * 1000 * 1000 };

	for (int left = count; left > 0;) {
		for (int rank = 0; rank < count; rank++) {
			int status;

			if (pids[rank] == 0 || waitpid(pids[rank], &status, WNOHANG) <= 0)
				continue;
			statuses[rank] = decode(status);
			pids[rank] = 0;
			left--;
		}
		if (left > 0)
			sigtimedwait(sigchld, NULL, &pause);
	}
}

int run_workers(int workers, worker_fn *body, void *context, int statuses[])
{
	int started, why, failed = 0;
	sigset_t sigchld, old;

	if (workers < 1 || !body || !statuses) {
		errno = EINVAL;
		return -1;
	}
	pid_t *pids = malloc((size_t)workers * sizeof *pids);
	if (!pids)
		return -1;

	sigemptyset(&sigchld);
	sigaddset(&sigchld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &sigchld, &old);
	started = start_all(pids, workers, body, context, &old);
	why = errno;
	for (int rank = 0; started < workers && rank < started; rank++)
		kill(pids[rank], SIGKILL);
	collect(pids, started, statuses, &sigchld);
	sigprocmask(SIG_SETMASK, &old, NULL);
	free(pids);
	if (started < workers) {
		errno = why;
		return -1;
	}
	for (int rank = 0; rank < workers; rank++)
		failed += statuses[rank] != 0;
	return failed;
}
