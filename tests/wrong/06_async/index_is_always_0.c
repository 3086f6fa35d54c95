/* Mistake:   async_wait_any waits until any is ready, and then returns 0, as other
 *            functions do.
 * Test:      waits_for_any
 * Diagnosis: wrong-result
 */
#define _GNU_SOURCE
#include "async_pool.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 8192 }; /* at most so many tasks go in one message */

struct async_result {
	struct async_result *next; /* in the queue */
	task_fn *task;
	size_t n, chunk;
	size_t taken, finished; /* tasks */
	int busy;               /* workers that have a part of it */
	int error;
	bool ready, freed;
	uint32_t cell[]; /* the seeds; each is overwritten with its result */
};

struct worker {
	pid_t pid; /* 0: there is none */
	int socket;
	struct async_result *job; /* NULL: idle */
	size_t first, count;      /* the piece that it has */
	size_t rest;              /* of its chunk */
};

struct pool {
	int workers;
	int bell; /* the helper polls it */
	pthread_t helper;
	sigset_t signals; /* the caller's, while the helper has all blocked */
	bool closing, cancelling;
	struct async_result *head, **tail; /* jobs that are not taken wholly */
	struct pollfd *poll;
	struct worker worker[];
};

struct request {
	task_fn *task;
	size_t count; /* 0: go home */
};

/* For all pools, so that a caller can wait for results of several. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

/* Nobody forks while somebody has a worker's end open. */
static pthread_mutex_t starting = PTHREAD_MUTEX_INITIALIZER;

static int fail(int error)
{
	errno = error;
	return error ? -1 : 0;
}

/* --- workers ----------------------------------------------------------------------------- */

/* A message is sent and received whole, or not at all. */
static bool send_message(int socket, const void *head, size_t head_size, const void *cell,
                         size_t count)
{
	struct iovec part[] = { { (void *)head, head_size },
		                    { (void *)cell, count * sizeof(uint32_t) } };
	struct msghdr message = { .msg_iov = part, .msg_iovlen = 2 };
	ssize_t sent;
	while ((sent = sendmsg(socket, &message, MSG_NOSIGNAL)) < 0 && errno == EINTR)
		;
	return sent >= 0;
}

/* Returns whether there was one; without the other side there is only the end. */
static bool receive_message(int socket, void *data, size_t size)
{
	ssize_t got;
	while ((got = recv(socket, data, size, 0)) < 0 && errno == EINTR)
		;
	return got > 0;
}

static void work(int socket)
{
	static struct {
		struct request head;
		uint32_t cell[PIECE];
	} m;
	while (receive_message(socket, &m, sizeof m) && m.head.count > 0) {
		for (size_t i = 0; i < m.head.count; i++)
			m.cell[i] = (uint32_t)m.head.task(m.cell[i]);
		if (!send_message(socket, NULL, 0, m.cell, m.head.count))
			return;
	}
}

static int start(struct pool *pool, struct worker *w)
{
	int pair[2], error = 0;
	pid_t parent = getpid();
	pthread_mutex_lock(&starting);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) != 0) {
		error = errno;
		pthread_mutex_unlock(&starting);
		return error;
	}
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* the helper lives as long as its workers */
		pthread_sigmask(SIG_SETMASK, &pool->signals, NULL);
		close(pair[0]);
		if (getppid() == parent)
			work(pair[1]);
		_exit(0);
	}
	error = errno;
	close(pair[1]); /* or we would never read its end */
	pthread_mutex_unlock(&starting);
	if (pid < 0) {
		close(pair[0]);
		return error;
	}
	w->socket = pair[0];
	w->job = NULL;
	pthread_mutex_lock(&lock);
	w->pid = pid;
	pthread_mutex_unlock(&lock);
	return 0;
}

static void bury(struct worker *w)
{
	while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(w->socket);
	pthread_mutex_lock(&lock);
	w->pid = 0;
	pthread_mutex_unlock(&lock);
}

/* --- jobs; with the lock held ------------------------------------------------------------- */

