/* Mistake:   does not see that fork failed, and reads a pipe that nobody
 *            writes to.
 * Test:      undoes_a_failed_start
 * Diagnosis: ignored-failure
 */
#include "pipe_map.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct worker {
	pid_t pid;
	int fd;
	size_t first, count;
};

static int send_all(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size > 0) {
		ssize_t moved = write(fd, at, size);

		if (moved < 0 && errno != EINTR)
			return -1;
		if (moved > 0) {
			at += moved;
			size -= (size_t)moved;
		}
	}
	return 0;
}

/* Returns 0, or the reason why not all of it came. */
static int receive_all(int fd, void *data, size_t size)
{
	char *at = data;

	while (size > 0) {
		ssize_t moved = read(fd, at, size);

		if (moved == 0)
			return ECHILD;
		if (moved < 0 && errno != EINTR)
			return errno;
		if (moved > 0) {
			at += moved;
			size -= (size_t)moved;
		}
	}
	return 0;
}

static void wait_for(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void work(struct worker *all, int rank, int to, task_fn *task, const uint32_t *seeds,
                 int32_t *results)
{
	const struct worker *w = &all[rank];

	for (int i = 0; i <= rank; i++)
		close(all[i].fd);
	for (size_t i = w->first; i < w->first + w->count; i++)
		results[i] = task(seeds[i]);
	_exit(send_all(to, results + w->first, w->count * sizeof *results) < 0);
}

static int start(struct worker *all, int rank, task_fn *task, const uint32_t *seeds,
                 int32_t *results)
{
	int ends[2];

	if (pipe(ends) < 0)
		return -1;
	all[rank].fd = ends[0];
	all[rank].pid = fork();
	if (all[rank].pid == 0)
		work(all, rank, ends[1], task, seeds, results);
	close(ends[1]);
	return 0;
}

static void give_up(struct worker *all, int started)
{
	const int why = errno;

	for (int i = 0; i < started; i++) {
		kill(all[i].pid, SIGKILL);
		close(all[i].fd);
	}
	for (int i = 0; i < started; i++)
		wait_for(all[i].pid);
	free(all);
	errno = why;
}

static int collect(struct worker *all, int workers, int32_t *results)
{
	int why = 0;

	for (int i = 0; i < workers; i++) {
		int error = receive_all(all[i].fd, results + all[i].first,
		                        all[i].count * sizeof *results);
		if (error)
			why = error;
		close(all[i].fd);
	}
	for (int i = 0; i < workers; i++)
		wait_for(all[i].pid);
	free(all);
	errno = why;
	return why ? -1 : 0;
}

int pipe_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	size_t first = 0;

	if (workers < 1 || (n > 0 && (!task || !seeds || !results))) {
		errno = EINVAL;
		return -1;
	}
	if (n == 0)
		return 0;
	if ((size_t)workers > n)
		workers = (int)n;
	struct worker *all = malloc((size_t)workers * sizeof *all);

	if (!all)
		return -1;
	fflush(NULL);
	for (int rank = 0; rank < workers; rank++) {
		all[rank].first = first;
		all[rank].count = n / (size_t)workers + ((size_t)rank < n % (size_t)workers);
		first += all[rank].count;
		if (start(all, rank, task, seeds, results) < 0) {
			give_up(all, rank);
			return -1;
		}
	}
	return collect(all, workers, results);
}
