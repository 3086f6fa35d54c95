/* Mistake:   the workers write their statuses to a System V segment, which is
 *            detached and never removed.
 * Test:      leaves_nothing_open
 * Diagnosis: leaked-shared
 */
#include "run_workers.h"

#include <errno.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

struct worker {
	pid_t pid;
	int status;
};

static struct worker *share(size_t size)
{
	int id = shmget(IPC_PRIVATE, size, IPC_CREAT | 0600);

	return id < 0 ? (void *)-1 : shmat(id, NULL, 0);
}

static int wait_for(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int give_up(struct worker *all, int started)
{
	const int why = errno;

	for (int rank = 0; rank < started; rank++)
		kill(all[rank].pid, SIGKILL);
	for (int rank = 0; rank < started; rank++)
		wait_for(all[rank].pid);
	shmdt(all);
	errno = why;
	return -1;
}

int run_workers(int workers, worker_fn *body, void *context, int statuses[])
{
	if (workers < 1 || !body || !statuses) {
		errno = EINVAL;
		return -1;
	}
	size_t size = (size_t)workers * sizeof(struct worker);
	struct worker *all = share(size);
	if (all == (void *)-1)
		return -1;

	for (int rank = 0; rank < workers; rank++) {
		pid_t pid = fork();
		if (pid < 0)
			return give_up(all, rank);
		if (pid == 0)
			_exit(all[rank].status = body(rank, workers, context));
		all[rank].pid = pid;
	}

	int failed = 0;
	for (int rank = 0; rank < workers; rank++) {
		int status = wait_for(all[rank].pid);
		statuses[rank] = status ? status : all[rank].status;
		failed += statuses[rank] != 0;
	}
	shmdt(all);
	return failed;
}