static void settle(struct async_result *job, int error)
{
	if (!job->ready) {
		job->ready = true;
		job->error = error;
		pthread_cond_broadcast(&changed);
	}
}

static void leave_queue(struct pool *pool, struct async_result *job)
{
	struct async_result **link = &pool->head;
	while (*link != NULL && *link != job)
		link = &(*link)->next;
	if (*link == NULL)
		return;
	*link = job->next;
	if (pool->tail == &job->next)
		pool->tail = link;
}

static void give_back(struct pool *pool, struct async_result *job, size_t count, int error)
{
	job->busy--;
	job->finished += count;
	if (error) {
		leave_queue(pool, job);
		settle(job, error);
	} else if (job->finished == job->n) {
		settle(job, 0);
	}
	if (job->freed && job->busy == 0 && job->ready)
		free(job);
}

static void fail_queue(struct pool *pool, int error)
{
	while (pool->head != NULL) {
		struct async_result *job = pool->head;
		leave_queue(pool, job);
		settle(job, error);
		if (job->freed && job->busy == 0)
			free(job);
	}
}

static bool take_chunk(struct pool *pool, struct worker *w)
{
	struct async_result *job = pool->head;
	if (job == NULL)
		return false;
	size_t left = job->n - job->taken;
	w->job = job;
	w->first = job->taken;
	w->count = 0;
	w->rest = job->chunk < left ? job->chunk : left;
	job->taken += w->rest;
	job->busy++;
	if (job->taken == job->n)
		leave_queue(pool, job);
	return true;
}

/* --- the helper ----------------------------------------------------------------------------- */

static void died(struct pool *pool, struct worker *w)
{
	bury(w);
	pthread_mutex_lock(&lock);
	if (w->job != NULL)
		give_back(pool, w->job, 0, pool->cancelling ? ECANCELED : ECHILD);
	w->job = NULL;
	pthread_mutex_unlock(&lock);
}

static void send_piece(struct pool *pool, struct worker *w)
{
	w->first += w->count;
	w->count = w->rest < PIECE ? w->rest : PIECE;
	w->rest -= w->count;
	struct request request = { w->job->task, w->count };
	if (!send_message(w->socket, &request, sizeof request, w->job->cell + w->first, w->count))
		died(pool, w);
}

static void receive_piece(struct pool *pool, struct worker *w)
{
	char end;
	bool idle = w->job == NULL;
	if (!receive_message(w->socket, idle ? (void *)&end : w->job->cell + w->first,
	                     idle ? 1 : w->count * sizeof *w->job->cell)) {
		died(pool, w);
		return;
	}
	pthread_mutex_lock(&lock);
	w->job->finished += w->count;
	if (w->rest == 0) {
		give_back(pool, w->job, 0, 0);
		w->job = NULL;
	}
	pthread_mutex_unlock(&lock);
	if (w->job != NULL)
		send_piece(pool, w);
}

/* Returns whether anybody has work. */
static bool hand_out(struct pool *pool)
{
	bool any = false, busy = false;
	for (int i = 0; i < pool->workers; i++) {
		struct worker *w = &pool->worker[i];
		if (w->pid == 0 && !pool->cancelling)
			start(pool, w);
		while (w->pid > 0 && w->job == NULL) {
			pthread_mutex_lock(&lock);
			bool taken = !pool->cancelling && take_chunk(pool, w);
			pthread_mutex_unlock(&lock);
			if (!taken)
				break;
			send_piece(pool, w);
			if (w->pid == 0)
				start(pool, w);
		}
		any = any || w->pid > 0;
		busy = busy || w->job != NULL;
	}
	if (!any) {
		pthread_mutex_lock(&lock);
		fail_queue(pool, pool->cancelling ? ECANCELED : ECHILD);
		pthread_mutex_unlock(&lock);
	}
	return busy;
}

