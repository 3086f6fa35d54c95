/* Unusual:   the chunks go through a ring in shared memory without any lock, Dmitry Vyukov's
 *            bounded queue: the number in a cell tells whose turn it is there. The caller fills it
 *            while the workers empty it. Raw futexes to sleep on, and nobody spins.
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
#include <time.h>
#include <unistd.h>

enum { CELLS = 512, WINDOW = 40000 }; /* CELLS: a power of two */

struct cell {
	atomic_uint turn; /* = place: free; = place + 1: filled; then place + CELLS */
	uint32_t first, count;
};

struct shared {
	struct cell ring[CELLS];
	atomic_uint takers_place;
	atomic_uint bell;     /* rung when there is more in the ring; workers sleep on it */
	atomic_int sleepers;
	atomic_bool closing;
	atomic_uint finished; /* tasks of this window; the caller sleeps on it, */
	atomic_uint awaited;  /* until it comes to this */
	_Atomic(task_fn *) task;
	uint32_t seeds[WINDOW];
	int32_t results[WINDOW];
};

struct pool {
	struct shared *shared;
	unsigned place; /* where the caller puts the next chunk */
	int workers;
	bool broken;
	pid_t pids[];
};

/* Both fail with EINTR, EAGAIN or ETIMEDOUT as they like: the loops around them look again. */
static void sleep_on(atomic_uint *word, unsigned value, const struct timespec *at_most)
{
	syscall(SYS_futex, word, FUTEX_WAIT, value, at_most, NULL, 0);
}

static void wake(atomic_uint *word, int most)
{
	syscall(SYS_futex, word, FUTEX_WAKE, most, NULL, NULL, 0);
}

/* --- the ring: one puts, many take --- */

static bool put(struct pool *pool, uint32_t first, uint32_t count)
{
	struct cell *c = &pool->shared->ring[pool->place % CELLS];

	if (atomic_load_explicit(&c->turn, memory_order_acquire) != pool->place)
		return false; /* full */
	c->first = first;
	c->count = count;
	/* Release: who sees that it is filled sees with what. */
	atomic_store_explicit(&c->turn, ++pool->place, memory_order_release);
	return true;
}

static bool take(struct shared *s, uint32_t *first, uint32_t *count)
{
	unsigned place = atomic_load_explicit(&s->takers_place, memory_order_relaxed);

	for (;;) {
		struct cell *c = &s->ring[place % CELLS];
		unsigned turn = atomic_load_explicit(&c->turn, memory_order_acquire);

		if ((int)(turn - (place + 1)) < 0)
			return false; /* empty */
		if (turn != place + 1) {
			place = atomic_load_explicit(&s->takers_place, memory_order_relaxed);
			continue; /* another one was faster */
		}
		if (!atomic_compare_exchange_weak_explicit(&s->takers_place, &place, place + 1,
		                                           memory_order_relaxed, memory_order_relaxed))
			continue;
		*first = c->first;
		*count = c->count;
		/* Release: the cell is filled again only after these were read. */
		atomic_store_explicit(&c->turn, place + CELLS, memory_order_release);
		return true;
	}
}

/* --- a worker --- */

/* The caller first says what it waits for, and then looks how far they are; here it is the
 * other way round. Sequentially consistent, so one of the two sees the other. */
static void finish(struct shared *s, uint32_t count)
{
	unsigned before = atomic_fetch_add(&s->finished, count);
	unsigned awaited = atomic_load(&s->awaited);

	if (before < awaited && before + count >= awaited)
		wake(&s->finished, 1);
}

static void work(struct shared *s)
{
	uint32_t first, count;

	for (;;) {
		unsigned bell = atomic_load(&s->bell);

		while (take(s, &first, &count)) {
			task_fn *task = atomic_load(&s->task);

			for (uint32_t i = first; i < first + count; i++)
				s->results[i] = task(s->seeds[i]);
			finish(s, count);
		}
		if (atomic_load(&s->closing))
			_exit(0);
		atomic_fetch_add(&s->sleepers, 1);
		sleep_on(&s->bell, bell, NULL);
		atomic_fetch_sub(&s->sleepers, 1);
	}
}

/* --- the pool --- */

static void ring(struct shared *s)
{
	atomic_fetch_add(&s->bell, 1); /* who is about to sleep does not */
	if (atomic_load(&s->sleepers) > 0)
		wake(&s->bell, INT_MAX);
}

static void reap_all(struct pool *pool)
{
	for (int i = 0; i < pool->workers; i++) {
		while (pool->pids[i] > 0 && waitpid(pool->pids[i], NULL, 0) == -1 && errno == EINTR)
			;
		pool->pids[i] = 0;
	}
}

