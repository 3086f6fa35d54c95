/* Mistake:   does not look whether fork failed, and takes -1 for a pid.
 * Test:      undoes_a_failed_start
 * Diagnosis: ignored-failure
 */
#define _GNU_SOURCE
#include "pool.h"

#include <errno.h>
#include <semaphore.h>
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

#define ROOM 512 /* tasks in an item */
#define SLOTS 64 /* items in the queue */

struct item {
	task_fn *task;
	size_t n;
	uint32_t seeds[ROOM];
	int32_t results[ROOM];
	sem_t done;
};

struct queue {
	sem_t filled; /* items that nobody has taken */
	sem_t lock;   /* guards head */
	size_t head;
	struct item slot[SLOTS];
};

struct pool {
	struct queue *queue;
	int workers, started;
	size_t tail;
	bool broken;
	pid_t pids[];
};

static int fail(int error)
{
	errno = error;
	return -1;
}

static void down(sem_t *semaphore)
{
	while (sem_wait(semaphore) == -1 && errno == EINTR)
		;
}

/* An item without a task is the end. */
static void work(struct queue *q)
{
	for (;;) {
		down(&q->filled);
		down(&q->lock);
		struct item *item = &q->slot[q->head++ % SLOTS];
		sem_post(&q->lock);
		if (item->task == NULL)
			return;
		for (size_t i = 0; i < item->n; i++)
			item->results[i] = item->task(item->seeds[i]);
		sem_post(&item->done);
	}
}

static void start_worker(struct pool *pool)
{
	pid_t parent = getpid(), pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			work(pool->queue);
		_exit(0);
	}
	pool->pids[pool->started++] = pid;
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
	munmap(pool->queue, sizeof *pool->queue);
	free(pool);
}

static bool all_live(struct pool *pool)
{
	bool live = true;
	for (int i = 0; i < pool->started; i++) {
		if (waitpid(pool->pids[i], NULL, WNOHANG) != 0) {
			pool->pids[i] = 0;
			live = false;
		}
	}
	return live;
}

static struct queue *make_queue(void)
{
	struct queue *q = mmap(NULL, sizeof *q, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	                       -1, 0);
	if (q == MAP_FAILED)
		return NULL;
	sem_init(&q->filled, 1, 0);
	sem_init(&q->lock, 1, 1);
	for (int i = 0; i < SLOTS; i++)
		sem_init(&q->slot[i].done, 1, 0);
	return q;
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
	pool->queue = make_queue();
	if (pool->queue == NULL) {
		free(pool);
		errno = ENOMEM;
		return NULL;
	}
	fflush(NULL);
	for (int i = 0; i < workers; i++)
		start_worker(pool);
	return pool;
}

int pool_workers(const struct pool *pool)
{
	return pool == NULL ? fail(EINVAL) : pool->workers;
}

static void put(struct pool *pool, task_fn *task, const uint32_t *seeds, size_t n)
{
	struct item *item = &pool->queue->slot[pool->tail++ % SLOTS];
	item->task = task;
	item->n = n;
	if (n > 0)
		memcpy(item->seeds, seeds, n * sizeof *seeds);
	sem_post(&pool->queue->filled);
}

/* Returns whether it was finished. */
static bool await_item(struct pool *pool, struct item *item)
{
	for (;;) {
		struct timespec until;
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += 50000000;
		if (until.tv_nsec >= 1000000000) {
			until.tv_sec++;
			until.tv_nsec -= 1000000000;
		}
		if (sem_timedwait(&item->done, &until) == 0)
			return true;
		if (errno == ETIMEDOUT && !all_live(pool))
			return false;
	}
}

static size_t choose(const struct pool *pool, size_t n, size_t chunk)
{
	if (chunk == 0)
		chunk = n / (4 * (size_t)pool->workers) + 1;
	return chunk < ROOM ? chunk : ROOM;
}

static size_t size_of(size_t n, size_t at, size_t chunk)
{
	return n - at < chunk ? n - at : chunk;
}

int pool_map(struct pool *pool, task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
             size_t chunk)
{
	if (pool == NULL || (n > 0 && (task == NULL || seeds == NULL || results == NULL)))
		return fail(EINVAL);
	if (n > 0 && pool->broken)
		return fail(ECHILD);
	chunk = choose(pool, n, chunk);
	size_t sent = 0, received = 0, oldest = pool->tail;
	while (received < n) {
		if (sent < n && pool->tail - oldest < SLOTS) {
			put(pool, task, seeds + sent, size_of(n, sent, chunk));
			sent += size_of(n, sent, chunk);
			continue;
		}
		struct item *item = &pool->queue->slot[oldest++ % SLOTS];
		if (!await_item(pool, item)) {
			kill_all(pool);
			pool->broken = true;
			return fail(ECHILD);
		}
		memcpy(results + received, item->results, item->n * sizeof *results);
		received += item->n;
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
	if (pool->broken || !all_live(pool))
		return pool_terminate(pool);
	for (int i = 0; i < pool->workers; i++)
		put(pool, NULL, NULL, 0);
	reap(pool);
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
