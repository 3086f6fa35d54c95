/* Unusual:   the workers write what their bodies return to shared memory, which
 *            is unmapped at the end. How a worker ended counts first: a body may
 *            end its process by itself.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "run_workers.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct worker {
	pid_t pid;
	int returned;
};

static int wait_for(const struct worker *worker)
{
	int status;

	while (waitpid(worker->pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	return WEXITSTATUS(status) ? WEXITSTATUS(status) : worker->returned;
}

int run_workers(int workers, worker_fn *body, void *context, int statuses[])
{
	int started = 0, failed = 0, why = 0;

	if (workers < 1 || !body || !statuses) {
		errno = EINVAL;
		return -1;
	}
	size_t size = (size_t)workers * sizeof(struct worker);
	struct worker *all = mmap(NULL, size, PROT_READ | PROT_WRITE,
	                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (all == MAP_FAILED)
		return -1;

	while (started < workers && !why) {
		pid_t pid = fork();

		if (pid == 0) {
			all[started].returned = body(started, workers, context);
			_exit(0);
		}
		if (pid < 0)
			why = errno;
		else
			all[started++].pid = pid;
	}
	for (int rank = 0; why && rank < started; rank++)
		kill(all[rank].pid, SIGKILL);
	for (int rank = 0; rank < started; rank++) {
		statuses[rank] = wait_for(&all[rank]);
		failed += statuses[rank] != 0;
	}
	munmap(all, size);
	if (why)
		errno = why;
	return why ? -1 : failed;
}
