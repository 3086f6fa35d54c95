/* Mistake:   a result counts as ready when its last chunk has been handed out and
 *            some chunk has come back; others may still be on their way.
 * Test:      takes_each_task_once
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
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PART = 4096 }; /* tasks in a message, at most */

struct request {
	task_fn *task;
	size_t count; /* of seeds that follow; 0: there is nothing more to do */
};

struct async_result {
	struct async_result *next; /* in the queue */
	task_fn *task;
	uint32_t *seeds;
	int32_t *results;
	size_t n, chunk;
	size_t handed_out, unfinished;
	int with_workers; /* chunks */
	bool ready, freed;
	int error;
};

struct worker {
	pid_t pid;
	int fd; /* -1: it has died */
	struct async_result *job; /* NULL: idle */
	size_t first, count;
};

struct pool {
	int workers, alive;
	int bell[2]; /* a byte here wakes the thread */
	pthread_t thread;
	bool stops;
	struct async_result *first, *last; /* the queue of those with tasks to hand out */
	int unready;
	struct worker worker[];
};

/* Guards all pools and all results, which may outlive their pool. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static int fail(int error)
{
	errno = error;
	return -1;
}

/* --- whole messages -------------------------------------------------------------- */

static bool send_all(int fd, const void *data, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t sent = send(fd, (const char *)data + done, size - done, MSG_NOSIGNAL);
		if (sent == -1 && errno != EINTR)
			return false;
		done += sent > 0 ? (size_t)sent : 0;
	}
	return true;
}

static bool receive_all(int fd, void *data, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t got = read(fd, (char *)data + done, size - done);
		if (got == 0 || (got == -1 && errno != EINTR))
			return false;
		done += got > 0 ? (size_t)got : 0;
	}
	return true;
}

/* --- in a worker ------------------------------------------------------------------ */

static void work(int fd)
{
	static uint32_t seeds[PART];
	static int32_t results[PART];
	struct request request;
	while (receive_all(fd, &request, sizeof request) && request.count > 0) {
		if (!receive_all(fd, seeds, request.count * sizeof *seeds))
			return;
		for (size_t i = 0; i < request.count; i++)
			results[i] = request.task(seeds[i]);
		if (!send_all(fd, results, request.count * sizeof *results))
			return;
	}
}

/* --- results, with the lock held -------------------------------------------------- */

static void dispose(struct async_result *job)
{
	if (!job->freed || !job->ready || job->with_workers > 0)
		return;
	free(job->seeds);
	free(job->results);
	free(job);
}

static void set_ready(struct pool *pool, struct async_result *job, int error)
{
	if (job->ready)
		return;
	job->ready = true;
	job->error = error;
	pool->unready--;
	pthread_cond_broadcast(&changed);
}

static void unlink_job(struct pool *pool, struct async_result *job)
{
	struct async_result *before = NULL, *each = pool->first;
	for (; each != NULL && each != job; each = each->next)
		before = each;
	if (each == NULL)
		return;
	if (before == NULL)
		pool->first = job->next;
	else
		before->next = job->next;
	if (pool->last == job)
		pool->last = before;
}

/* All that is queued fails: nobody is left to do it. */
static void fail_queue(struct pool *pool, int error)
{
	while (pool->first != NULL) {
		struct async_result *job = pool->first;
		unlink_job(pool, job);
		set_ready(pool, job, error);
		dispose(job);
	}
}

static void lose_worker(struct pool *pool, struct worker *worker)
{
	struct async_result *job = worker->job;
	close(worker->fd);
	worker->fd = -1;
	worker->job = NULL;
	pool->alive--;
	if (job != NULL) {
		job->with_workers--;
		unlink_job(pool, job);
		set_ready(pool, job, ECHILD);
		dispose(job);
	}
	if (pool->alive == 0)
		fail_queue(pool, ECHILD);
}

/* --- the thread --------------------------------------------------------------------- */

static void hand_out(struct pool *pool, struct worker *worker)
{
	struct async_result *job = pool->first;
	worker->job = job;
	worker->first = job->handed_out;
	worker->count = smaller(job->n - job->handed_out, job->chunk);
	job->handed_out += worker->count;
	job->with_workers++;
	if (job->handed_out == job->n)
		unlink_job(pool, job);
	struct request request = { job->task, worker->count };
	if (!send_all(worker->fd, &request, sizeof request) ||
	    !send_all(worker->fd, job->seeds + worker->first, worker->count * sizeof *job->seeds))
		lose_worker(pool, worker);
}

static void take_results(struct pool *pool, struct worker *worker)
{
	struct async_result *job = worker->job;
	if (job == NULL || !receive_all(worker->fd, job->results + worker->first,
	                                worker->count * sizeof *job->results)) {
		lose_worker(pool, worker);
		return;
	}
	worker->job = NULL;
	job->with_workers--;
	job->unfinished -= worker->count;
	if (job->handed_out == job->n)
		set_ready(pool, job, 0);
	dispose(job);
}

