/* Mistake:   reads the size of a chunk just before it takes the lock, when its job may
 *            be over and the caller writes the next one.
 * Test:      has_no_race
 * Diagnosis: race
 */
#define _GNU_SOURCE
#include "pool.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WINDOW 4096

struct board {
	pthread_mutex_t lock; /* guards all of this: */
	pthread_cond_t work;  /* there is a job, or the end */
	pthread_cond_t done;  /* the last task of the job is finished */
	task_fn *task;
	size_t n, chunk, next, unfinished;
	bool closing;
	uint32_t seeds[WINDOW];
	int32_t results[WINDOW];
};

struct pool {
	struct board *board;
	int workers, started;
	bool broken;
	pid_t pids[];
};

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static int fail(int error)
{
	errno = error;
	return -1;
}

/* Sleeps until there is something to do; false: that was all. */
static bool await_work(struct board *b)
{
	pthread_mutex_lock(&b->lock);
	while (b->next == b->n && !b->closing)
		pthread_cond_wait(&b->work, &b->lock);
	bool more = !b->closing;
	pthread_mutex_unlock(&b->lock);
	return more;
}

static void run_chunk(struct board *b)
{
	size_t chunk = b->chunk; /* race */
	pthread_mutex_lock(&b->lock);
	size_t from = b->next, to = smaller(from + chunk, b->n);
	b->next = to;
	pthread_mutex_unlock(&b->lock);
	for (size_t i = from; i < to; i++)
		b->results[i] = b->task(b->seeds[i]);
	pthread_mutex_lock(&b->lock);
	b->unfinished -= to - from;
	if (b->unfinished == 0)
		pthread_cond_signal(&b->done);
	pthread_mutex_unlock(&b->lock);
}

static void work(struct board *b)
{
	while (await_work(b))
		run_chunk(b);
}

static int start_worker(struct pool *pool)
{
	pid_t parent = getpid(), pid = fork();
	if (pid == -1)
		return -1;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			work(pool->board);
		_exit(0);
	}
	pool->pids[pool->started++] = pid;
	return 0;
}

static void reap(struct pool *pool)
{
	for (int i = 0; i < pool->started; i++)
		while (pool->pids[i] > 0 && waitpid(pool->pids[i], NULL, 0) == -1 && errno == EINTR)
			;
	pool->started = 0;
}

static void kill_all(struct pool *pool)
{
	for (int i = 0; i < pool->started; i++)
		if (pool->pids[i] > 0)
			kill(pool->pids[i], SIGKILL);
	reap(pool);
}

static void release(struct pool *pool)
{
	munmap(pool->board, sizeof *pool->board);
	free(pool);
}

static bool all_live(struct pool *pool)
{
	bool live = true;
	for (int i = 0; i < pool->started; i++) {
		if (pool->pids[i] == 0 || waitpid(pool->pids[i], NULL, WNOHANG) != 0) {
			pool->pids[i] = 0;
			live = false;
		}
	}
	return live;
}

static struct board *make_board(void)
{
	pthread_mutexattr_t shared;
	pthread_condattr_t cond_shared;
	struct board *b = mmap(NULL, sizeof *b, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	                       -1, 0);
	if (b == MAP_FAILED)
		return NULL;
	pthread_mutexattr_init(&shared);
	pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&b->lock, &shared);
	pthread_mutexattr_destroy(&shared);
	pthread_condattr_init(&cond_shared);
	pthread_condattr_setpshared(&cond_shared, PTHREAD_PROCESS_SHARED);
	pthread_cond_init(&b->work, &cond_shared);
	pthread_cond_init(&b->done, &cond_shared);
	pthread_condattr_destroy(&cond_shared);
	return b;
}

struct pool *pool_create(int workers)
{
	if (workers < 1) {
		errno = EINVAL;
		return NULL;
	}
	struct pool *pool = calloc(1, sizeof *pool + (size_t)workers * sizeof(pid_t));
	if (pool == NULL)
		return NULL;
	pool->workers = workers;
	pool->board = make_board();
	if (pool->board == NULL) {
		free(pool);
		errno = ENOMEM;
		return NULL;
	}
	fflush(NULL);
	for (int i = 0; i < workers; i++) {
		if (start_worker(pool) == -1) {
			int error = errno;
			kill_all(pool);
			release(pool);
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

static bool await_results(struct pool *pool)
{
	struct board *b = pool->board;
	bool live = true;
	while (b->unfinished > 0 && live) {
		struct timespec until;
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += 50000000;
		if (until.tv_nsec >= 1000000000) {
			until.tv_sec++;
			until.tv_nsec -= 1000000000;
		}
		pthread_cond_timedwait(&b->done, &b->lock, &until);
		live = b->unfinished == 0 || all_live(pool);
	}
	return live;
}

static bool run(struct pool *pool, task_fn *task, const uint32_t *seeds, size_t n,
                int32_t *results, size_t chunk)
{
	struct board *b = pool->board;
	pthread_mutex_lock(&b->lock);
	b->task = task;
	b->chunk = chunk; /* race */
	b->n = b->unfinished = n;
	b->next = 0;
	memcpy(b->seeds, seeds, n * sizeof *seeds);
	pthread_cond_broadcast(&b->work);
	bool live = await_results(pool);
	memcpy(results, b->results, n * sizeof *results);
	pthread_mutex_unlock(&b->lock);
	return live;
}

int pool_map(struct pool *pool, task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
             size_t chunk)
{
	if (pool == NULL || (n > 0 && (task == NULL || seeds == NULL || results == NULL)))
		return fail(EINVAL);
	if (n > 0 && (pool->broken || !all_live(pool)))
		return fail(ECHILD);
	if (chunk == 0)
		chunk = smaller(n, WINDOW) / (4 * (size_t)pool->workers) + 1;
	for (size_t done = 0; done < n; done += WINDOW) {
		size_t part = smaller(n - done, WINDOW);
		if (!run(pool, task, seeds + done, part, results + done, smaller(chunk, part))) {
			kill_all(pool);
			pool->broken = true;
			return fail(ECHILD);
		}
	}
	return 0;
}

int pool_apply(struct pool *pool, task_fn *task, uint32_t seed, int32_t *result)
{
	return pool_map(pool, task, &seed, 1, result, 1);
}

int pool_close(struct pool *pool)
{
	if (pool == NULL)
		return fail(EINVAL);
	if (!pool->broken && all_live(pool)) {
		pthread_mutex_lock(&pool->board->lock);
		pool->board->closing = true;
		pthread_cond_broadcast(&pool->board->work);
		pthread_mutex_unlock(&pool->board->lock);
		reap(pool);
	} else {
		kill_all(pool);
	}
	release(pool);
	return 0;
}

int pool_terminate(struct pool *pool)
{
	if (pool == NULL)
		return fail(EINVAL);
	kill_all(pool);
	release(pool);
	return 0;
}
