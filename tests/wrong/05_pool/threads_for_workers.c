/* Mistake:   the workers are threads of the caller's process.
 * Test:      runs_in_workers
 * Diagnosis: no-processes
 */
#define _GNU_SOURCE
#include "pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
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
	pthread_t threads[];
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

static void work(struct board *b)
{
	pthread_mutex_lock(&b->lock);
	for (;;) {
		while (b->next == b->n && !b->closing)
			pthread_cond_wait(&b->work, &b->lock);
		if (b->next == b->n)
			break;
		size_t from = b->next, to = smaller(from + b->chunk, b->n);
		b->next = to;
		pthread_mutex_unlock(&b->lock);
		for (size_t i = from; i < to; i++)
			b->results[i] = b->task(b->seeds[i]);
		pthread_mutex_lock(&b->lock);
		b->unfinished -= to - from;
		if (b->unfinished == 0)
			pthread_cond_signal(&b->done);
	}
	pthread_mutex_unlock(&b->lock);
}

static void *run_thread(void *board)
{
	work(board);
	return NULL;
}

static int end_all(struct pool *pool)
{
	pthread_mutex_lock(&pool->board->lock);
	pool->board->closing = true;
	pthread_cond_broadcast(&pool->board->work);
	pthread_mutex_unlock(&pool->board->lock);
	for (int i = 0; i < pool->started; i++)
		pthread_join(pool->threads[i], NULL);
	free(pool->board);
	free(pool);
	return 0;
}

static struct board *make_board(void)
{
	struct board *b = calloc(1, sizeof *b);
	if (b == NULL)
		return NULL;
	pthread_mutex_init(&b->lock, NULL);
	pthread_cond_init(&b->work, NULL);
	pthread_cond_init(&b->done, NULL);
	return b;
}

struct pool *pool_create(int workers)
{
	if (workers < 1) {
		errno = EINVAL;
		return NULL;
	}
	struct pool *pool = calloc(1, sizeof *pool + (size_t)workers * sizeof(pthread_t));
	if (pool == NULL)
		return NULL;
	pool->workers = workers;
	pool->board = make_board();
	if (pool->board == NULL) {
		free(pool);
		errno = ENOMEM;
		return NULL;
	}
	for (; pool->started < workers; pool->started++) {
		int error = pthread_create(&pool->threads[pool->started], NULL, run_thread, pool->board);
		if (error != 0) {
			end_all(pool);
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

static void run(struct pool *pool, task_fn *task, const uint32_t *seeds, size_t n,
                int32_t *results, size_t chunk)
{
	struct board *b = pool->board;
	pthread_mutex_lock(&b->lock);
	memcpy(b->seeds, seeds, n * sizeof *seeds);
	b->task = task;
	b->n = b->unfinished = n;
	b->next = 0;
	b->chunk = chunk;
	pthread_cond_broadcast(&b->work);
	while (b->unfinished > 0)
		pthread_cond_wait(&b->done, &b->lock);
	memcpy(results, b->results, n * sizeof *results);
	pthread_mutex_unlock(&b->lock);
}

int pool_map(struct pool *pool, task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
             size_t chunk)
{
	if (pool == NULL || (n > 0 && (task == NULL || seeds == NULL || results == NULL)))
		return fail(EINVAL);
	if (chunk == 0)
		chunk = smaller(n, WINDOW) / (4 * (size_t)pool->workers) + 1;
	for (size_t done = 0; done < n; done += WINDOW) {
		size_t part = smaller(n - done, WINDOW);
		run(pool, task, seeds + done, part, results + done, smaller(chunk, part));
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
	return end_all(pool);
}

int pool_terminate(struct pool *pool)
{
	if (pool == NULL)
		return fail(EINVAL);
	return end_all(pool);
}
