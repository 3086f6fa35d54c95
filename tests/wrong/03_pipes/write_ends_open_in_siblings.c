/* Mistake:   makes all pipes before the first fork. Each worker keeps the
 *            write ends of the others, so that no pipe comes to its end before
 *            all workers have ended.
 * Test:      maps_a_million
 * Diagnosis: pipe-deadlock
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

/* Reads to the end of the file; returns whether exactly the slice came. */
static bool get(int fd, char *to, const char *end)
{
	char beyond;

	for (;;) {
		bool more = to < end;
		ssize_t count = read(fd, more ? to : &beyond, more ? (size_t)(end - to) : 1);

		if (count == 0 || (count < 0 && errno != EINTR))
			return !more && count == 0;
		if (count > 0 && !more)
			return false;
		if (count > 0)
			to += count;
	}
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
	int started = 0, pipes = 0, ends[2], error = 0;

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
	int *to = calloc((size_t)workers, sizeof *to);

	if (pids == NULL || from == NULL || to == NULL)
		error = ENOMEM;
	fflush(NULL);
	while (error == 0 && pipes < workers) {
		if (pipe(ends) < 0) {
			error = errno;
		} else {
			from[pipes] = ends[0];
			to[pipes++] = ends[1];
		}
	}
	while (error == 0 && started < workers) {
		pids[started] = fork();
		if (pids[started] == 0) {
			for (int i = 0; i < workers; i++)
				close(from[i]);
			child(to[started], task, seeds, results, border(n, workers, started),
			      border(n, workers, started + 1));
		}
		if (pids[started] < 0)
			error = errno;
		else
			started++;
	}
	for (int i = 0; i < pipes; i++)
		close(to[i]);
	if (error != 0)
		for (int i = 0; i < started; i++)
			kill(pids[i], SIGKILL);
	for (int i = 0; i < pipes; i++) {
		char *slice = (char *)(results + border(n, workers, i));

		if (error == 0 && !get(from[i], slice, (char *)(results + border(n, workers, i + 1))))
			error = ECHILD;
		close(from[i]);
	}
	reap(pids, started);
	free(pids);
	free(from);
	free(to);
	errno = error;
	return error == 0 ? 0 : -1;
}