static void wait_for_something(struct pool *pool, struct pollfd *fds)
{
	for (int i = 0; i < pool->workers; i++)
		fds[i] = (struct pollfd){ .fd = pool->worker[i].fd, .events = POLLIN };
	fds[pool->workers] = (struct pollfd){ .fd = pool->bell[0], .events = POLLIN };
	pthread_mutex_unlock(&lock);
	while (poll(fds, (nfds_t)pool->workers + 1, -1) == -1 && errno == EINTR)
		;
	char bytes[64];
	if (fds[pool->workers].revents != 0)
		while (read(pool->bell[0], bytes, sizeof bytes) == -1 && errno == EINTR)
			;
	pthread_mutex_lock(&lock);
}

static void *serve(void *arg)
{
	struct pool *pool = arg;
	struct pollfd fds[pool->workers + 1];
	pthread_mutex_lock(&lock);
	while (!pool->stops) {
		for (int i = 0; i < pool->workers; i++)
			if (pool->worker[i].fd != -1 && pool->worker[i].job == NULL && pool->first != NULL)
				hand_out(pool, &pool->worker[i]);
		wait_for_something(pool, fds);
		for (int i = 0; i < pool->workers; i++)
			if (fds[i].fd != -1 && fds[i].revents != 0)
				take_results(pool, &pool->worker[i]);
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void ring(struct pool *pool)
{
	while (write(pool->bell[1], "", 1) == -1 && errno == EINTR)
		;
}

/* --- making and ending it ------------------------------------------------------------- */

static int start_worker(struct pool *pool, int rank)
{
	int ends[2];
	pid_t parent = getpid();
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1)
		return errno;
	pid_t pid = fork();
	int error = errno;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		for (int i = 0; i < rank; i++)
			close(pool->worker[i].fd);
		close(ends[0]);
		if (getppid() == parent)
			work(ends[1]);
		_exit(0);
	}
	close(ends[1]);
	if (pid == -1) {
		close(ends[0]);
		return error;
	}
	pool->worker[rank] = (struct worker){ .pid = pid, .fd = ends[0] };
	pool->alive++;
	return 0;
}

/* Ends and reaps so many workers, and frees all. Nobody else knows of the pool. */
static void release(struct pool *pool, int started, bool kills)
{
	static const struct request no_more;
	for (int i = 0; i < started; i++) {
		if (kills)
			kill(pool->worker[i].pid, SIGKILL);
		else if (pool->worker[i].fd != -1)
			send_all(pool->worker[i].fd, &no_more, sizeof no_more);
		if (pool->worker[i].fd != -1)
			close(pool->worker[i].fd);
	}
	for (int i = 0; i < started; i++)
		while (waitpid(pool->worker[i].pid, NULL, 0) == -1 && errno == EINTR)
			;
	close(pool->bell[0]);
	close(pool->bell[1]);
	free(pool);
}

struct pool *pool_create(int workers)
{
	if (workers < 1) {
		errno = EINVAL;
		return NULL;
	}
	struct pool *pool = calloc(1, sizeof *pool + (size_t)workers * sizeof *pool->worker);
	int error = 0, started = 0;
	if (pool == NULL)
		return NULL;
	pool->workers = workers;
	if (pipe(pool->bell) == -1) {
		error = errno;
		free(pool);
		errno = error;
		return NULL;
	}
	fflush(NULL);
	while (error == 0 && started < workers) {
		error = start_worker(pool, started);
		started += error == 0;
	}
	if (error == 0)
		error = pthread_create(&pool->thread, NULL, serve, pool);
	if (error == 0)
		return pool;
	release(pool, started, true);
	errno = error;
	return NULL;
}

int pool_workers(const struct pool *pool)
{
	return pool == NULL ? fail(EINVAL) : pool->workers;
}

static void stop_thread(struct pool *pool)
{
	pthread_mutex_lock(&lock);
	pool->stops = true;
	pthread_mutex_unlock(&lock);
	ring(pool);
	pthread_join(pool->thread, NULL);
}

int pool_close(struct pool *pool)
{
	if (pool == NULL)
		return fail(EINVAL);
	pthread_mutex_lock(&lock);
	while (pool->unready > 0)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
	stop_thread(pool);
	release(pool, pool->workers, false);
	return 0;
}

