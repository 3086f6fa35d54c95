/* Unusual:   a thread in the caller's process waits for the workers, which are a process group of
 *            their own: the first that ends takes all others along, and the thread tells the
 *            caller. So nobody looks now and then. The chunks of a window are one message in a
 *            pipe that all workers read from; PIPE_BUF bytes, so that it always fits.
 */
#define _GNU_SOURCE
#include "pool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct piece { /* of a window */
	uint32_t first, count; /* count 0: go home */
};

enum { PIECES = PIPE_BUF / sizeof(struct piece), WINDOW = 1 << 16 };

struct shared {
	sem_t over;           /* the window is finished, or a worker has died */
	atomic_uint to_do;    /* tasks of the window that are not finished */
	_Atomic(task_fn *) task;
	uint32_t seeds[WINDOW];
	int32_t results[WINDOW];
};

struct pool {
	int workers, started;
	int queue[2];
	pid_t group; /* the first worker's number */
	struct shared *shared;
	pthread_t reaper;
	pthread_mutex_t lock; /* guards what follows */
	bool closing, died, gone; /* gone: all waited for, the group's number is nobody's */
};

/* --- a worker --- */

/* Pieces are written PIPE_BUF bytes at most at a time, and read one by one: none comes in
 * parts. */
static bool next_piece(int queue, struct piece *piece)
{
	ssize_t size;

	do
		size = read(queue, piece, sizeof *piece);
	while (size < 0 && errno == EINTR);
	return size == sizeof *piece && piece->count > 0;
}

static void work(struct pool *pool)
{
	struct shared *s = pool->shared;
	struct piece piece;

	while (next_piece(pool->queue[0], &piece)) {
		task_fn *task = atomic_load(&s->task);

		for (uint32_t i = piece.first; i < piece.first + piece.count; i++)
			s->results[i] = task(s->seeds[i]);
		if (atomic_fetch_sub(&s->to_do, piece.count) == piece.count)
			sem_post(&s->over);
	}
	_exit(0);
}

static int start(struct pool *pool)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		return errno;
	if (pid == 0) {
		setpgid(0, pool->group);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		close(pool->queue[1]);
		work(pool);
	}
	setpgid(pid, pool->group);
	if (pool->started++ == 0)
		pool->group = pid;
	return 0;
}

/* --- the thread --- */

static void reap_group(pid_t group)
{
	while (waitpid(-group, NULL, 0) > 0 || errno == EINTR)
		;
}

/* The first to end is not yet waited for when the others are killed: as long as it is a
 * zombie, the group's number is the pool's. */
