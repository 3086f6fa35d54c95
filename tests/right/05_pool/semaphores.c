/* Unusual:   semaphores in shared memory do all the waiting. One counts the chunks that nobody
 *            has taken, and whoever gets past it has a right to one; the other is posted with the
 *            last chunk. Now and then the caller, tired of waiting, looks whether all live.
 */
#include "pool.h"

#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WINDOW = 1 << 15, LOOK_AFTER_MS = 100 };

struct shared {
	sem_t chunks, finished;
	atomic_int closing;
	atomic_uint next_chunk, chunks_left; /* not taken; not finished */

	task_fn *task; /* from here on: written by the caller before it posts any chunk */
	size_t n, chunk;
	uint32_t seeds[WINDOW];
	int32_t results[WINDOW];
};

struct pool {
	struct shared *shared;
	int workers, running, dead;
	pid_t pids[];
};

static void wait_for(sem_t *semaphore)
{
	while (sem_wait(semaphore) < 0 && errno == EINTR)
		;
}

static void compute(struct shared *s, size_t first)
{
	size_t end = s->n - first < s->chunk ? s->n : first + s->chunk;

	for (size_t i = first; i < end; i++)
		s->results[i] = s->task(s->seeds[i]);
}

static void work(struct shared *s)
{
	for (;;) {
		wait_for(&s->chunks);
		if (atomic_load(&s->closing))
			_exit(0);
		compute(s, atomic_fetch_add(&s->next_chunk, 1) * s->chunk);
		if (atomic_fetch_sub(&s->chunks_left, 1) == 1)
			sem_post(&s->finished);
	}
}

/* --- the pool --- */

static int start_worker(struct pool *pool)
{
	pid_t caller = getpid(), pid = fork();

	if (pid < 0)
		return -1;
	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != caller)
			_exit(1);
		work(pool->shared);
	}
	pool->pids[pool->running++] = pid;
	return 0;
}

static void reap_all(struct pool *pool)
{
	for (int i = 0; i < pool->running; i++)
		while (waitpid(pool->pids[i], NULL, 0) < 0 && errno == EINTR)
			;
	pool->running = 0;
}

static void kill_all(struct pool *pool)
{
	for (int i = 0; i < pool->running; i++)
		kill(pool->pids[i], SIGKILL);
	reap_all(pool);
}

/* The semaphores are not destroyed: workers were perhaps killed while they waited. The kernel
 * knows nothing of them, so they go with their memory. */
static void release(struct pool *pool)
{
	munmap(pool->shared, sizeof *pool->shared);
	free(pool);
}

static struct shared *share(void)
{
	struct shared *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE,
	                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (s == MAP_FAILED)
		return NULL;
	if (sem_init(&s->chunks, 1, 0) < 0 || sem_init(&s->finished, 1, 0) < 0) {
		int why = errno;

		munmap(s, sizeof *s);
		errno = why;
		return NULL;
	}
	return s;
}

struct pool *pool_create(int workers)
{
	struct pool *pool;

	if (workers < 1) {
		errno = EINVAL;
		return NULL;
	}
	pool = calloc(1, sizeof *pool + sizeof(pid_t) * (size_t)workers);
	if (!pool)
		return NULL;
	pool->workers = workers;
	pool->shared = share();
	if (!pool->shared) {
		int why = errno;

		free(pool);
		errno = why;
		return NULL;
	}
	fflush(NULL);
	while (pool->running < workers) {
		if (start_worker(pool) == 0)
			continue;
		int why = errno;

		kill_all(pool);
		release(pool);
		errno = why;
		return NULL;
	}
	return pool;
}

int pool_workers(const struct pool *pool)
{
	if (pool)
		return pool->workers;
	errno = EINVAL;
	return -1;
}

static int end(struct pool *pool, int now)
{
	if (!pool) {
		errno = EINVAL;
		return -1;
	}
	atomic_store(&pool->shared->closing, 1);
	for (int i = 0; i < pool->workers && !now; i++)
		sem_post(&pool->shared->chunks);
	if (now)
		kill_all(pool);
	else
		reap_all(pool);
	int dead = pool->dead;

	release(pool);
	if (!dead || now)
		return 0;
	errno = ECHILD;
	return -1;
}

int pool_close(struct pool *pool)
{
	return end(pool, 0);
}

int pool_terminate(struct pool *pool)
{
	return end(pool, 1);
}

/* --- a call --- */

static struct timespec soon(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t); /* the clock that sem_timedwait goes by */
	t.tv_nsec += LOOK_AFTER_MS * 1000000L;
	t.tv_sec += t.tv_nsec / 1000000000L;
	t.tv_nsec %= 1000000000L;
	return t;
}

/* Whether a worker has ended. It is not reaped yet, so that its pid stays its own. */
static int any_dead(const struct pool *pool)
{
	for (int i = 0; i < pool->running; i++) {
		siginfo_t info = { 0 };

		if (waitid(P_PID, (id_t)pool->pids[i], &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
		    info.si_pid != 0)
			return 1;
	}
	return 0;
}

/* The chunks that were posted are all taken when all are finished, so that no worker can
 * come to the next window's with a right to one of this window's. */
static int run_window(struct pool *pool, size_t chunks)
{
	struct shared *s = pool->shared;
	struct timespec until;

	atomic_store(&s->next_chunk, 0);
	atomic_store(&s->chunks_left, (unsigned)chunks);
	for (size_t i = 0; i < chunks; i++)
		sem_post(&s->chunks);
	until = soon();
	while (sem_timedwait(&s->finished, &until) < 0) {
		if (errno != ETIMEDOUT)
			continue;
		if (any_dead(pool)) {
			pool->dead = 1;
			kill_all(pool);
			errno = ECHILD;
			return -1;
		}
		until = soon();
	}
	return 0;
}

static size_t choose_chunk(size_t n, int workers)
{
	size_t pieces = (size_t)workers * (n < 4096 ? 1 : 8);

	return (n + pieces - 1) / pieces;
}

int pool_map(struct pool *pool, task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
             size_t chunk)
{
	if (!pool || (n > 0 && (!task || !seeds || !results))) {
		errno = EINVAL;
		return -1;
	}
	if (pool->dead && n > 0) {
		errno = ECHILD;
		return -1;
	}
	for (size_t done = 0; done < n; done += pool->shared->n) {
		struct shared *s = pool->shared;

		s->task = task;
		s->n = n - done < WINDOW ? n - done : WINDOW;
		s->chunk = chunk ? chunk : choose_chunk(s->n, pool->workers);
		if (s->chunk > s->n)
			s->chunk = s->n;
		memcpy(s->seeds, seeds + done, s->n * sizeof *seeds);
		if (run_window(pool, (s->n + s->chunk - 1) / s->chunk) < 0)
			return -1;
		memcpy(results + done, s->results, s->n * sizeof *results);
	}
	return 0;
}

int pool_apply(struct pool *pool, task_fn *task, uint32_t seed, int32_t *result)
{
	return pool_map(pool, task, &seed, 1, result, 1);
}
