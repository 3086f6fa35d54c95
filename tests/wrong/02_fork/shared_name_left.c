/* Mistake:   the workers write their statuses to shared memory with a name, and
 *            the name is never unlinked.
 * Test:      leaves_nothing_open
 * Diagnosis: leaked-shared
 */
#include "run_workers.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct worker {
	pid_t pid;
	int status;
};

static struct worker *share(size_t size)
{
	char name[64];
	void *shared = MAP_FAILED;

	snprintf(name, sizeof name, "/run_workers.%d", (int)getpid());
	int fd = shm_open(name, O_RDWR | O_CREAT, 0600);
	if (fd < 0)
		return MAP_FAILED;
	if (ftruncate(fd, (off_t)size) == 0)
		shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return shared;
}

static int wait_for(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int give_up(struct worker *all, int started, size_t size)
{
	const int why = errno;

	for (int rank = 0; rank < started; rank++)
		kill(all[rank].pid, SIGKILL);
	for (int rank = 0; rank < started; rank++)
		wait_for(all[rank].pid);
	munmap(all, size);
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
	if (all == MAP_FAILED)
		return -1;

	for (int rank = 0; rank < workers; rank++) {
		pid_t pid = fork();
		if (pid < 0)
			return give_up(all, rank, size);
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
	munmap(all, size);
	return failed;
}