static void *reap(void *arg)
{
	struct pool *pool = arg;
	siginfo_t info;

	while (waitid(P_PGID, (id_t)pool->group, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
		;
	pthread_mutex_lock(&pool->lock);
	if (!pool->closing) {
		pool->died = true;
		kill(-pool->group, SIGKILL);
	}
	reap_group(pool->group);
	pool->gone = true;
	pthread_mutex_unlock(&pool->lock);
	sem_post(&pool->shared->over);
	return NULL;
}

/* The caller's signals are none of the thread's business. */
static int start_reaper(struct pool *pool)
{
	sigset_t all, before;
	int why;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	why = pthread_create(&pool->reaper, NULL, reap, pool);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return why;
}

/* --- the pool --- */

static void release(struct pool *pool)
{
	close(pool->queue[0]);
	close(pool->queue[1]);
	if (pool->shared != MAP_FAILED)
		munmap(pool->shared, sizeof *pool->shared);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

static int start_all(struct pool *pool)
{
	int why = 0;

	sem_init(&pool->shared->over, 1, 0);
	while (!why && pool->started < pool->workers)
		why = start(pool);
	if (!why)
		why = start_reaper(pool);
	if (why && pool->started > 0) {
		kill(-pool->group, SIGKILL);
		reap_group(pool->group);
	}
	return why;
}

struct pool *pool_create(int workers)
{
	struct pool *pool = workers < 1 ? NULL : calloc(1, sizeof *pool);
	int why;

	if (!pool || pipe2(pool->queue, O_CLOEXEC) < 0) {
		why = workers < 1 ? EINVAL : errno;
		free(pool);
		errno = why;
		return NULL;
	}
	pool->workers = workers;
	pthread_mutex_init(&pool->lock, NULL);
	pool->shared = mmap(NULL, sizeof *pool->shared, PROT_READ | PROT_WRITE,
	                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	why = pool->shared == MAP_FAILED ? errno : start_all(pool);
	if (!why)
		return pool;
	release(pool);
	errno = why;
	return NULL;
}

static int fail(int why)
{
	errno = why;
	return -1;
}

int pool_workers(const struct pool *pool)
{
	return pool ? pool->workers : fail(EINVAL);
}

/* Into an empty pipe, whose other end the caller has open, too: no SIGPIPE, and no wait. */
static void put(struct pool *pool, const struct piece *pieces, size_t count)
{
	while (write(pool->queue[1], pieces, count * sizeof *pieces) < 0 && errno == EINTR)
		;
}

static int end(struct pool *pool, bool now)
{
	const struct piece go_home = { 0 };

	if (!pool)
		return fail(EINVAL);
	pthread_mutex_lock(&pool->lock);
	bool gone = pool->gone;

	pool->closing = true;
	if (now && !gone)
		kill(-pool->group, SIGKILL);
	pthread_mutex_unlock(&pool->lock);
	for (int i = 0; i < pool->workers && !now && !gone; i++)
		put(pool, &go_home, 1);
	pthread_join(pool->reaper, NULL);
	release(pool);
	return 0;
}

int pool_close(struct pool *pool)
{
	return end(pool, false);
}

int pool_terminate(struct pool *pool)
{
	return end(pool, true);
}

/* --- a call --- */

static bool has_died(struct pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	bool died = pool->died;

	pthread_mutex_unlock(&pool->lock);
	return died;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Returns how many of n tasks were done: PIECES chunks at most. 0 where a worker died. */
static size_t run_window(struct pool *pool, const uint32_t *seeds, size_t n, size_t chunk,
                         int32_t *results)
{
	struct piece pieces[PIECES];
	size_t count = 0, tasks = 0;

	for (n = smaller(n, WINDOW); count < PIECES && tasks < n; tasks += pieces[count++].count)
		pieces[count] = (struct piece){ (uint32_t)tasks, (uint32_t)smaller(chunk, n - tasks) };
	memcpy(pool->shared->seeds, seeds, tasks * sizeof *seeds);
	atomic_store(&pool->shared->to_do, (unsigned)tasks);
	put(pool, pieces, count);
	while (sem_wait(&pool->shared->over) < 0 && errno == EINTR)
		;
	if (has_died(pool))
		return 0;
	memcpy(results, pool->shared->results, tasks * sizeof *results);
	return tasks;
}

static size_t choose_chunk(size_t n, size_t workers)
{
	size_t slice = (smaller(n, WINDOW) - 1) / workers + 1;

	return slice < 1000 ? slice : slice / 8;
}

int pool_map(struct pool *pool, task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
             size_t chunk)
{
	if (!pool || (n > 0 && (!task || !seeds || !results)))
		return fail(EINVAL);
	if (n == 0)
		return 0;
	if (chunk == 0)
		chunk = choose_chunk(n, (size_t)pool->workers);
	atomic_store(&pool->shared->task, task);
	for (size_t done = 0, more; done < n; done += more) {
		if (has_died(pool))
			return fail(ECHILD);
		more = run_window(pool, seeds + done, n - done, chunk, results + done);
		if (more == 0)
			return fail(ECHILD);
	}
	return 0;
}

int pool_apply(struct pool *pool, task_fn *task, uint32_t seed, int32_t *result)
{
	return pool_map(pool, task, &seed, 1, result, 1);
}
