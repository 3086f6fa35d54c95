/* Mistake:   walks a list of workers until it meets a pid of 0. The list ends
 *            with NULL.
 * Test:      runs_every_rank
 * Diagnosis: crash
 */
#include "run_workers.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct worker {
	pid_t pid;
	struct worker *next;
};

static int wait_for(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int give_up(struct worker *list)
{
	const int why = errno;

	for (const struct worker *w = list; w; w = w->next)
		kill(w->pid, SIGKILL);
	while (list) {
		struct worker *w = list;
		wait_for(w->pid);
		list = w->next;
		free(w);
	}
	errno = why;
	return -1;
}

int run_workers(int workers, worker_fn *body, void *context, int statuses[])
{
	if (workers < 1 || !body || !statuses) {
		errno = EINVAL;
		return -1;
	}
	struct worker *list = NULL;
	for (int rank = 0; rank < workers; rank++) {
		struct worker *w = malloc(sizeof *w);
		pid_t pid = w ? fork() : -1;
		if (pid < 0) {
			free(w);
			return give_up(list);
		}
		if (pid == 0)
			_exit(body(rank, workers, context));
		*w = (struct worker){ pid, list };
		list = w;
	}

	int failed = 0;
	for (int rank = workers - 1; list->pid != 0; rank--) {
		struct worker *w = list;
		statuses[rank] = wait_for(w->pid);
		failed += statuses[rank] != 0;
		list = w->next;
		free(w);
	}
	return failed;
}
