/* Mistake:   workers take chunks from a ring without a lock: two of them take the same
 *            one, and the head goes back.
 * Test:      has_no_race
 * Diagnosis: race
 */
#define _GNU_SOURCE
#include "pool.h"

#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
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
#define SLOTS 1024

struct chunk {
	size_t from, count;
};

struct queue {
	sem_t filled, done;
	size_t head, tail; /* where the next chunk is taken from, and put */
	struct chunk slot[SLOTS];
	atomic_size_t finished; /* tasks */
	atomic_bool closing;
	task_fn *task; /* from here on: written before the chunks are put */
	size_t n;
	uint32_t seeds[WINDOW];
	int32_t results[WINDOW];
};

struct pool {
	struct queue *queue;
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

static void down(sem_t *semaphore)
{
	while (sem_wait(semaphore) == -1 && errno == EINTR)
		;
}

static bool take(struct queue *q, struct chunk *chunk)
{
	size_t at = q->head; /* race */
	if (at == q->tail) /* race */
		return false;
	*chunk = q->slot[at % SLOTS]; /* race */
	q->head = at + 1; /* race */
	return true;
}

static void run_chunk(struct queue *q, struct chunk chunk)
{
	size_t n = q->n; /* race */
	for (size_t i = chunk.from; i < chunk.from + chunk.count; i++)
		q->results[i] = q->task(q->seeds[i]); /* race */
	if (atomic_fetch_add(&q->finished, chunk.count) + chunk.count >= n)
		sem_post(&q->done);
}

static void work(struct queue *q)
{
	struct chunk chunk;
	while (!atomic_load(&q->closing)) {
		down(&q->filled);
		while (take(q, &chunk))
			run_chunk(q, chunk);
	}
}

static int start_worker(struct pool *pool)
{
	pid_t parent = getpid(), pid = fork();
	if (pid == -1)
		return -1;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			work(pool->queue);
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
	sem_init(&q->done, 1, 0);
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

/* There is room: all of a window are taken before the next one's are put. */
static void put(struct queue *q, size_t from, size_t count)
{
	q->slot[q->tail % SLOTS] = (struct chunk){ from, count }; /* race */
	q->tail++; /* race */
	sem_post(&q->filled);
}

static bool await_results(struct pool *pool)
{
	struct queue *q = pool->queue;
	while (atomic_load(&q->finished) < q->n) {
		struct timespec until;
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += 50000000;
		if (until.tv_nsec >= 1000000000) {
			until.tv_sec++;
			until.tv_nsec -= 1000000000;
		}
		if (sem_timedwait(&q->done, &until) == -1 && errno == ETIMEDOUT && !all_live(pool))
			return false;
	}
	return true;
}

static bool run(struct pool *pool, task_fn *task, const uint32_t *seeds, size_t n,
                int32_t *results, size_t chunk)
{
	struct queue *q = pool->queue;
	memcpy(q->seeds, seeds, n * sizeof *seeds); /* race */
	q->task = task; /* race */
	q->n = n; /* race */
	atomic_store(&q->finished, 0);
	for (size_t from = 0; from < n; from += chunk)
		put(q, from, smaller(chunk, n - from));
	bool live = await_results(pool);
	memcpy(results, q->results, n * sizeof *results); /* race */
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
		chunk = n / (4 * (size_t)pool->workers) + 1;
	size_t window = chunk < WINDOW / SLOTS ? chunk * SLOTS : WINDOW;
	for (size_t done = 0; done < n; done += window) {
		size_t part = smaller(n - done, window);
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
	if (pool->broken || !all_live(pool))
		return pool_terminate(pool);
	atomic_store(&pool->queue->closing, true);
	for (int i = 0; i < pool->workers; i++)
		sem_post(&pool->queue->filled);
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
