/* Unusual:   no shared memory: two pipes for each worker, seeds there and results back. A
 *            message has PIPE_BUF bytes at most, so the kernel never splits it. Of a large chunk
 *            two messages are under way at a time, or the worker would wait for the caller.
 */
#define _GNU_SOURCE
#include "pool.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST = (PIPE_BUF - 16) / 4, UNDER_WAY = 2 };

struct message {
	task_fn *task;
	uint32_t count; /* 0: that was all */
	uint32_t seeds[MOST];
};

struct part {
	size_t first, count;
};

struct worker {
	pid_t pid;
	int requests, replies;       /* the caller's ends of the pipes */
	size_t next, end;            /* what is left to be sent of its chunk */
	struct part sent[UNDER_WAY]; /* the oldest first */
	int under_way;
};

struct pool {
	int workers, started;
	bool broken;
	struct worker *worker;
	struct pollfd *polled;
};

struct call {
	task_fn *task;
	const uint32_t *seeds;
	int32_t *results;
	size_t n, chunk, next, done; /* tasks */
};

/* --- messages --- */

static bool write_all(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size > 0) {
		ssize_t moved = write(fd, at, size);

		if (moved < 0 && errno != EINTR)
			return false;
		if (moved > 0) {
			at += moved;
			size -= (size_t)moved;
		}
	}
	return true;
}

static bool read_all(int fd, void *data, size_t size)
{
	char *at = data;

	while (size > 0) {
		ssize_t moved = read(fd, at, size);

		if (moved == 0 || (moved < 0 && errno != EINTR))
			return false;
		if (moved > 0) {
			at += moved;
			size -= (size_t)moved;
		}
	}
	return true;
}

/* A worker that has died reads nothing, and SIGPIPE would end the caller. So it is blocked
 * meanwhile, and one that came is taken back, unless it had been there before. */
struct quiet {
	sigset_t pipe, before;
	bool pending;
};

static void quiet_begin(struct quiet *q)
{
	sigset_t pending;

	sigemptyset(&q->pipe);
	sigaddset(&q->pipe, SIGPIPE);
	sigpending(&pending);
	q->pending = sigismember(&pending, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &q->pipe, &q->before);
}

static void quiet_end(struct quiet *q)
{
	const struct timespec now = { 0 };

	while (!q->pending && sigtimedwait(&q->pipe, NULL, &now) < 0 && errno == EINTR)
		;
	pthread_sigmask(SIG_SETMASK, &q->before, NULL);
}

/* --- a worker --- */

static void serve(int requests, int replies)
{
	struct message m;
	int32_t results[MOST];

	while (read_all(requests, &m, offsetof(struct message, seeds)) && m.count > 0 &&
	       read_all(requests, m.seeds, m.count * sizeof *m.seeds)) {
		for (uint32_t i = 0; i < m.count; i++)
			results[i] = m.task(m.seeds[i]);
		if (!write_all(replies, results, m.count * sizeof *results))
			break;
	}
	_exit(0);
}

static void close_both(int a, int b)
{
	close(a);
	close(b);
}

static int start(struct pool *pool)
{
	struct worker *w = &pool->worker[pool->started];
	int requests[2], replies[2];
	pid_t parent = getpid();

	if (pipe(requests) < 0)
		return errno;
	if (pipe(replies) < 0) {
		int why = errno;

		close_both(requests[0], requests[1]);
		return why;
	}
	w->pid = fork();
	if (w->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		close_both(requests[1], replies[0]);
		for (int i = 0; i < pool->started; i++)
			close_both(pool->worker[i].requests, pool->worker[i].replies);
		serve(requests[0], replies[1]);
	}
	int why = w->pid < 0 ? errno : 0;

	close_both(requests[0], replies[1]);
	if (why) {
		close_both(requests[1], replies[0]);
		return why;
	}
	w->requests = requests[1];
	w->replies = replies[0];
	pool->polled[pool->started++] = (struct pollfd){ .fd = replies[0], .events = POLLIN };
	return 0;
}

/* --- making and ending it --- */

/* Waits for all workers and closes their pipes: what is left are none. */
static void bury(struct pool *pool)
{
	for (int i = 0; i < pool->started; i++) {
		struct worker *w = &pool->worker[i];

		while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
			;
		close_both(w->requests, w->replies);
	}
	pool->started = 0;
}

static void kill_all(struct pool *pool)
{
	for (int i = 0; i < pool->started; i++)
		kill(pool->worker[i].pid, SIGKILL);
	bury(pool);
}

static void release(struct pool *pool)
{
	if (pool) {
		free(pool->worker);
		free(pool->polled);
	}
	free(pool);
}

