/* Unusual:   waits with waitid and P_PID, which says in siginfo_t how the worker
 *            ended: there is no status word to take apart.
 */
#include "run_workers.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int wait_for(pid_t pid)
{
	siginfo_t end = { 0 };

	while (waitid(P_PID, (id_t)pid, &end, WEXITED) < 0)
		if (errno != EINTR)
			return -1;
	return end.si_code == CLD_EXITED ? end.si_status : 128 + end.si_status;
}

int run_workers(int workers, worker_fn *body, void *context, int statuses[])
{
	int started = 0, failed = 0, why = 0;

	if (workers < 1 || !body || !statuses) {
		errno = EINVAL;
		return -1;
	}
	pid_t *pids = calloc((size_t)workers, sizeof *pids);
	if (!pids)
		return -1;

	fflush(NULL);
	for (; started < workers; started++) {
		pids[started] = fork();
		if (pids[started] == 0)
			_exit(body(started, workers, context));
		if (pids[started] < 0) {
			why = errno;
			break;
		}
	}
	for (int rank = 0; why && rank < started; rank++)
		kill(pids[rank], SIGKILL);
	for (int rank = 0; rank < started; rank++) {
		statuses[rank] = wait_for(pids[rank]);
		failed += statuses[rank] != 0;
	}
	free(pids);
	if (why)
		errno = why;
	return why ? -1 : failed;
}
