/* Unusual:   a thread of the parent reads each pipe. They start when all workers
 *            have, so that no process is forked from one with several threads. The
 *            tasks still run in the workers. Where there is no thread to be had, the
 *            caller reads that pipe itself.
 */
#include "pipe_map.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct share {
	pid_t pid;
	pthread_t reader;
	bool threaded;
	int fd, error;
	int32_t *results;
	size_t count;
};

static int move_all(struct share *s, int to)
{
	char *at = (char *)s->results;
	size_t left = s->count * sizeof *s->results;

	while (left > 0) {
		ssize_t moved = to >= 0 ? write(to, at, left) : read(s->fd, at, left);

		if (moved == 0)
			return ECHILD;
		if (moved < 0 && errno != EINTR)
			return errno;
		if (moved > 0) {
			at += moved;
			left -= (size_t)moved;
		}
	}
	return 0;
}

static void *reader(void *arg)
{
	struct share *s = arg;

	s->error = move_all(s, -1);
	close(s->fd);
	return NULL;
}

static int start(struct share all[], int rank, task_fn *task, const uint32_t *seeds)
{
	struct share *s = &all[rank];
	int ends[2], error;

	if (pipe(ends) < 0)
		return errno;
	s->fd = ends[0];
	s->pid = fork();
	if (s->pid == 0) {
		for (int i = 0; i <= rank; i++)
			close(all[i].fd);
		for (size_t i = 0; i < s->count; i++)
			s->results[i] = task(seeds[i]);
		_exit(move_all(s, ends[1]) != 0);
	}
	error = s->pid < 0 ? errno : 0;
	close(ends[1]);
	if (error)
		close(ends[0]);
	return error;
}

int pipe_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	if (workers < 1 || (n > 0 && (!task || !seeds || !results))) {
		errno = EINVAL;
		return -1;
	}
	if (n == 0)
		return 0;
	int count = (size_t)workers < n ? workers : (int)n, started = 0, error = 0;
	struct share *all = calloc((size_t)count, sizeof *all);

	if (!all)
		return -1;
	fflush(NULL);
	for (size_t first = 0; started < count && !error; started += !error) {
		all[started].results = results + first;
		all[started].count = (n - first) / (size_t)(count - started);
		error = start(all, started, task, seeds + first);
		first += all[started].count;
	}
	bool whole = !error;

	for (int i = 0; i < started && whole; i++)
		all[i].threaded = pthread_create(&all[i].reader, NULL, reader, &all[i]) == 0;
	for (int i = 0; i < started; i++) {
		if (!whole) {
			kill(all[i].pid, SIGKILL);
			close(all[i].fd);
		} else if (!all[i].threaded) {
			reader(&all[i]);
		}
	}
	for (int i = 0; i < started; i++) {
		if (all[i].threaded)
			pthread_join(all[i].reader, NULL);
		while (waitpid(all[i].pid, NULL, 0) < 0 && errno == EINTR)
			;
		if (!error)
			error = all[i].error;
	}
	free(all);
	errno = error;
	return error ? -1 : 0;
}