static int fail(int why)
{
	errno = why;
	return -1;
}

struct pool *pool_create(int workers)
{
	if (workers < 1) {
		errno = EINVAL;
		return NULL;
	}
	struct pool *pool = calloc(1, sizeof *pool);
	int why = 0;

	if (pool) {
		pool->workers = workers;
		pool->worker = calloc((size_t)workers, sizeof *pool->worker);
		pool->polled = calloc((size_t)workers, sizeof *pool->polled);
	}
	if (!pool || !pool->worker || !pool->polled)
		why = ENOMEM;
	fflush(NULL);
	while (!why && pool->started < workers)
		why = start(pool);
	if (!why)
		return pool;
	if (pool)
		kill_all(pool);
	release(pool);
	errno = why;
	return NULL;
}

int pool_workers(const struct pool *pool)
{
	return pool ? pool->workers : fail(EINVAL);
}

/* The end of the pipe would not do: workers of another pool, which were forked later, have
 * inherited its other end. */
int pool_close(struct pool *pool)
{
	const struct message last = { .count = 0 };
	struct quiet quiet;

	if (!pool)
		return fail(EINVAL);
	quiet_begin(&quiet);
	for (int i = 0; i < pool->started; i++)
		write_all(pool->worker[i].requests, &last, offsetof(struct message, seeds));
	quiet_end(&quiet);
	bury(pool);
	release(pool);
	return 0;
}

int pool_terminate(struct pool *pool)
{
	if (!pool)
		return fail(EINVAL);
	kill_all(pool);
	release(pool);
	return 0;
}

/* --- a call --- */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool send_part(struct call *c, struct worker *w)
{
	size_t count = least(w->end - w->next, MOST);
	struct message m = { .task = c->task, .count = (uint32_t)count };

	memcpy(m.seeds, c->seeds + w->next, count * sizeof *m.seeds);
	w->sent[w->under_way++] = (struct part){ w->next, count };
	w->next += count;
	return write_all(w->requests, &m, offsetof(struct message, seeds) + count * sizeof *m.seeds);
}

/* The next chunk for who has finished his, and more of a chunk that is on its way. */
static bool feed(struct call *c, struct worker *w)
{
	if (w->under_way == 0 && w->next == w->end) {
		w->next = c->next;
		c->next += least(c->n - c->next, c->chunk);
		w->end = c->next;
	}
	while (w->under_way < UNDER_WAY && w->next < w->end)
		if (!send_part(c, w))
			return false;
	return true;
}

static bool receive(struct call *c, struct worker *w)
{
	struct part part = w->sent[0];

	if (w->under_way == 0 || !read_all(w->replies, c->results + part.first,
	                                   part.count * sizeof *c->results))
		return false; /* its end: it has died */
	w->under_way--;
	memmove(w->sent, w->sent + 1, (UNDER_WAY - 1) * sizeof *w->sent);
	c->done += part.count;
	return feed(c, w);
}

static bool run(struct pool *pool, struct call *c)
{
	for (int i = 0; i < pool->workers; i++)
		if (!feed(c, &pool->worker[i]))
			return false;
	while (c->done < c->n) {
		if (poll(pool->polled, (nfds_t)pool->workers, -1) < 0) {
			if (errno != EINTR)
				return false;
			continue;
		}
		for (int i = 0; i < pool->workers; i++)
			if (pool->polled[i].revents && !receive(c, &pool->worker[i]))
				return false;
	}
	return true;
}

/* One message for each worker where that is enough; chunks of several where it is not. */
static size_t choose_chunk(size_t n, size_t workers)
{
	size_t share = (n - 1) / workers + 1;

	return share <= MOST ? share : share / 8 < MOST ? MOST : share / 8;
}

int pool_map(struct pool *pool, task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
             size_t chunk)
{
	if (!pool || (n > 0 && (!task || !seeds || !results)))
		return fail(EINVAL);
	if (n == 0)
		return 0;
	if (pool->broken)
		return fail(ECHILD);
	struct call call = { .task = task, .seeds = seeds, .results = results, .n = n };
	struct quiet quiet;

	call.chunk = chunk > 0 ? chunk : choose_chunk(n, (size_t)pool->workers);
	quiet_begin(&quiet);
	pool->broken = !run(pool, &call);
	quiet_end(&quiet);
	if (!pool->broken)
		return 0;
	kill_all(pool);
	return fail(ECHILD);
}

int pool_apply(struct pool *pool, task_fn *task, uint32_t seed, int32_t *result)
{
	return pool_map(pool, task, &seed, 1, result, 1);
}
