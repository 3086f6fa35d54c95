/* Unusual:   shares the work out as it goes. A pipe is filled with tickets before
 *            the first fork, one byte each: the number of a chunk. A worker begins
 *            with the chunk of its own rank and then draws tickets until the queue
 *            is empty. A byte cannot be torn by a short read, and 64 of them are
 *            less than any pipe holds, so that filling it cannot block.
 *
 *            Results go through one pipe per worker, chunk by chunk, each behind
 *            its number; the parent polls them all.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "pipe_map.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_TICKETS = 64 };

struct worker {
	pid_t pid;
	size_t chunk, moved; /* the chunk that comes in now, and its bytes so far */
	size_t head;         /* bytes of the chunk's number so far */
};

struct map {
	task_fn *task;
	const uint32_t *seeds;
	int32_t *results;
	size_t n, workers, chunks, received;
	struct worker *worker;
	struct pollfd *from;
	int queue[2];
};

static size_t border(const struct map *map, size_t chunk)
{
	size_t more = map->n % map->chunks;

	return chunk * (map->n / map->chunks) + (chunk < more ? chunk : more);
}

static void send_all(int to, const void *data, size_t size)
{
	const char *at = data;

	while (size > 0) {
		ssize_t moved = write(to, at, size);

		if (moved < 0 && errno == EINTR)
			continue;
		if (moved < 0)
			_exit(1);
		at += moved;
		size -= (size_t)moved;
	}
}

static bool draw(int queue, size_t workers, size_t *chunk)
{
	unsigned char ticket;
	ssize_t moved;

	while ((moved = read(queue, &ticket, 1)) < 0 && errno == EINTR)
		;
	*chunk = workers + ticket;
	return moved == 1;
}

static void work(struct map *map, size_t rank, int to)
{
	size_t chunk = rank;

	close(map->queue[1]);
	for (size_t other = 0; other < rank; other++)
		close(map->from[other].fd);
	do {
		size_t first = border(map, chunk), end = border(map, chunk + 1);

		for (size_t i = first; i < end; i++)
			map->results[i] = map->task(map->seeds[i]);
		send_all(to, &chunk, sizeof chunk);
		send_all(to, map->results + first, (end - first) * sizeof *map->results);
	} while (draw(map->queue[0], map->workers, &chunk));
	_exit(0);
}

static bool start(struct map *map, size_t rank)
{
	int ends[2];

	if (pipe(ends) < 0)
		return false;
	pid_t pid = fork();

	if (pid == 0) {
		close(ends[0]);
		work(map, rank, ends[1]);
	}
	int why = errno;

	close(ends[1]);
	if (pid < 0)
		close(ends[0]);
	errno = why;
	map->worker[rank].pid = pid;
	map->from[rank] = (struct pollfd){ .fd = ends[0], .events = POLLIN };
	return pid > 0;
}

/* Reads once. Returns false when nothing more will come from there. */
static bool receive(struct map *map, size_t rank)
{
	struct worker *w = &map->worker[rank];
	size_t size = sizeof w->chunk - w->head;
	char *at = (char *)&w->chunk + w->head;

	if (size == 0) {
		size_t first = border(map, w->chunk);

		at = (char *)(map->results + first) + w->moved;
		size = (border(map, w->chunk + 1) - first) * sizeof *map->results - w->moved;
	}
	ssize_t moved = read(map->from[rank].fd, at, size);

	if (moved <= 0)
		return moved < 0 && errno == EINTR;
	if (w->head < sizeof w->chunk) {
		w->head += (size_t)moved;
		return true;
	}
	map->received += (size_t)moved;
	w->moved += (size_t)moved;
	if ((size_t)moved == size)
		w->moved = w->head = 0;
	return true;
}

static int receive_all(struct map *map)
{
	for (size_t open = map->workers; open > 0;) {
		if (poll(map->from, (nfds_t)map->workers, -1) < 0) {
			if (errno == EINTR)
				continue; /* revents are old ones */
			return errno;
		}
		for (size_t rank = 0; rank < map->workers; rank++) {
			struct pollfd *from = &map->from[rank];

			if (from->fd >= 0 && from->revents && !receive(map, rank)) {
				close(from->fd);
				from->fd = -1;
				open--;
			}
		}
	}
	return map->received < map->n * sizeof *map->results ? ECHILD : 0;
}

static bool fill_queue(struct map *map)
{
	for (size_t ticket = 0; ticket < map->chunks - map->workers; ticket++) {
		unsigned char byte = (unsigned char)ticket;

		while (write(map->queue[1], &byte, 1) < 0)
			if (errno != EINTR)
				return false;
	}
	return true;
}

static int run(struct map *map)
{
	size_t started = 0;
	int why = 0;

	fflush(NULL);
	if (pipe(map->queue) < 0)
		return errno;
	if (fill_queue(map))
		while (started < map->workers && start(map, started))
			started++;
	if (started < map->workers)
		why = errno;
	close(map->queue[0]);
	close(map->queue[1]); /* a worker that finds the queue empty reads its end */
	if (!why)
		why = receive_all(map);
	for (size_t rank = 0; rank < started; rank++) {
		if (why && why != ECHILD)
			kill(map->worker[rank].pid, SIGKILL);
		if (map->from[rank].fd >= 0)
			close(map->from[rank].fd);
	}
	for (size_t rank = 0; rank < started; rank++)
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
	struct map map = { .task = task, .seeds = seeds, .results = results, .n = n };
	int why = ENOMEM;

	map.workers = (size_t)workers < n ? (size_t)workers : n;
	map.chunks = map.workers + MOST_TICKETS;
	if (map.chunks > n)
		map.chunks = n;
	map.worker = calloc(map.workers, sizeof *map.worker);
	map.from = calloc(map.workers, sizeof *map.from);
	if (map.worker && map.from)
		why = run(&map);
	free(map.worker);
	free(map.from);
	errno = why;
	return why ? -1 : 0;
}
