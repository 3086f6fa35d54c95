/* Mistake:   an idle worker is not woken: it looks every 6 ms whether there is
 *            work. That is next to no CPU time, but each call waits for it.
 * Test:      faster_than_serial
 * Diagnosis: late-crossover
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "pool.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdalign.h>
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

enum { CACHE_LINE = 64, WINDOW = 1 << 16, LOOKS = 50 };
enum { LOOK_FOR_WORK_MS = 6 };
enum { LOOK_AFTER_MS = 50 }; /* how long the caller sleeps before it looks who lives */

static const double spin_seconds = 100e-6;

/* Shared. What different processes write at the same time lies on different cache
 * lines, or they would take these from each other with each access. */
struct board {
	/* The job: the caller writes it while none is open. */
	task_fn *task; /* the same address in all: they have the image from the fork */
	size_t n;
	atomic_size_t chunk; /* 0: guided; atomic, since it is read before a claim is sure */

	/* An open job's number, and how many of its tasks nobody has claimed: 32 bits each,
	 * in one word, so that nobody can claim tasks of a job that was exchanged meanwhile. */
	alignas(CACHE_LINE) atomic_ullong open;

	alignas(CACHE_LINE) atomic_bool closing;

	alignas(CACHE_LINE) atomic_uint unfinished; /* tasks; the caller sleeps on it */
	atomic_bool caller_sleeps;

	alignas(CACHE_LINE) uint32_t seeds[WINDOW];
	alignas(CACHE_LINE) int32_t results[WINDOW];
};

struct pool {
	struct board *board;
	int workers, started;
	bool crowded; /* the caller and the workers are more than the CPUs */
	bool broken;  /* a worker has died */
	pid_t pids[];
};

/* --- waiting ----------------------------------------------------------------------- */

/* Sleeps while *word is `value`, at most so long; NULL: for ever. Not FUTEX_PRIVATE:
 * those who wake it are other processes. */
static void futex_sleep(atomic_uint *word, unsigned value, const struct timespec *at_most)
{
	syscall(SYS_futex, word, FUTEX_WAIT, value, at_most, NULL, 0);
}

static void futex_wake(atomic_uint *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time); /* no system call on Linux: the vDSO */
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* One step of looking again and again. Where somebody else may need this CPU for what
 * is waited for, it is offered. */
static void pause_a_little(bool crowded)
{
	if (crowded)
		sched_yield();
#if defined __x86_64__ || defined __i386__
	__builtin_ia32_pause();
#elif defined __aarch64__
	__asm__ volatile("yield");
#endif
}

/* --- in a worker --------------------------------------------------------------------- */

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t unclaimed(unsigned long long open)
{
	return (uint32_t)open;
}

/* How many tasks to claim of so many. Guided (Polychronopoulos and Kuck, 1987): large
 * chunks first, so that claims are few, small ones last, so that all end together. */
static size_t share(struct board *b, size_t left, size_t workers)
{
	size_t chunk = atomic_load_explicit(&b->chunk, memory_order_relaxed);
	return smaller(left, chunk > 0 ? chunk : (left + 2 * workers - 1) / (2 * workers));
}

/* Claims tasks of the open job; returns how many, from *first on, 0 where none are left.
 * Once the exchange went well the job stays as it is until these tasks are finished.
 * Acquire: who sees that it is open sees its seeds and its task. */
static size_t claim(struct board *b, size_t workers, size_t *first)
{
	unsigned long long open = atomic_load_explicit(&b->open, memory_order_relaxed);
	while (unclaimed(open) > 0) {
		size_t taken = share(b, unclaimed(open), workers);
		if (atomic_compare_exchange_weak_explicit(&b->open, &open, open - taken,
		                                          memory_order_acquire,
		                                          memory_order_relaxed)) {
			*first = b->n - unclaimed(open);
			return taken;
		}
	}
	return 0;
}

/* Whoever sees these tasks finished sees their results, and the caller sees either the
 * last of them finished or that it is woken: all of this in one order for both. */
static void finish(struct board *b, size_t tasks)
{
	unsigned before = atomic_fetch_sub(&b->unfinished, (unsigned)tasks);
	if (before == tasks && atomic_load(&b->caller_sleeps))
		futex_wake(&b->unfinished);
}

static bool idle(struct board *b)
{
	return unclaimed(atomic_load(&b->open)) == 0 && !atomic_load(&b->closing);
}

/* Looks for work now and then: that costs next to nothing. */
static void wait_for_job(struct board *b)
{
	static const struct timespec a_while = { .tv_nsec = LOOK_FOR_WORK_MS * 1000000L };
	while (idle(b))
		nanosleep(&a_while, NULL);
}

static void work(const struct pool *pool)
{
	struct board *b = pool->board;
	size_t first, taken;
	do {
		while ((taken = claim(b, (size_t)pool->workers, &first)) > 0) {
			for (size_t i = first; i < first + taken; i++)
				b->results[i] = b->task(b->seeds[i]);
			finish(b, taken);
		}
		wait_for_job(b);
	} while (!atomic_load(&b->closing));
}

/* --- making and ending it -------------------------------------------------------------- */

static int as_status(int error)
{
	errno = error;
	return error == 0 ? 0 : -1;
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		; /* a signal handler of the caller ran: the worker still does */
}

