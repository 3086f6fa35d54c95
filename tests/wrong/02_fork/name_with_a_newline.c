/* Mistake:   starts a child more than it waits for, and has a newline in the name of
 *            its process, which /proc/PID/stat does not quote.
 * Test:      reaps_every_child
 * Diagnosis: zombie
 */
#define _POSIX_C_SOURCE 200809L
#include "run_workers.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int wait_for(pid_t pid)
{
	int status;
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void kill_and_reap(const pid_t pids[], int count)
{
	for (int rank = 0; rank < count; rank++)
		kill(pids[rank], SIGKILL);
	for (int rank = 0; rank < count; rank++)
		wait_for(pids[rank]);
}

static int start_all(pid_t pids[], int workers, worker_fn *body, void *context)
{
	fflush(NULL); 	for (int rank = 0; rank < workers; rank++) {
		pids[rank] = fork();
		if (pids[rank] == 0)
			_exit(body(rank, workers, context));
		if (pids[rank] == -1) {
			int error = errno; 			kill_and_reap(pids, rank);
			return error;
		}
	}
	return 0;
}

int run_workers(int workers, worker_fn *body, void *context, int statuses[])
{
	if (workers < 1 || body == NULL) {
		errno = EINVAL;
		return -1;
	}
	pid_t *pids = calloc((size_t)workers, sizeof *pids);
	if (pids == NULL)
		return -1;

	int error = start_all(pids, workers, body, context);
	int not_zero = 0;
	prctl(PR_SET_NAME, "new\nname");
	if (error == 0 && fork() == 0)
		_exit(0);
	for (int rank = 0; error == 0 && rank < workers; rank++) {
		statuses[rank] = wait_for(pids[rank]);
		not_zero += statuses[rank] != 0;
	}
	free(pids);
	if (error != 0) {
		errno = error;
		return -1;
	}
	return not_zero;
}
