/* Unusual:   needs little memory: a worker holds 1,024 results at most and sends
 *            them as soon as they are computed, and the parent polls all pipes. It
 *            stops when all has come, and does not wait for the end of a file.
 */
#include "pipe_map.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BLOCK = 1024 };

struct slice {
	pid_t pid;
	char *at;
	size_t left; /* bytes */
};

struct map {
	int count;
	struct slice *slice;
	struct pollfd *pipe;
};

static void send_block(int to, const int32_t *block, size_t count)
{
	const char *at = (const char *)block, *end = (const char *)(block + count);

	while (at != end) {
		ssize_t moved = write(to, at, (size_t)(end - at));

		if (moved >= 0)
			at += moved;
		else if (errno != EINTR)
			_exit(1);
	}
}

static void work(int to, task_fn *task, const uint32_t *seeds, size_t count)
{
	int32_t block[BLOCK];

	for (size_t done = 0; done < count;) {
		size_t size = count - done < BLOCK ? count - done : BLOCK;

		for (size_t k = 0; k < size; k++)
			block[k] = task(seeds[done++]);
		send_block(to, block, size);
	}
	_exit(0);
}

static bool start(struct map *map, task_fn *task, const uint32_t *seeds, size_t count)
{
	int ends[2];

	if (pipe(ends) < 0)
		return false;
	pid_t pid = fork();

	if (pid == 0) {
		close(ends[0]);
		for (int i = 0; i < map->count; i++)
			close(map->pipe[i].fd);
		work(ends[1], task, seeds, count);
	}
	int error = errno;

	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		errno = error;
		return false;
	}
	map->slice[map->count].pid = pid;
	map->pipe[map->count].fd = ends[0];
	map->pipe[map->count].events = POLLIN;
	map->count++;
	return true;
}

static int receive(struct map *map)
{
	int open = map->count, error = 0;

	while (open > 0) {
		int ready = poll(map->pipe, (nfds_t)map->count, -1);

		if (ready < 0 && errno != EINTR)
			return errno;
		for (int i = 0; ready > 0 && i < map->count; i++) {
			struct slice *s = &map->slice[i];
			ssize_t moved;

			if (map->pipe[i].fd < 0 || map->pipe[i].revents == 0)
				continue;
			moved = read(map->pipe[i].fd, s->at, s->left);
			if (moved < 0 && errno == EINTR)
				continue;
			if (moved > 0) {
				s->at += moved;
				s->left -= (size_t)moved;
			}
			if (moved > 0 && s->left > 0)
				continue;
			if (s->left > 0)
				error = moved == 0 ? ECHILD : errno;
			close(map->pipe[i].fd);
			map->pipe[i].fd = -1;
			open--;
		}
	}
	return error;
}

static void end_all(struct map *map, bool now)
{
	for (int i = 0; i < map->count; i++) {
		if (now)
			kill(map->slice[i].pid, SIGKILL);
		if (map->pipe[i].fd >= 0)
			close(map->pipe[i].fd);
	}
	for (int i = 0; i < map->count; i++)
		while (waitpid(map->slice[i].pid, NULL, 0) < 0 && errno == EINTR)
			;
}

int pipe_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	if (workers < 1 || (n > 0 && (!task || !seeds || !results))) {
		errno = EINVAL;
		return -1;
	}
	size_t most = n < (size_t)workers ? n : (size_t)workers, first = 0;
	int error = 0;

	if (n == 0)
		return 0;
	struct map map = { 0, calloc(most, sizeof *map.slice), calloc(most, sizeof *map.pipe) };

	fflush(NULL);
	if (!map.slice || !map.pipe)
		error = ENOMEM;
	while (!error && (size_t)map.count < most) {
		struct slice *s = &map.slice[map.count];
		size_t count = (n - first) / (most - (size_t)map.count);

		s->at = (char *)(results + first);
		s->left = count * sizeof *results;
		if (!start(&map, task, seeds + first, count))
			error = errno;
		first += count;
	}
	bool whole = !error;

	if (whole)
		error = receive(&map);
	end_all(&map, !whole);
	free(map.slice);
	free(map.pipe);
	errno = error;
	return error ? -1 : 0;
}
