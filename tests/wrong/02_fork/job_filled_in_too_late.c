/* Mistake:   fills in a worker's job after fork. The child has the copy from
 *            before, calls NULL, and dies before its body has begun.
 * Test:      runs_every_rank
 * Diagnosis: lost-task
 */
#include "run_workers.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct job {
	pid_t pid;
	worker_fn *body;
};

static int wait_for(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int give_up(struct job *jobs, int started)
{
	const int why = errno;

	for (int rank = 0; rank < started; rank++)
		kill(jobs[rank].pid, SIGKILL);
	for (int rank = 0; rank < started; rank++)
		wait_for(jobs[rank].pid);
	free(jobs);
	errno = why;
	return -1;
}

int run_workers(int workers, worker_fn *body, void *context, int statuses[])
{
	if (workers < 1 || !body || !statuses) {
		errno = EINVAL;
		return -1;
	}
	struct job *jobs = calloc((size_t)workers, sizeof *jobs);
	if (!jobs)
		return -1;

	for (int rank = 0; rank < workers; rank++) {
		pid_t pid = fork();
		if (pid < 0)
			return give_up(jobs, rank);
		if (pid == 0)
			_exit(jobs[rank].body(rank, workers, context));
		jobs[rank].pid = pid;
		jobs[rank].body = body;
	}

	int failed = 0;
	for (int rank = 0; rank < workers; rank++) {
		statuses[rank] = wait_for(jobs[rank].pid);
		failed += statuses[rank] != 0;
	}
	free(jobs);
	return failed;
}