/* Waits for all workers and forgets them. */
static void reap_all(struct pool *pool)
{
	for (int rank = 0; rank < pool->started; rank++)
		if (pool->pids[rank] > 0)
			reap(pool->pids[rank]);
	pool->started = 0;
}

static void kill_all(struct pool *pool)
{
	for (int rank = 0; rank < pool->started; rank++)
		if (pool->pids[rank] > 0)
			kill(pool->pids[rank], SIGKILL);
	reap_all(pool);
}

static void release(struct pool *pool)
{
	if (pool->board != MAP_FAILED)
		munmap(pool->board, sizeof *pool->board);
	free(pool);
}

/* Starts a worker. Returns 0 or an errno. If the parent dies before prctl was called,
 * nobody will tell; then the worker has another parent by now. */
static int start_worker(struct pool *pool)
{
	pid_t parent = getpid(), pid = fork();
	if (pid == -1)
		return errno;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		if (getppid() == parent)
			work(pool);
		_exit(0);
	}
	pool->pids[pool->started++] = pid;
	return 0;
}

static bool is_crowded(int workers)
{
	cpu_set_t cpus;
	return sched_getaffinity(0, sizeof cpus, &cpus) != 0 || workers >= CPU_COUNT(&cpus);
}

struct pool *pool_create(int workers)
{
	if (workers < 1) {
		errno = EINVAL;
		return NULL;
	}
	struct pool *pool = malloc(sizeof *pool + (size_t)workers * sizeof *pool->pids);
	if (pool == NULL)
		return NULL;
	*pool = (struct pool){ .workers = workers, .crowded = is_crowded(workers) };
	pool->board = mmap(NULL, sizeof *pool->board, PROT_READ | PROT_WRITE,
	                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int error = pool->board == MAP_FAILED ? errno : 0;
	fflush(NULL); /* or each child inherits what the caller has not written yet */
	while (error == 0 && pool->started < workers)
		error = start_worker(pool);
	if (error == 0)
		return pool;
	kill_all(pool);
	release(pool);
	errno = error;
	return NULL;
}

int pool_close(struct pool *pool)
{
	if (pool == NULL)
		return as_status(EINVAL);
	atomic_store(&pool->board->closing, true);
	reap_all(pool);
	release(pool);
	return 0;
}

int pool_terminate(struct pool *pool)
{
	if (pool == NULL)
		return as_status(EINVAL);
	kill_all(pool);
	release(pool);
	return 0;
}

int pool_workers(const struct pool *pool)
{
	return pool == NULL ? as_status(EINVAL) : pool->workers;
}

/* --- in the caller ----------------------------------------------------------------------- */

/* Whether no worker has ended. One that has is reaped, and its number forgotten:
 * another process may get it. */
static bool all_live(struct pool *pool)
{
	bool live = true;
	for (int rank = 0; rank < pool->started; rank++) {
		if (waitpid(pool->pids[rank], NULL, WNOHANG) != 0) {
			pool->pids[rank] = 0;
			live = false;
		}
	}
	return live;
}

static void open_job(struct board *b, task_fn *task, size_t n, size_t chunk)
{
	unsigned long long number = (atomic_load(&b->open) >> 32) + 1;
	b->task = task;
	b->n = n;
	atomic_store_explicit(&b->chunk, chunk, memory_order_relaxed);
	atomic_store(&b->unfinished, (unsigned)n);
	atomic_store(&b->open, number << 32 | n);
}

/* Waits until all tasks are finished. Returns whether they will be. */
static bool await_job(struct pool *pool)
{
	static const struct timespec while_long = { .tv_nsec = LOOK_AFTER_MS * 1000000L };
	struct board *b = pool->board;
	bool live = true;
	unsigned left;
	double end = now() + spin_seconds;
	do {
		for (int i = 0; i < LOOKS; i++) {
			if (atomic_load(&b->unfinished) == 0)
				return true;
			pause_a_little(pool->crowded);
		}
	} while (now() < end);
	atomic_store(&b->caller_sleeps, true);
	while (live && (left = atomic_load(&b->unfinished)) > 0) {
		futex_sleep(&b->unfinished, left, &while_long);
		live = atomic_load(&b->unfinished) == 0 || all_live(pool);
	}
	atomic_store(&b->caller_sleeps, false);
	return live;
}

int pool_map(struct pool *pool, task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
             size_t chunk)
{
	if (pool == NULL || (n > 0 && (task == NULL || seeds == NULL || results == NULL)))
		return as_status(EINVAL);
	for (size_t done = 0, part; done < n; done += part) {
		part = smaller(n - done, WINDOW);
		if (pool->broken)
			return as_status(ECHILD);
		memcpy(pool->board->seeds, seeds + done, part * sizeof *seeds);
		open_job(pool->board, task, part, chunk);
		if (await_job(pool)) {
			memcpy(results + done, pool->board->results, part * sizeof *results);
		} else {
			pool->broken = true;
			kill_all(pool);
		}
	}
	return pool->broken && n > 0 ? as_status(ECHILD) : 0;
}

int pool_apply(struct pool *pool, task_fn *task, uint32_t seed, int32_t *result)
{
	return pool_map(pool, task, &seed, 1, result, 1);
}
