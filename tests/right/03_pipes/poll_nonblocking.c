/* Unusual:   the read ends do not block: the parent polls all, and empties each
 *            pipe that has something until read says EAGAIN.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "pipe_map.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct map {
	task_fn *task;
	const uint32_t *seeds;
	int32_t *results;
	size_t n, workers;
	pid_t *pids;
	size_t *received; /* bytes from each worker */
	struct pollfd *ends;
};

/* Worker `rank` has the tasks from border(rank) to before border(rank + 1). */
static size_t border(const struct map *map, size_t rank)
{
	size_t more = map->n % map->workers;

	return rank * (map->n / map->workers) + (rank < more ? rank : more);
}

static void work(const struct map *map, size_t rank, int to)
{
	size_t first = border(map, rank), end = border(map, rank + 1);

	for (size_t i = first; i < end; i++)
		map->results[i] = map->task(map->seeds[i]);
	const char *at = (const char *)(map->results + first);
	const char *stop = (const char *)(map->results + end);

	while (at < stop) {
		ssize_t moved = write(to, at, (size_t)(stop - at));

		if (moved > 0)
			at += moved;
		else if (errno != EINTR)
			_exit(1);
	}
	_exit(0);
}

static bool start(struct map *map, size_t rank)
{
	int ends[2];

	if (pipe(ends) < 0)
		return false;
	pid_t pid = -1;
	int flags = fcntl(ends[0], F_GETFL);

	if (flags >= 0 && fcntl(ends[0], F_SETFL, flags | O_NONBLOCK) == 0)
		pid = fork();
	if (pid == 0) {
		close(ends[0]);
		for (size_t other = 0; other < rank; other++)
			close(map->ends[other].fd);
		work(map, rank, ends[1]);
	}
	int error = errno;

	close(ends[1]);
	if (pid < 0)
		close(ends[0]);
	errno = error;
	map->pids[rank] = pid;
	map->ends[rank] = (struct pollfd){ .fd = ends[0], .events = POLLIN };
	return pid > 0;
}

/* Returns false when nothing more will come. */
static bool empty(struct map *map, size_t rank)
{
	size_t first = border(map, rank);
	size_t bytes = (border(map, rank + 1) - first) * sizeof *map->results;
	char *slice = (char *)(map->results + first);

	while (map->received[rank] < bytes) {
		ssize_t moved = read(map->ends[rank].fd, slice + map->received[rank],
		                     bytes - map->received[rank]);
		if (moved > 0)
			map->received[rank] += (size_t)moved;
		else if (moved == 0 || (errno != EINTR && errno != EAGAIN))
			return false;
		else if (errno == EAGAIN)
			return true;
	}
	return false;
}

static int receive(struct map *map)
{
	size_t open = map->workers;

	while (open > 0) {
		if (poll(map->ends, (nfds_t)map->workers, -1) < 0) {
			if (errno == EINTR)
				continue;
			return errno;
		}
		for (size_t rank = 0; rank < map->workers; rank++) {
			struct pollfd *end = &map->ends[rank];

			if (end->fd >= 0 && end->revents && !empty(map, rank)) {
				close(end->fd);
				end->fd = -1; /* poll passes over it */
				open--;
			}
		}
	}
	return 0;
}

static int run(struct map *map)
{
	size_t started = 0;
	int error = 0;

	fflush(NULL);
	while (started < map->workers && start(map, started))
		started++;
	if (started < map->workers)
		error = errno;
	else
		error = receive(map);
	for (size_t rank = 0; rank < started; rank++) {
		if (error)
			kill(map->pids[rank], SIGKILL);
		if (map->ends[rank].fd >= 0)
			close(map->ends[rank].fd);
	}
	for (size_t rank = 0; rank < started; rank++)
		while (waitpid(map->pids[rank], NULL, 0) < 0 && errno == EINTR)
			;
	size_t total = 0;

	for (size_t rank = 0; rank < started; rank++)
		total += map->received[rank];
	return !error && total < map->n * sizeof *map->results ? ECHILD : error;
}

int pipe_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	if (workers < 1 || (n && (!task || !seeds || !results))) {
		errno = EINVAL;
		return -1;
	}
	if (!n)
		return 0;
	struct map map = { task, seeds, results, n, (size_t)workers, NULL, NULL, NULL };
	int error = ENOMEM;

	if (map.workers > n)
		map.workers = n;
	map.pids = calloc(map.workers, sizeof *map.pids);
	map.received = calloc(map.workers, sizeof *map.received);
	map.ends = calloc(map.workers, sizeof *map.ends);
	if (map.pids && map.received && map.ends)
		error = run(&map);
	free(map.pids);
	free(map.received);
	free(map.ends);
	errno = error;
	return error ? -1 : 0;
}
