/* Unusual:   has a helper thread wait for each worker. The threads start when
 *            all workers have: fork copies the calling thread alone.
 */
#include "run_workers.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct worker {
	pid_t pid;
	int status;
	pthread_t waiter;
	int has_waiter;
};

static void *wait_for(void *argument)
{
	struct worker *self = argument;
	int status;

	while (waitpid(self->pid, &status, 0) < 0)
		if (errno != EINTR)
			return NULL;
	self->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return NULL;
}

static int start_all(struct worker all[], int workers, worker_fn *body, void *context)
{
	for (int rank = 0; rank < workers; rank++) {
		all[rank].pid = fork();
		if (all[rank].pid == 0)
			_exit(body(rank, workers, context));
		if (all[rank].pid < 0) {
			int why = errno;

			while (--rank >= 0) {
				kill(all[rank].pid, SIGKILL);
				wait_for(&all[rank]);
			}
			errno = why;
			return -1;
		}
	}
	return 0;
}

int run_workers(int workers, worker_fn *body, void *context, int statuses[])
{
	int failed = 0;

	if (workers < 1 || !body || !statuses) {
		errno = EINVAL;
		return -1;
	}
	struct worker *all = calloc((size_t)workers, sizeof *all);
	if (!all || start_all(all, workers, body, context) < 0) {
		free(all);
		return -1;
	}
	for (struct worker *w = all; w < all + workers; w++)
		w->has_waiter = pthread_create(&w->waiter, NULL, wait_for, w) == 0;
	for (int rank = 0; rank < workers; rank++) {
		if (all[rank].has_waiter)
			pthread_join(all[rank].waiter, NULL);
		else
			wait_for(&all[rank]); /* too many threads: by ourselves */
		statuses[rank] = all[rank].status;
		failed += statuses[rank] != 0;
	}
	free(all);
	return failed;
}
