/* Unusual:   never blocks in a wait: asks for every worker with WNOHANG, and
 *            sleeps a millisecond between the rounds.
 */
#include "run_workers.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct worker {
	pid_t pid;
	bool ended;
};

/* Whether the worker has just ended; then *status is what became of it. */
static bool has_ended(struct worker *worker, int *status)
{
	int word;

	if (worker->ended || waitpid(worker->pid, &word, WNOHANG) != worker->pid)
		return false;
	worker->ended = true;
	*status = WIFEXITED(word) ? WEXITSTATUS(word) : 128 + WTERMSIG(word);
	return true;
}

static void wait_for_all(struct worker all[], int count, int statuses[])
{
	const struct timespec pause = { 0, 1000 * 1000 };

	for (int left = count; left > 0; nanosleep(&pause, NULL))
		for (int rank = 0; rank < count; rank++)
			left -= has_ended(&all[rank], &statuses[rank]);
}

int run_workers(int workers, worker_fn *body, void *context, int statuses[])
{
	int started = 0, failed = 0, why = 0;

	if (workers < 1 || !body || !statuses) {
		errno = EINVAL;
		return -1;
	}
	struct worker *all = calloc((size_t)workers, sizeof *all);
	if (!all)
		return -1;

	while (started < workers && !why) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(body(started, workers, context));
		if (pid < 0)
			why = errno;
		else
			all[started++].pid = pid;
	}
	for (int rank = 0; why && rank < started; rank++)
		kill(all[rank].pid, SIGKILL);
	wait_for_all(all, started, statuses);
	for (int rank = 0; rank < started; rank++)
		failed += statuses[rank] != 0;
	free(all);
	if (why)
		errno = why;
	return why ? -1 : failed;
}
