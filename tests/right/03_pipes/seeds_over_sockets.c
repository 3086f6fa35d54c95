/* Unusual:   the workers get their seeds over the wire too, as those of the book's
 *            Pool do: a pair of sockets for each, one chunk out, its results back,
 *            and then the next chunk, for whoever is free. A send to a worker that
 *            has died must not kill the caller: MSG_NOSIGNAL.
 */
#include "pipe_map.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 1024 }; /* seeds of a chunk */

struct worker {
	pid_t pid;
	size_t first, count; /* the chunk that it works on */
	size_t received;     /* bytes of its results */
};

struct map {
	const uint32_t *seeds;
	int32_t *results;
	size_t n, next, done, chunk; /* tasks */
	struct worker *worker;
	struct pollfd *line;
	int workers;
};

static bool send_all(int line, const void *data, size_t size)
{
	const char *at = data;

	while (size > 0) {
		ssize_t moved = send(line, at, size, MSG_NOSIGNAL);

		if (moved < 0 && errno != EINTR)
			return false;
		if (moved > 0) {
			at += moved;
			size -= (size_t)moved;
		}
	}
	return true;
}

static bool receive_all(int line, void *data, size_t size)
{
	char *at = data;

	while (size > 0) {
		ssize_t moved = recv(line, at, size, 0);

		if (moved == 0 || (moved < 0 && errno != EINTR))
			return false;
		if (moved > 0) {
			at += moved;
			size -= (size_t)moved;
		}
	}
	return true;
}

/* The worker's whole life: a count, so many seeds; and again, until it is hung up. */
static void serve(int line, task_fn *task)
{
	uint32_t seeds[MOST];
	int32_t results[MOST];
	size_t count;

	while (receive_all(line, &count, sizeof count)) {
		if (!receive_all(line, seeds, count * sizeof *seeds))
			break;
		for (size_t i = 0; i < count; i++)
			results[i] = task(seeds[i]);
		if (!send_all(line, results, count * sizeof *results))
			break;
	}
	_exit(0);
}

static int start(struct map *map, task_fn *task)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		return errno;
	pid_t pid = fork();

	if (pid == 0) {
		close(pair[0]);
		for (int i = 0; i < map->workers; i++)
			close(map->line[i].fd);
		serve(pair[1], task);
	}
	int why = pid < 0 ? errno : 0;

	close(pair[1]);
	if (why) {
		close(pair[0]);
		return why;
	}
	map->worker[map->workers].pid = pid;
	map->line[map->workers] = (struct pollfd){ .fd = pair[0], .events = POLLIN };
	map->workers++;
	return 0;
}

/* Gives this worker its next chunk, or hangs up where there is none. */
static void hand_out(struct map *map, int rank)
{
	struct worker *w = &map->worker[rank];
	size_t left = map->n - map->next;

	w->first = map->next;
	w->count = left < map->chunk ? left : map->chunk;
	w->received = 0;
	map->next += w->count;
	if (w->count > 0 && send_all(map->line[rank].fd, &w->count, sizeof w->count) &&
	    send_all(map->line[rank].fd, map->seeds + w->first, w->count * sizeof *map->seeds))
		return;
	close(map->line[rank].fd);
	map->line[rank].fd = -1;
}

/* Reads once. Where the worker is gone, so is its chunk. */
static void receive(struct map *map, int rank)
{
	struct worker *w = &map->worker[rank];
	size_t size = w->count * sizeof *map->results;
	ssize_t moved = recv(map->line[rank].fd, (char *)(map->results + w->first) + w->received,
	                     size - w->received, 0);

	if (moved < 0 && errno == EINTR)
		return;
	if (moved <= 0) {
		close(map->line[rank].fd);
		map->line[rank].fd = -1;
		return;
	}
	w->received += (size_t)moved;
	if (w->received == size) {
		map->done += w->count;
		hand_out(map, rank);
	}
}

static int share_out(struct map *map)
{
	for (int rank = 0; rank < map->workers; rank++)
		hand_out(map, rank);
	for (;;) {
		int open = 0;

		for (int rank = 0; rank < map->workers; rank++)
			open += map->line[rank].fd >= 0;
		if (open == 0)
			return map->done < map->n ? ECHILD : 0;
		if (poll(map->line, (nfds_t)map->workers, -1) < 0) {
			if (errno == EINTR)
				continue;
			return errno;
		}
		for (int rank = 0; rank < map->workers; rank++)
			if (map->line[rank].fd >= 0 && map->line[rank].revents)
				receive(map, rank);
	}
}

static int run(struct map *map, int count, task_fn *task)
{
	int why = 0;

	fflush(NULL);
	while (map->workers < count && !why)
		why = start(map, task);
	bool whole = !why;

	if (whole)
		why = share_out(map);
	for (int rank = 0; rank < map->workers; rank++) {
		if (!whole)
			kill(map->worker[rank].pid, SIGKILL);
		if (map->line[rank].fd >= 0)
			close(map->line[rank].fd);
	}
	for (int rank = 0; rank < map->workers; rank++)
		while (waitpid(map->worker[rank].pid, NULL, 0) < 0 && errno == EINTR)
			;
	return why;
}

int pipe_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	if (workers < 1 || (n > 0 && (!task || !seeds || !results))) {
		errno = EINVAL;
		return -1;
	}
	if (n == 0)
		return 0;
	int count = (size_t)workers < n ? workers : (int)n, why = ENOMEM;
	struct map map = { .seeds = seeds, .results = results, .n = n };

	map.chunk = n / (size_t)count / 8 + 1;
	if (map.chunk > n / (size_t)count)
		map.chunk = n / (size_t)count;
	if (map.chunk > MOST)
		map.chunk = MOST;
	map.worker = calloc((size_t)count, sizeof *map.worker);
	map.line = calloc((size_t)count, sizeof *map.line);
	if (map.worker && map.line)
		why = run(&map, count, task);
	free(map.worker);
	free(map.line);
	errno = why;
	return why ? -1 : 0;
}
