/* Mistake:   raises the number of the job and wakes the workers first, and copies the
 *            seeds while they wake up.
 * Test:      has_no_race
 * Diagnosis: race
 */
#define _GNU_SOURCE
#include "pool.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define WINDOW 4096

struct board {
	task_fn *task;
	size_t n, chunk;          /* written only while no worker is busy, as all that is plain */
	atomic_size_t next;       /* the first task that nobody has taken */
	atomic_uint job;          /* its number; idle workers sleep on it */
	atomic_uint busy;         /* workers not through with it; the caller sleeps on it */
	atomic_bool closing;
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

static void sleep_while(atomic_uint *word, unsigned value, const struct timespec *at_most)
{
	syscall(SYS_futex, word, FUTEX_WAIT, value, at_most, NULL, 0);
}

static void wake(atomic_uint *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static void run_job(struct board *b)
{
	size_t from;
	while ((from = atomic_fetch_add(&b->next, b->chunk)) < b->n) {
		size_t to = smaller(from + b->chunk, b->n);
		for (size_t i = from; i < to; i++)
			b->results[i] = b->task(b->seeds[i]); /* race */
	}
}

/* Every worker takes part in every job, if only to see that nothing is left. */
static void work(struct board *b)
{
	for (unsigned seen = 0;; seen++) {
		while (atomic_load(&b->job) == seen)
			sleep_while(&b->job, seen, NULL);
		if (atomic_load(&b->closing))
			return;
		run_job(b);
		if (atomic_fetch_sub(&b->busy, 1) == 1)
			wake(&b->busy);
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
	struct board *b = mmap(NULL, sizeof *b, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	                       -1, 0);
	return b == MAP_FAILED ? NULL : b;
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
	static const struct timespec a_while = { .tv_nsec = 50000000 };
	struct board *b = pool->board;
	unsigned busy;
	while ((busy = atomic_load(&b->busy)) > 0) {
		sleep_while(&b->busy, busy, &a_while);
		if (atomic_load(&b->busy) > 0 && !all_live(pool))
			return false;
	}
	return true;
}

static bool run(struct pool *pool, task_fn *task, const uint32_t *seeds, size_t n,
                int32_t *results, size_t chunk)
{
	struct board *b = pool->board;
	b->task = task;
	b->n = n;
	b->chunk = chunk;
	atomic_store(&b->busy, (unsigned)pool->workers);
	atomic_store(&b->next, 0);
	atomic_fetch_add(&b->job, 1);
	wake(&b->job); /* that takes them a while */
	memcpy(b->seeds, seeds, n * sizeof *seeds); /* race */
	bool live = await_results(pool);
	memcpy(results, b->results, n * sizeof *results);
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
		atomic_store(&pool->board->closing, true);
		atomic_fetch_add(&pool->board->job, 1);
		wake(&pool->board->job);
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