static void kill_all(struct pool *pool)
{
	for (int i = 0; i < pool->workers; i++)
		if (pool->pids[i] > 0)
			kill(pool->pids[i], SIGKILL);
	reap_all(pool);
}

static void release(struct pool *pool)
{
	if (pool->shared != MAP_FAILED)
		munmap(pool->shared, sizeof *pool->shared);
	free(pool);
}

static bool start_all(struct pool *pool)
{
	pid_t parent = getpid();

	for (unsigned i = 0; i < CELLS; i++)
		atomic_init(&pool->shared->ring[i].turn, i);
	fflush(NULL);
	for (int i = 0; i < pool->workers; i++) {
		pid_t pid = fork();

		if (pid == -1)
			return false;
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (getppid() != parent)
				_exit(1);
			work(pool->shared);
		}
		pool->pids[i] = pid;
	}
	return true;
}

struct pool *pool_create(int workers)
{
	if (workers < 1) {
		errno = EINVAL;
		return NULL;
	}
	struct pool *pool = calloc(1, sizeof *pool + (size_t)workers * sizeof *pool->pids);

	if (!pool)
		return NULL;
	pool->workers = workers;
	pool->shared = mmap(NULL, sizeof *pool->shared, PROT_READ | PROT_WRITE,
	                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (pool->shared != MAP_FAILED && start_all(pool))
		return pool;
	int error = errno;

	kill_all(pool);
	release(pool);
	errno = error;
	return NULL;
}

static int answer(int error)
{
	errno = error ? error : errno;
	return error ? -1 : 0;
}

int pool_workers(const struct pool *pool)
{
	return pool ? pool->workers : answer(EINVAL);
}

int pool_close(struct pool *pool)
{
	if (!pool)
		return answer(EINVAL);
	atomic_store(&pool->shared->closing, true);
	ring(pool->shared);
	reap_all(pool);
	release(pool);
	return 0;
}

int pool_terminate(struct pool *pool)
{
	if (!pool)
		return answer(EINVAL);
	kill_all(pool);
	release(pool);
	return 0;
}

/* --- a call --- */

static bool all_live(struct pool *pool)
{
	bool live = true;

	for (int i = 0; i < pool->workers; i++) {
		if (waitpid(pool->pids[i], NULL, WNOHANG) == 0)
			continue;
		pool->pids[i] = 0;
		live = false;
	}
	return live;
}

/* Until so many tasks are finished; false if they never will be. */
static bool await(struct pool *pool, unsigned tasks)
{
	static const struct timespec a_while = { .tv_nsec = 50 * 1000000 };
	struct shared *s = pool->shared;
	unsigned finished;

	atomic_store(&s->awaited, tasks);
	while ((finished = atomic_load(&s->finished)) < tasks) {
		sleep_on(&s->finished, finished, &a_while);
		if (atomic_load(&s->finished) == finished && !all_live(pool))
			return false;
	}
	return true;
}

static unsigned smaller(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* A full ring means that CELLS chunks are not finished. When half of them are, at least,
 * there is room. */
static bool run_window(struct pool *pool, unsigned n, unsigned chunk)
{
	struct shared *s = pool->shared;
	unsigned given = 0;

	atomic_store(&s->awaited, 0);
	atomic_store(&s->finished, 0);
	while (given < n) {
		unsigned before = given;

		while (given < n && put(pool, given, smaller(chunk, n - given)))
			given += smaller(chunk, n - given);
		if (given > before)
			ring(s);
		unsigned under_way = given - smaller(given, atomic_load(&s->finished));

		if (given < n && !await(pool, given - under_way / 2))
			return false;
	}
	return await(pool, n);
}

static size_t choose_chunk(size_t n, size_t workers)
{
	size_t slice = (n - 1) / workers + 1;

	return slice < 512 ? slice : slice / 6;
}

int pool_map(struct pool *pool, task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
             size_t chunk)
{
	if (!pool || (n > 0 && (!task || !seeds || !results)))
		return answer(EINVAL);
	for (size_t done = 0, part; done < n; done += part) {
		part = n - done < WINDOW ? n - done : WINDOW;
		size_t size = chunk ? chunk : choose_chunk(part, (size_t)pool->workers);

		if (pool->broken)
			return answer(ECHILD);
		atomic_store(&pool->shared->task, task);
		memcpy(pool->shared->seeds, seeds + done, part * sizeof *seeds);
		if (!run_window(pool, (unsigned)part, (unsigned)(size < part ? size : part))) {
			pool->broken = true;
			kill_all(pool);
			return answer(ECHILD);
		}
		memcpy(results + done, pool->shared->results, part * sizeof *results);
	}
	return 0;
}

int pool_apply(struct pool *pool, task_fn *task, uint32_t seed, int32_t *result)
{
	return pool_map(pool, task, &seed, 1, result, 1);
}