static void wait_for_news(struct pool *pool)
{
	uint64_t rung;
	for (int i = 0; i < pool->workers; i++)
		pool->poll[i] = (struct pollfd){
			.fd = pool->worker[i].pid > 0 ? pool->worker[i].socket : -1, .events = POLLIN
		};
	pool->poll[pool->workers] = (struct pollfd){ .fd = pool->bell, .events = POLLIN };
	if (poll(pool->poll, (nfds_t)pool->workers + 1, -1) < 0)
		return;
	if (pool->poll[pool->workers].revents)
		while (read(pool->bell, &rung, sizeof rung) < 0 && errno == EINTR)
			;
	for (int i = 0; i < pool->workers; i++)
		if (pool->poll[i].revents)
			receive_piece(pool, &pool->worker[i]);
}

static void end_workers(struct pool *pool, bool at_once)
{
	struct request home = { .count = 0 };
	for (int i = 0; i < pool->workers; i++)
		if (pool->worker[i].pid > 0 && at_once)
			kill(pool->worker[i].pid, SIGKILL);
		else if (pool->worker[i].pid > 0)
			send_message(pool->worker[i].socket, &home, sizeof home, NULL, 0);
	for (int i = 0; i < pool->workers; i++)
		if (pool->worker[i].pid > 0)
			died(pool, &pool->worker[i]);
}

static void *help(void *arg)
{
	struct pool *pool = arg;
	for (;;) {
		bool busy = hand_out(pool);
		pthread_mutex_lock(&lock);
		bool over = pool->cancelling || (pool->closing && !busy && pool->head == NULL);
		pthread_mutex_unlock(&lock);
		if (over)
			break;
		wait_for_news(pool);
	}
	end_workers(pool, pool->cancelling);
	pthread_mutex_lock(&lock);
	fail_queue(pool, ECANCELED);
	pthread_mutex_unlock(&lock);
	return NULL;
}

/* --- making and ending ------------------------------------------------------------------------ */

static void ring(const struct pool *pool)
{
	uint64_t once = 1;
	while (write(pool->bell, &once, sizeof once) < 0 && errno == EINTR)
		;
}

static void release(struct pool *pool)
{
	if (pool->bell >= 0)
		close(pool->bell);
	free(pool->poll);
	free(pool);
}

/* The signals of the program are no business of the helper's. */
static int start_helper(struct pool *pool)
{
	sigset_t all;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	int error = pthread_create(&pool->helper, NULL, help, pool);
	pthread_sigmask(SIG_SETMASK, &pool->signals, NULL);
	return error;
}

struct pool *pool_create(int workers)
{
	int error = 0;
	if (workers < 1)
		return errno = EINVAL, NULL;
	struct pool *pool = calloc(1, sizeof *pool + (size_t)workers * sizeof *pool->worker);
	if (pool == NULL)
		return NULL;
	pool->workers = workers;
	pool->tail = &pool->head;
	pthread_sigmask(SIG_SETMASK, NULL, &pool->signals);
	pool->bell = eventfd(0, EFD_CLOEXEC);
	if (pool->bell < 0)
		error = errno;
	pool->poll = calloc((size_t)workers + 1, sizeof *pool->poll);
	if (pool->poll == NULL)
		error = ENOMEM;
	fflush(NULL);
	for (int i = 0; i < workers && error == 0; i++)
		error = start(pool, &pool->worker[i]);
	if (error == 0)
		error = start_helper(pool);
	if (error == 0)
		return pool;
	end_workers(pool, true);
	release(pool);
	errno = error;
	return NULL;
}

int pool_workers(const struct pool *pool)
{
	return pool ? pool->workers : fail(EINVAL);
}

static int end(struct pool *pool, bool at_once)
{
	if (pool == NULL)
		return fail(EINVAL);
	pthread_mutex_lock(&lock);
	pool->closing = true;
	pool->cancelling = at_once;
	for (int i = 0; i < pool->workers && at_once; i++)
		if (pool->worker[i].pid > 0)
			kill(pool->worker[i].pid, SIGKILL); /* the helper may be sending to it */
	pthread_mutex_unlock(&lock);
	ring(pool);
	pthread_join(pool->helper, NULL);
	release(pool);
	return 0;
}

int pool_close(struct pool *pool)
{
	return end(pool, false);
}

int pool_terminate(struct pool *pool)
{
	return end(pool, true);
}

