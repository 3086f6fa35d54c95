/* Unusual:   a pair of sockets for each worker, of the kind that keeps packets whole: one
 *            packet of seeds there, one of results back. A worker that died gets a successor, as
 *            does each that was busy with the call that failed for it. No end of a socket has to
 *            be closed for a worker to end: shutdown reaches it, whoever has inherited that end.
 */
#define _GNU_SOURCE
#include "pool.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PACKET 4096 /* seeds at most */

struct packet {
	task_fn *task;
	uint32_t seeds[PACKET];
};

struct worker {
	pid_t pid;  /* 0: there is none at the moment */
	int socket;
	size_t first, count, end; /* the part of its chunk that it works on, and the chunk's end */
};

struct pool {
	int size;
	struct pollfd *polled;
	struct worker worker[];
};

struct job {
	task_fn *task;
	const uint32_t *seeds;
	int32_t *results;
	size_t n, chunk, next, finished;
};

static ssize_t send_packet(int socket, const void *data, size_t size)
{
	ssize_t sent;

	do
		sent = send(socket, data, size, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent;
}

static ssize_t receive_packet(int socket, void *data, size_t size)
{
	ssize_t received;

	do
		received = recv(socket, data, size, 0);
	while (received < 0 && errno == EINTR);
	return received;
}

static void be_worker(int socket)
{
	struct packet packet;
	int32_t results[PACKET];
	ssize_t size;

	while ((size = receive_packet(socket, &packet, sizeof packet)) > 0) {
		size_t count = ((size_t)size - offsetof(struct packet, seeds)) / sizeof *packet.seeds;

		for (size_t i = 0; i < count; i++)
			results[i] = packet.task(packet.seeds[i]);
		if (send_packet(socket, results, count * sizeof *results) < 0)
			break;
	}
	_exit(0); /* and nothing of what the caller had not yet written comes out */
}

/* --- coming and going --- */

static void let_go(struct worker *w)
{
	if (w->pid == 0)
		return;
	while (waitpid(w->pid, NULL, 0) == -1 && errno == EINTR)
		continue;
	close(w->socket);
	w->pid = 0;
	w->count = 0;
}

static void kill_it(struct worker *w)
{
	if (w->pid != 0)
		kill(w->pid, SIGKILL);
	let_go(w);
}

static void close_ends_of_others(struct pool *pool)
{
	for (int i = 0; i < pool->size; i++)
		if (pool->worker[i].pid > 0)
			close(pool->worker[i].socket);
}

static int engage(struct pool *pool, struct worker *w)
{
	int pair[2], error = 0;
	pid_t caller = getpid(), pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return -1;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(pair[0]);
		close_ends_of_others(pool);
		if (getppid() == caller)
			be_worker(pair[1]);
		_exit(1);
	}
	error = errno;
	close(pair[1]);
	if (pid == -1) {
		close(pair[0]);
		errno = error;
		return -1;
	}
	*w = (struct worker){ .pid = pid, .socket = pair[0] };
	return 0;
}

/* Who died in his sleep has hung up; and a place may be free since the last call. */
static int fill_up(struct pool *pool)
{
	for (int i = 0; i < pool->size; i++) {
		struct worker *w = &pool->worker[i];
		struct pollfd line = { .fd = w->socket, .events = POLLIN };

		if (w->pid != 0 && poll(&line, 1, 0) > 0)
			kill_it(w);
		if (w->pid == 0 && engage(pool, w) == -1)
			return -1;
		pool->polled[i] = (struct pollfd){ .fd = w->socket, .events = POLLIN };
	}
	return 0;
}

static void dismiss(struct pool *pool)
{
	for (int i = 0; i < pool->size; i++)
		kill_it(&pool->worker[i]);
	free(pool->polled);
	free(pool);
}

struct pool *pool_create(int workers)
{
	struct pool *pool;
	int error;

