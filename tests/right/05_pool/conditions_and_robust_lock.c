/* Unusual:   a lock and condition variables, as between threads, but shared by processes. The
 *            lock is robust: if its owner dies, the next one who takes it is told. Each worker has
 *            a condition of its own to sleep on, because one that died asleep would spoil it for
 *            the others; and none is ever destroyed, as that waits for who sleeps there.
 */
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

#define WINDOW 50000
#define LOOK_SECONDS 0.05

struct shared {
	pthread_mutex_t lock; /* guards all but the seeds and results */
	pthread_cond_t finished;
	bool closing, spoilt; /* spoilt: somebody died with the lock */
	task_fn *task;
	size_t n, chunk, next, left; /* left: not finished */
	uint32_t seeds[WINDOW];   /* of chunks that were taken they belong to who took them */
	int32_t results[WINDOW];
	pthread_cond_t wanted[]; /* for each worker: there is something to do */
};

struct pool {
	int workers, alive;
	bool broken;
	size_t bytes;
	struct shared *shared;
	pid_t *pid;
};

/* --- locks and conditions --- */

static void accept_death(struct shared *s, int status)
{
	if (status == EOWNERDEAD) {
		s->spoilt = true;
		pthread_mutex_consistent(&s->lock);
	}
}

static void lock(struct shared *s)
{
	accept_death(s, pthread_mutex_lock(&s->lock));
}

static void unlock(struct shared *s)
{
	pthread_mutex_unlock(&s->lock);
}

/* Returns after so long at the latest, and perhaps for nothing: called in loops. */
static void wait_on(struct shared *s, pthread_cond_t *condition, double seconds)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (long)(seconds * 1e9);
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	accept_death(s, pthread_cond_timedwait(condition, &s->lock, &until));
}

static int make_locks(struct shared *s, int workers)
{
	pthread_mutexattr_t for_lock;
	pthread_condattr_t for_condition;
	int why;

	pthread_mutexattr_init(&for_lock);
	pthread_mutexattr_setpshared(&for_lock, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&for_lock, PTHREAD_MUTEX_ROBUST);
	why = pthread_mutex_init(&s->lock, &for_lock);
	pthread_mutexattr_destroy(&for_lock);
	pthread_condattr_init(&for_condition);
	pthread_condattr_setpshared(&for_condition, PTHREAD_PROCESS_SHARED);
	pthread_condattr_setclock(&for_condition, CLOCK_MONOTONIC);
	if (!why)
		why = pthread_cond_init(&s->finished, &for_condition);
	for (int i = 0; i < workers && !why; i++)
		why = pthread_cond_init(&s->wanted[i], &for_condition);
	pthread_condattr_destroy(&for_condition);
	return why;
}

/* --- a worker --- */

static size_t take(struct shared *s, size_t *first)
{
	size_t left = s->n - s->next, count = left < s->chunk ? left : s->chunk;

	*first = s->next;
	s->next += count;
	return count;
}

/* With the lock, which is not held in the tasks. */
static void work_off(struct shared *s)
{
	size_t first, count;

	while ((count = take(s, &first)) > 0) {
		task_fn *task = s->task;

		unlock(s);
		for (size_t i = first; i < first + count; i++)
			s->results[i] = task(s->seeds[i]);
		lock(s);
		s->left -= count;
		if (s->left == 0)
			pthread_cond_signal(&s->finished);
	}
}

static void live(struct shared *s, int rank)
{
	lock(s);
	while (!s->closing) {
		work_off(s);
		if (!s->closing)
			accept_death(s, pthread_cond_wait(&s->wanted[rank], &s->lock));
	}
	unlock(s);
	_exit(0);
}

/* --- the pool --- */

static int start(struct pool *pool)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		return errno;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			live(pool->shared, pool->alive);
		_exit(1);
	}
	pool->pid[pool->alive++] = pid;
	return 0;
}

