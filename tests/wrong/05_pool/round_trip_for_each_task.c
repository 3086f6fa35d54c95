/* Mistake:   over sockets, one task at a time, whatever the chunk is: a round trip
 *            between the caller and a worker costs far more than a task.
 * Test:      faster_than_serial
 * Diagnosis: not-faster
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "pool.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* What goes to a worker, and comes back: less than PIPE_BUF, so always whole. */
struct message {
	task_fn *task;
	size_t index;
	uint32_t seed;
	int32_t result;
};

struct worker {
	pid_t pid;
	bool busy;
};

struct pool {
	int workers, started;
	bool broken;
	struct worker *worker;
	struct pollfd *end; /* the caller's ends of the sockets */
};

static int as_status(int error)
{
	errno = error;
	return error == 0 ? 0 : -1;
}

static bool whole(ssize_t moved)
{
	return moved == (ssize_t)sizeof(struct message);
}

/* No signal where the other side is gone. */
static bool put(int fd, const struct message *message)
{
	ssize_t sent;
	while ((sent = send(fd, message, sizeof *message, MSG_NOSIGNAL)) == -1 && errno == EINTR)
		;
	return whole(sent);
}

static bool get(int fd, struct message *message)
{
	ssize_t received;
	while ((received = recv(fd, message, sizeof *message, 0)) == -1 && errno == EINTR)
		;
	return whole(received);
}

/* Until the caller has closed its end, or has died. */
static void serve(int fd) __attribute__((noreturn));
static void serve(int fd)
{
	struct message message;
	while (get(fd, &message)) {
		message.result = message.task(message.seed);
		if (!put(fd, &message))
			break;
	}
	_exit(0);
}

/* Returns 0 or an errno. */
static int start_worker(struct pool *pool)
{
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == -1)
		return errno;
	pid_t pid = fork();
	int error = pid == -1 ? errno : 0;
	if (pid == 0) {
		close(ends[0]);
		for (int i = 0; i < pool->started; i++)
			close(pool->end[i].fd); /* or these would not see the caller's end */
		serve(ends[1]);
	}
	close(ends[1]);
	if (pid == -1) {
		close(ends[0]);
		return error;
	}
	pool->worker[pool->started].pid = pid;
	pool->end[pool->started++] = (struct pollfd){ .fd = ends[0], .events = POLLIN };
	return 0;
}

static void end_all(struct pool *pool, bool at_once)
{
	for (int i = 0; i < pool->started; i++) {
		if (at_once)
			kill(pool->worker[i].pid, SIGKILL);
		close(pool->end[i].fd);
	}
	for (int i = 0; i < pool->started; i++)
		while (waitpid(pool->worker[i].pid, NULL, 0) == -1 && errno == EINTR)
			;
	free(pool->worker);
	free(pool->end);
	free(pool);
}

struct pool *pool_create(int workers)
{
	if (workers < 1) {
		errno = EINVAL;
		return NULL;
	}
	struct pool *pool = calloc(1, sizeof *pool);
	if (pool == NULL)
		return NULL;
	pool->workers = workers;
	pool->worker = calloc((size_t)workers, sizeof *pool->worker);
	pool->end = calloc((size_t)workers, sizeof *pool->end);
	int error = pool->worker == NULL || pool->end == NULL ? ENOMEM : 0;
	fflush(NULL);
	while (error == 0 && pool->started < workers)
		error = start_worker(pool);
	if (error == 0)
		return pool;
	end_all(pool, true);
	errno = error;
	return NULL;
}

int pool_workers(const struct pool *pool)
{
	return pool == NULL ? as_status(EINVAL) : pool->workers;
}

/* Takes what has come. Returns how many results that are. */
static size_t collect(struct pool *pool, int32_t *results)
{
	size_t got = 0;
	if (poll(pool->end, (nfds_t)pool->started, -1) == -1)
		return 0;
	for (int i = 0; i < pool->started; i++) {
		struct message message;
		if (pool->end[i].revents == 0)
			continue;
		if (!get(pool->end[i].fd, &message)) {
			pool->broken = true;
			continue;
		}
		results[message.index] = message.result;
		pool->worker[i].busy = false;
		got++;
	}
	return got;
}

int pool_map(struct pool *pool, task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
             size_t chunk)
{
	size_t sent = 0, got = 0;
	(void)chunk;
	if (pool == NULL || (n > 0 && (task == NULL || seeds == NULL || results == NULL)))
		return as_status(EINVAL);
	while (got < n && !pool->broken) {
		for (int i = 0; i < pool->started && sent < n; i++) {
			struct message message = { .task = task, .index = sent, .seed = seeds[sent] };
			if (pool->worker[i].busy)
				continue;
			pool->broken = pool->broken || !put(pool->end[i].fd, &message);
			pool->worker[i].busy = true;
			sent++;
		}
		got += collect(pool, results);
	}
	return got < n ? as_status(ECHILD) : 0;
}

int pool_apply(struct pool *pool, task_fn *task, uint32_t seed, int32_t *result)
{
	return pool_map(pool, task, &seed, 1, result, 1);
}

int pool_close(struct pool *pool)
{
	if (pool == NULL)
		return as_status(EINVAL);
	end_all(pool, false);
	return 0;
}

int pool_terminate(struct pool *pool)
{
	if (pool == NULL)
		return as_status(EINVAL);
	end_all(pool, true);
	return 0;
}