/* --- jobs -------------------------------------------------------------------------------------- */

struct async_result *pool_map_async(struct pool *pool, task_fn *task, const uint32_t *seeds,
                                    size_t n, size_t chunk)
{
	if (!pool || !task || (n > 0 && !seeds))
		return errno = EINVAL, NULL;
	if (n > (SIZE_MAX - sizeof(struct async_result)) / sizeof *seeds)
		return errno = ENOMEM, NULL;
	struct async_result *job = malloc(sizeof *job + n * sizeof *seeds);
	if (job == NULL)
		return NULL;
	if (chunk == 0)
		chunk = n / ((size_t)pool->workers * 4) + 1;
	*job = (struct async_result){ .task = task, .n = n, .chunk = chunk, .ready = n == 0 };
	if (n == 0)
		return job;
	memcpy(job->cell, seeds, n * sizeof *seeds);
	pthread_mutex_lock(&lock);
	*pool->tail = job;
	pool->tail = &job->next;
	pthread_mutex_unlock(&lock);
	ring(pool);
	return job;
}

struct async_result *pool_apply_async(struct pool *pool, task_fn *task, uint32_t seed)
{
	return pool_map_async(pool, task, &seed, 1, 1);
}

int pool_map(struct pool *pool, task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
             size_t chunk)
{
	if (!pool || (n > 0 && (!task || !seeds || !results)))
		return fail(EINVAL);
	if (n == 0)
		return 0;
	struct async_result *job = pool_map_async(pool, task, seeds, n, chunk);
	if (job == NULL)
		return -1;
	int value = async_get(job, results, -1), error = errno;
	async_free(job);
	errno = error;
	return value;
}

int pool_apply(struct pool *pool, task_fn *task, uint32_t seed, int32_t *result)
{
	return pool_map(pool, task, &seed, 1, result, 1);
}

/* --- results ------------------------------------------------------------------------------------ */

int async_ready(struct async_result *result)
{
	if (result == NULL)
		return fail(EINVAL);
	pthread_mutex_lock(&lock);
	bool ready = result->ready;
	pthread_mutex_unlock(&lock);
	return ready;
}

static struct timespec time_after(double seconds)
{
	const double century = 3e9;
	struct timespec t;
	if (seconds > century)
		seconds = century;
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += (time_t)seconds;
	t.tv_nsec += (long)((seconds - (double)(time_t)seconds) * 1e9);
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

static int find_ready(struct async_result *results[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (results[i]->ready)
			return (int)i;
	return -1;
}

int async_wait_any(struct async_result *results[], size_t count, double timeout)
{
	if (results == NULL || count == 0)
		return fail(EINVAL);
	for (size_t i = 0; i < count; i++)
		if (results[i] == NULL)
			return fail(EINVAL);
	struct timespec end = time_after(timeout > 0 ? timeout : 0);
	int index, error = timeout == 0 ? ETIMEDOUT : 0;
	pthread_mutex_lock(&lock);
	while ((index = find_ready(results, count)) < 0 && error == 0)
		error = timeout < 0 ? pthread_cond_wait(&changed, &lock)
		                    : pthread_cond_clockwait(&changed, &lock, CLOCK_MONOTONIC, &end);
	pthread_mutex_unlock(&lock);
	return index >= 0 ? 0 : fail(ETIMEDOUT);
}

int async_wait(struct async_result *result, double timeout)
{
	return async_wait_any(&result, 1, timeout);
}

int async_get(struct async_result *result, int32_t *results, double timeout)
{
	if (result == NULL || (result->n > 0 && results == NULL))
		return fail(EINVAL);
	if (async_wait(result, timeout) != 0)
		return -1;
	if (result->error)
		return fail(result->error);
	if (result->n > 0)
		memcpy(results, result->cell, result->n * sizeof *results);
	return 0;
}

void async_free(struct async_result *result)
{
	if (result == NULL)
		return;
	pthread_mutex_lock(&lock);
	bool unused = result->ready && result->busy == 0;
	result->freed = true;
	pthread_mutex_unlock(&lock);
	if (unused)
		free(result);
}