	if (workers < 1) {
		errno = EINVAL;
		return NULL;
	}
	pool = calloc(1, sizeof *pool + (size_t)workers * sizeof pool->worker[0]);
	if (pool == NULL)
		return NULL;
	pool->size = workers;
	pool->polled = calloc((size_t)workers, sizeof *pool->polled);
	if (pool->polled != NULL && fill_up(pool) == 0)
		return pool;
	error = errno;
	dismiss(pool);
	errno = error;
	return NULL;
}

int pool_workers(const struct pool *pool)
{
	if (pool != NULL)
		return pool->size;
	errno = EINVAL;
	return -1;
}

int pool_terminate(struct pool *pool)
{
	if (pool == NULL) {
		errno = EINVAL;
		return -1;
	}
	dismiss(pool);
	return 0;
}

int pool_close(struct pool *pool)
{
	if (pool == NULL) {
		errno = EINVAL;
		return -1;
	}
	for (int i = 0; i < pool->size; i++)
		if (pool->worker[i].pid != 0)
			shutdown(pool->worker[i].socket, SHUT_RDWR);
	for (int i = 0; i < pool->size; i++)
		let_go(&pool->worker[i]);
	dismiss(pool);
	return 0;
}

/* --- a call --- */

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The next packet of the worker's chunk, or of a new one. Returns -1 if it has died. */
static int give(struct job *job, struct worker *w)
{
	struct packet packet = { .task = job->task };
	size_t first = w->first + w->count;

	if (first == w->end) {
		first = job->next;
		w->end = first + smaller(job->chunk, job->n - first);
		job->next = w->end;
	}
	w->first = first;
	w->count = smaller(w->end - first, PACKET);
	if (w->count == 0)
		return 0;
	memcpy(packet.seeds, job->seeds + first, w->count * sizeof *packet.seeds);
	size_t size = offsetof(struct packet, seeds) + w->count * sizeof *packet.seeds;
	return send_packet(w->socket, &packet, size) == -1 ? -1 : 0;
}

static int take(struct job *job, struct worker *w)
{
	ssize_t size = (ssize_t)(w->count * sizeof *job->results);

	if (size == 0 || receive_packet(w->socket, job->results + w->first, (size_t)size) != size)
		return -1;
	job->finished += w->count;
	return give(job, w);
}

static int share_out(struct pool *pool, struct job *job)
{
	for (int i = 0; i < pool->size; i++) {
		pool->worker[i].first = pool->worker[i].count = pool->worker[i].end = 0;
		if (give(job, &pool->worker[i]) == -1)
			return -1;
	}
	while (job->finished < job->n) {
		if (poll(pool->polled, (nfds_t)pool->size, -1) == -1)
			continue; /* EINTR */
		for (int i = 0; i < pool->size; i++)
			if (pool->polled[i].revents != 0 && take(job, &pool->worker[i]) == -1)
				return -1;
	}
	return 0;
}

/* Whoever is busy computes for a call that is over. If no successor can be had now, the
 * next call tries again. */
static void replace(struct pool *pool)
{
	for (int i = 0; i < pool->size; i++)
		if (pool->worker[i].count > 0)
			kill_it(&pool->worker[i]);
	fill_up(pool);
}

int pool_map(struct pool *pool, task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
             size_t chunk)
{
	struct job job = { task, seeds, results, n, chunk, 0, 0 };

	if (pool == NULL || (n > 0 && (task == NULL || seeds == NULL || results == NULL))) {
		errno = EINVAL;
		return -1;
	}
	if (n == 0)
		return 0;
	if (chunk == 0) {
		size_t share = (n - 1) / (size_t)pool->size + 1;
		job.chunk = share <= PACKET ? share : PACKET;
	}
	if (fill_up(pool) == -1)
		return -1;
	if (share_out(pool, &job) == 0)
		return 0;
	replace(pool);
	errno = ECHILD;
	return -1;
}

int pool_apply(struct pool *pool, task_fn *task, uint32_t seed, int32_t *result)
{
	return pool_map(pool, task, &seed, 1, result, 1);
}