/* Killed first: then the thread does not wait for anybody. */
int pool_terminate(struct pool *pool)
{
	if (pool == NULL)
		return fail(EINVAL);
	pthread_mutex_lock(&lock);
	fail_queue(pool, ECANCELED);
	for (int i = 0; i < pool->workers; i++) {
		struct worker *worker = &pool->worker[i];
		kill(worker->pid, SIGKILL);
		if (worker->job != NULL)
			set_ready(pool, worker->job, ECANCELED);
	}
	pthread_mutex_unlock(&lock);
	stop_thread(pool);
	for (int i = 0; i < pool->workers; i++) {
		struct async_result *job = pool->worker[i].job;
		if (job != NULL) {
			job->with_workers--;
			dispose(job);
		}
	}
	release(pool, pool->workers, true);
	return 0;
}

/* --- asynchronous calls ------------------------------------------------------------------ */

static struct async_result *new_job(task_fn *task, const uint32_t *seeds, size_t n, size_t chunk)
{
	struct async_result *job = calloc(1, sizeof *job);
	if (job == NULL)
		return NULL;
	job->task = task;
	job->n = job->unfinished = n;
	job->chunk = smaller(chunk, PART);
	job->seeds = malloc(n * sizeof *seeds + 1);
	job->results = malloc(n * sizeof *job->results + 1);
	if (job->seeds == NULL || job->results == NULL) {
		free(job->seeds);
		free(job->results);
		free(job);
		errno = ENOMEM;
		return NULL;
	}
	if (n > 0)
		memcpy(job->seeds, seeds, n * sizeof *seeds);
	return job;
}

static void queue(struct pool *pool, struct async_result *job)
{
	pthread_mutex_lock(&lock);
	pool->unready++;
	if (job->n == 0 || pool->alive == 0) {
		set_ready(pool, job, job->n == 0 ? 0 : ECHILD);
	} else {
		if (pool->last == NULL || pool->first == NULL)
			pool->first = job;
		else
			pool->last->next = job;
		pool->last = job;
	}
	pthread_mutex_unlock(&lock);
	ring(pool);
}

struct async_result *pool_map_async(struct pool *pool, task_fn *task, const uint32_t *seeds,
                                    size_t n, size_t chunk)
{
	if (pool == NULL || task == NULL || (seeds == NULL && n > 0)) {
		errno = EINVAL;
		return NULL;
	}
	if (chunk == 0)
		chunk = n / (4 * (size_t)pool->workers) + 1;
	struct async_result *job = new_job(task, seeds, n, chunk);
	if (job != NULL)
		queue(pool, job);
	return job;
}

struct async_result *pool_apply_async(struct pool *pool, task_fn *task, uint32_t seed)
{
	return pool_map_async(pool, task, &seed, 1, 1);
}

static int find_ready(struct async_result *results[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (results[i]->ready)
			return (int)i;
	return -1;
}

static struct timespec deadline_after(double seconds)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	double whole = (double)(time_t)seconds;
	time.tv_sec += (time_t)whole;
	time.tv_nsec += (long)((seconds - whole) * 1e9);
	time.tv_sec += time.tv_nsec / 1000000000;
	time.tv_nsec %= 1000000000;
	return time;
}

int async_wait_any(struct async_result *results[], size_t count, double timeout)
{
	if (results == NULL || count == 0)
		return fail(EINVAL);
	for (size_t i = 0; i < count; i++)
		if (results[i] == NULL)
			return fail(EINVAL);
	struct timespec deadline = timeout > 0 ? deadline_after(timeout) : (struct timespec){ 0 };
	int index, error = 0;
	pthread_mutex_lock(&lock);
	while ((index = find_ready(results, count)) == -1 && error == 0) {
		if (timeout < 0)
			pthread_cond_wait(&changed, &lock);
		else
			error = pthread_cond_clockwait(&changed, &lock, CLOCK_MONOTONIC, &deadline);
	}
	pthread_mutex_unlock(&lock);
	return index == -1 ? fail(ETIMEDOUT) : index;
}

int async_wait(struct async_result *result, double timeout)
{
	return async_wait_any(&result, 1, timeout);
}

int async_ready(struct async_result *result)
{
	if (result == NULL)
		return fail(EINVAL);
	pthread_mutex_lock(&lock);
	bool ready = result->ready;
	pthread_mutex_unlock(&lock);
	return ready;
}

int async_get(struct async_result *result, int32_t *results, double timeout)
{
	if (result == NULL || (results == NULL && result->n > 0))
		return fail(EINVAL);
	if (async_wait(result, timeout) == -1)
		return -1;
	if (result->error != 0)
		return fail(result->error);
	if (result->n > 0)
		memcpy(results, result->results, result->n * sizeof *results);
	return 0;
}

void async_free(struct async_result *result)
{
	if (result == NULL)
		return;
	pthread_mutex_lock(&lock);
	result->freed = true;
	dispose(result);
	pthread_mutex_unlock(&lock);
}

/* --- and those that wait -------------------------------------------------------------------- */

int pool_map(struct pool *pool, task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
             size_t chunk)
{
	if (pool == NULL || (n > 0 && (task == NULL || seeds == NULL || results == NULL)))
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
