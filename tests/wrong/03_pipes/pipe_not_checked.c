/* Mistake:   says that pipe failed and goes on with ends that there are not.
 * Test:      undoes_a_failed_start
 * Diagnosis: ignored-failure
 */
#include "pipe_map.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Worker `rank` has the tasks from border(rank) to before border(rank + 1). */
static size_t border(size_t n, int workers, int rank)
{
	size_t more = n % (size_t)workers, r = (size_t)rank;

	return r * (n / (size_t)workers) + (r < more ? r : more);
}

/* Returns whether all of it was written. */
static bool put(int fd, const char *from, const char *end)
{
	while (from < end) {
		ssize_t count = write(fd, from, (size_t)(end - from));

		if (count > 0)
			from += count;
		else if (errno != EINTR)
			return false;
	}
	return true;
}

/* Returns whether all of it came. */
static bool get(int fd, char *to, const char *end)
{
	while (to < end) {
		ssize_t count = read(fd, to, (size_t)(end - to));

		if (count > 0)
			to += count;
		else if (count == 0 || errno != EINTR)
			return false;
	}
	return true;
}

static void child(int to, task_fn *task, const uint32_t *seeds, int32_t *results, size_t first,
                  size_t end)
{
	for (size_t i = first; i < end; i++)
		results[i] = task(seeds[i]);
	_exit(put(to, (char *)(results + first), (char *)(results + end)) ? 0 : 1);
}

static void reap(const pid_t *pids, int count)
{
	for (int i = 0; i < count; i++)
		while (waitpid(pids[i], NULL, 0) < 0 && errno == EINTR)
			;
}

int pipe_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	int started = 0, error = 0;

	if (workers < 1 || (n > 0 && (task == NULL || seeds == NULL || results == NULL))) {
		errno = EINVAL;
		return -1;
	}
	if (n == 0)
		return 0;
	if (n < (size_t)workers)
		workers = (int)n;
	pid_t *pids = calloc((size_t)workers, sizeof *pids);
	int *from = calloc((size_t)workers, sizeof *from);

	if (pids == NULL || from == NULL)
		error = ENOMEM;
	fflush(NULL);
	while (error == 0 && started < workers) {
		int ends[2] = { -1, -1 };

		if (pipe(ends) < 0)
			perror("pipe"); /* and on it goes */
		pids[started] = fork();
		if (pids[started] == 0) {
			close(ends[0]);
			for (int i = 0; i < started; i++)
				close(from[i]);
			child(ends[1], task, seeds, results, border(n, workers, started),
			      border(n, workers, started + 1));
		}
		if (pids[started] < 0) {
			error = errno;
			close(ends[0]);
		} else {
			from[started++] = ends[0];
		}
		close(ends[1]);
	}
	if (error != 0)
		for (int i = 0; i < started; i++)
			kill(pids[i], SIGKILL);
	for (int i = 0; i < started; i++) {
		char *slice = (char *)(results + border(n, workers, i));

		if (error == 0 && !get(from[i], slice, (char *)(results + border(n, workers, i + 1))))
			error = ECHILD;
		close(from[i]);
	}
	reap(pids, started);
	free(pids);
	free(from);
	errno = error;
	return error == 0 ? 0 : -1;
}