static void bury_all(struct pool *pool)
{
	while (pool->alive > 0) {
		pid_t pid = pool->pid[--pool->alive];

		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
}

static void kill_all(struct pool *pool)
{
	for (int i = 0; i < pool->alive; i++)
		kill(pool->pid[i], SIGKILL);
	bury_all(pool);
}

static void release(struct pool *pool)
{
	if (pool->shared != MAP_FAILED)
		munmap(pool->shared, pool->bytes);
	free(pool->pid);
	free(pool);
}

static int set_up(struct pool *pool)
{
	int why = 0;

	pool->bytes = sizeof *pool->shared + (size_t)pool->workers * sizeof(pthread_cond_t);
	pool->pid = malloc((size_t)pool->workers * sizeof *pool->pid);
	pool->shared = MAP_FAILED;
	if (!pool->pid)
		return ENOMEM;
	pool->shared = mmap(NULL, pool->bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	                    -1, 0);
	if (pool->shared == MAP_FAILED)
		return errno;
	why = make_locks(pool->shared, pool->workers);
	fflush(NULL);
	while (!why && pool->alive < pool->workers)
		why = start(pool);
	return why;
}

struct pool *pool_create(int workers)
{
	struct pool *pool = NULL;
	int why = EINVAL;

	if (workers >= 1) {
		pool = calloc(1, sizeof *pool);
		why = ENOMEM;
	}
	if (pool) {
		pool->workers = workers;
		why = set_up(pool);
	}
	if (pool && why) {
		kill_all(pool);
		release(pool);
	}
	errno = why;
	return why ? NULL : pool;
}

static int result(int why)
{
	if (why)
		errno = why;
	return why ? -1 : 0;
}

int pool_workers(const struct pool *pool)
{
	return pool ? pool->workers : result(EINVAL);
}

static void rouse(struct pool *pool, size_t most)
{
	for (int i = 0; i < pool->workers && (size_t)i < most; i++)
		pthread_cond_signal(&pool->shared->wanted[i]);
}

int pool_close(struct pool *pool)
{
	if (!pool)
		return result(EINVAL);
	if (!pool->broken) {
		lock(pool->shared);
		pool->shared->closing = true;
		unlock(pool->shared);
		rouse(pool, SIZE_MAX);
	}
	bury_all(pool);
	release(pool);
	return 0;
}

int pool_terminate(struct pool *pool)
{
	if (!pool)
		return result(EINVAL);
	kill_all(pool);
	release(pool);
	return 0;
}

/* --- a call --- */

/* Who has died is forgotten: the number may soon be another process's. */
static bool all_alive(struct pool *pool)
{
	for (int i = 0; i < pool->alive; i++) {
		if (waitpid(pool->pid[i], NULL, WNOHANG) == 0)
			continue;
		pool->pid[i] = pool->pid[--pool->alive];
		return false;
	}
	return true;
}

static bool run_window(struct pool *pool, task_fn *task, size_t n, size_t chunk)
{
	struct shared *s = pool->shared;
	bool good = true;

	lock(s);
	s->task = task;
	s->chunk = chunk;
	s->next = 0;
	s->n = s->left = n;
	unlock(s);
	rouse(pool, (n - 1) / chunk + 1);
	lock(s);
	while (s->left > 0 && good) {
		wait_on(s, &s->finished, LOOK_SECONDS);
		good = s->left == 0 || (!s->spoilt && all_alive(pool));
	}
	good = good && !s->spoilt;
	unlock(s);
	return good;
}

static size_t choose_chunk(size_t n, size_t workers)
{
	size_t slice = (n + workers - 1) / workers;

	return slice > 1000 ? slice / 10 : slice;
}

int pool_map(struct pool *pool, task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
             size_t chunk)
{
	if (!pool || (n > 0 && (!task || !seeds || !results)))
		return result(EINVAL);
	for (size_t done = 0, part; done < n && !pool->broken; done += part) {
		part = n - done < WINDOW ? n - done : WINDOW;
		memcpy(pool->shared->seeds, seeds + done, part * sizeof *seeds);
		if (run_window(pool, task, part,
		               chunk ? chunk : choose_chunk(part, (size_t)pool->workers))) {
			memcpy(results + done, pool->shared->results, part * sizeof *results);
		} else {
			pool->broken = true;
			kill_all(pool);
		}
	}
	return result(pool->broken && n > 0 ? ECHILD : 0);
}

int pool_apply(struct pool *pool, task_fn *task, uint32_t seed, int32_t *result_of_it)
{
	return pool_map(pool, task, &seed, 1, result_of_it, 1);
}
