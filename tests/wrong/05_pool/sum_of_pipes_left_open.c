/* Mistake:   closes the pipes to the workers, but not those from them.
 * Test:      leaves_nothing_behind
 * Diagnosis: leaked-fd
 */
#define _GNU_SOURCE
#include "pool.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROOM 512 /* tasks in a message: it fits into a pipe */

struct worker {
	pid_t pid;
	int to, from;
	size_t at, n; /* the chunk that it has */
};

struct order {
	task_fn *task;
	size_t n;
};

struct pool {
	int workers, started;
	bool broken;
	struct worker worker[];
};

static int fail(int error)
{
	errno = error;
	return -1;
}

static bool read_all(int fd, void *buffer, size_t size)
{
	char *at = buffer;
	while (size > 0) {
		ssize_t got = read(fd, at, size);
		if (got == 0 || (got == -1 && errno != EINTR))
			return false;
		if (got > 0) {
			at += got;
			size -= (size_t)got;
		}
	}
	return true;
}

static bool write_all(int fd, const void *buffer, size_t size)
{
	const char *at = buffer;
	while (size > 0) {
		ssize_t put = write(fd, at, size);
		if (put == -1 && errno != EINTR)
			return false;
		if (put > 0) {
			at += put;
			size -= (size_t)put;
		}
	}
	return true;
}

/* Until the caller closes the other end, or has ended. */
static void work(int in, int out)
{
	struct order order;
	uint32_t seeds[ROOM];
	int32_t results[ROOM];
	while (read_all(in, &order, sizeof order) &&
	       read_all(in, seeds, order.n * sizeof *seeds)) {
		for (size_t i = 0; i < order.n; i++)
			results[i] = order.task(seeds[i]);
		if (!write_all(out, results, order.n * sizeof *results))
			return;
	}
}

static int open_pipes(int to[2], int from[2])
{
	if (pipe(to) == -1)
		return -1;
	if (pipe(from) == 0)
		return 0;
	int error = errno;
	close(to[0]);
	close(to[1]);
	return fail(error);
}

/* The ends of those who were started before belong to the caller. */
static void close_others(struct pool *pool)
{
	for (int i = 0; i < pool->started; i++) {
		close(pool->worker[i].to);
		close(pool->worker[i].from);
	}
}

static int start_worker(struct pool *pool)
{
	int to[2], from[2];
	if (open_pipes(to, from) == -1)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		close_others(pool);
		close(to[1]);
		close(from[0]);
		work(to[0], from[1]);
		_exit(0);
	}
	int error = errno;
	close(to[0]);
	close(from[1]);
	if (pid == -1) {
		close(to[1]);
		close(from[0]);
		return fail(error);
	}
	pool->worker[pool->started++] = (struct worker){ .pid = pid, .to = to[1], .from = from[0] };
	return 0;
}

static void end_all(struct pool *pool, bool by_force)
{
	for (int i = 0; i < pool->started; i++) {
		close(pool->worker[i].to);
		if (by_force)
			kill(pool->worker[i].pid, SIGKILL);
	}
	for (int i = 0; i < pool->started; i++)
		while (waitpid(pool->worker[i].pid, NULL, 0) == -1 && errno == EINTR)
			;
	pool->started = 0;
}

struct pool *pool_create(int workers)
{
	if (workers < 1) {
		errno = EINVAL;
		return NULL;
	}
	struct pool *pool = calloc(1, sizeof *pool + (size_t)workers * sizeof(struct worker));
	if (pool == NULL)
		return NULL;
	pool->workers = workers;
	fflush(NULL);
	for (int i = 0; i < workers; i++) {
		if (start_worker(pool) == -1) {
			int error = errno;
			end_all(pool, true);
			free(pool);
			errno = error;
			return NULL;
		}
	}
	return pool;
}

int pool_workers(const struct pool *pool)
{
	return pool == NULL ? fail(EINVAL) : pool->workers;
}

struct map {
	task_fn *task;
	const uint32_t *seeds;
	int32_t *results;
	size_t n, chunk, sent, received;
};

static bool send_chunk(struct worker *w, struct map *m)
{
	w->at = m->sent;
	w->n = m->n - m->sent < m->chunk ? m->n - m->sent : m->chunk;
	if (w->n == 0)
		return true;
	m->sent += w->n;
	struct order order = { m->task, w->n };
	return write_all(w->to, &order, sizeof order) &&
	       write_all(w->to, m->seeds + w->at, w->n * sizeof *m->seeds);
}

static bool receive_chunk(struct worker *w, struct map *m)
{
	if (w->n == 0 || !read_all(w->from, m->results + w->at, w->n * sizeof *m->results))
		return false;
	m->received += w->n;
	return send_chunk(w, m);
}

static bool serve(struct pool *pool, struct map *m)
{
	struct pollfd fds[pool->workers];
	for (int i = 0; i < pool->workers; i++)
		fds[i] = (struct pollfd){ .fd = pool->worker[i].from, .events = POLLIN };
	for (int i = 0; i < pool->workers; i++)
		if (!send_chunk(&pool->worker[i], m))
			return false;
	while (m->received < m->n) {
		if (poll(fds, (nfds_t)pool->workers, -1) == -1)
			continue;
		for (int i = 0; i < pool->workers; i++)
			if (fds[i].revents != 0 && !receive_chunk(&pool->worker[i], m))
				return false;
	}
	return true;
}

int pool_map(struct pool *pool, task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
             size_t chunk)
{
	if (pool == NULL || (n > 0 && (task == NULL || seeds == NULL || results == NULL)))
		return fail(EINVAL);
	if (n > 0 && pool->broken)
		return fail(ECHILD);
	if (chunk == 0)
		chunk = n / (4 * (size_t)pool->workers) + 1;
	struct map map = { task, seeds, results, n, chunk < ROOM ? chunk : ROOM, 0, 0 };
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	sigaction(SIGPIPE, &ignore, &before); /* of a worker that has died */
	bool served = n == 0 || serve(pool, &map);
	sigaction(SIGPIPE, &before, NULL);
	if (served)
		return 0;
	end_all(pool, true);
	pool->broken = true;
	return fail(ECHILD);
}

int pool_apply(struct pool *pool, task_fn *task, uint32_t seed, int32_t *result)
{
	return pool_map(pool, task, &seed, 1, result, 1);
}

int pool_close(struct pool *pool)
{
	if (pool == NULL)
		return fail(EINVAL);
	end_all(pool, false);
	free(pool);
	return 0;
}

int pool_terminate(struct pool *pool)
{
	if (pool == NULL)
		return fail(EINVAL);
	end_all(pool, true);
	free(pool);
	return 0;
}
