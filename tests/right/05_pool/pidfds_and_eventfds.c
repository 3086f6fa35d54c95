/* Unusual:   nothing but descriptors to wait for. An eventfd that counts like a semaphore has the
 *            chunks that nobody took, another one says that all is done; and each worker's death
 *            is seen by its pidfd, in the same poll. Between calls nobody has a chunk: who dies
 *            then gets a successor. A death in a call ends the pool.
 */
#define _GNU_SOURCE
#include "pool.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WINDOW = 30000, CACHE_LINE = 64 };

struct shared {
	atomic_size_t next;     /* task */
	atomic_size_t unfinished;
	atomic_bool closing;
	_Atomic(task_fn *) task;
	size_t n, chunk;        /* written while no worker has anything */
	uint32_t seeds[WINDOW];
	int32_t results[WINDOW];
};

struct pool {
	int workers;
	bool failed;            /* a worker died in a call: the others are killed, too */
	int chunks, finished;   /* eventfds */
	struct shared *shared;
	pid_t *pids;            /* 0: nobody */
	struct pollfd *watched; /* the workers' pidfds, and behind them `finished` */
};

/* --- counting --- */

static bool add(int counter, uint64_t number)
{
	ssize_t size;

	do
		size = write(counter, &number, sizeof number);
	while (size < 0 && errno == EINTR);
	return size == sizeof number;
}

static bool take(int counter)
{
	uint64_t number;
	ssize_t size;

	do
		size = read(counter, &number, sizeof number);
	while (size < 0 && errno == EINTR);
	return size == sizeof number;
}

/* --- a worker --- */

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void work(const struct pool *pool)
{
	struct shared *s = pool->shared;

	while (take(pool->chunks) && !atomic_load(&s->closing)) {
		size_t first = atomic_fetch_add(&s->next, s->chunk);
		size_t count = smaller(s->chunk, s->n - first);
		task_fn *task = atomic_load(&s->task);

		for (size_t i = first; i < first + count; i++)
			s->results[i] = task(s->seeds[i]);
		if (atomic_fetch_sub(&s->unfinished, count) == count)
			add(pool->finished, 1);
	}
	_exit(0);
}

/* --- coming and going --- */

/* Returns 0 or an errno. A kernel without pidfds (before 5.3) has -1 there, which poll
 * passes over; then the time-out of poll must do. */
static int start(struct pool *pool, int rank)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		return errno;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		work(pool);
	}
	pool->pids[rank] = pid;
	pool->watched[rank].fd = (int)syscall(SYS_pidfd_open, pid, 0);
	pool->watched[rank].events = POLLIN;
	return 0;
}

static void reap(struct pool *pool, int rank)
{
	if (pool->pids[rank] == 0)
		return;
	while (waitpid(pool->pids[rank], NULL, 0) < 0 && errno == EINTR)
		;
	pool->pids[rank] = 0;
	if (pool->watched[rank].fd >= 0)
		close(pool->watched[rank].fd);
	pool->watched[rank].fd = -1;
}

static void reap_all(struct pool *pool)
{
	for (int i = 0; i < pool->workers; i++)
		reap(pool, i);
}

static void kill_all(struct pool *pool)
{
	for (int i = 0; i < pool->workers; i++)
		if (pool->pids[i] != 0)
			kill(pool->pids[i], SIGKILL);
	reap_all(pool);
}

/* Whether this worker has ended; it still has to be waited for. */
static bool has_ended(const struct pool *pool, int rank)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)pool->pids[rank], &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
	       info.si_pid != 0;
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void release(struct pool *pool)
{
	close_if_open(pool->chunks);
	close_if_open(pool->finished);
	if (pool->shared != MAP_FAILED)
		munmap(pool->shared, sizeof *pool->shared);
	free(pool->pids);
	free(pool->watched);
	free(pool);
}

static bool equip(struct pool *pool)
{
	size_t workers = (size_t)pool->workers;

	pool->chunks = pool->finished = -1;
	pool->shared = MAP_FAILED;
	pool->pids = calloc(workers, sizeof *pool->pids);
	pool->watched = calloc(workers + 1, sizeof *pool->watched);
	if (!pool->pids || !pool->watched)
		return false;
	pool->chunks = eventfd(0, EFD_SEMAPHORE | EFD_CLOEXEC);
	pool->finished = eventfd(0, EFD_CLOEXEC);
	if (pool->chunks < 0 || pool->finished < 0)
		return false;
	pool->watched[workers] = (struct pollfd){ .fd = pool->finished, .events = POLLIN };
	pool->shared = mmap(NULL, sizeof *pool->shared, PROT_READ | PROT_WRITE,
	                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return pool->shared != MAP_FAILED;
}

static void abandon(struct pool *pool, int error)
{
	if (pool->pids)
		kill_all(pool);
	release(pool);
	errno = error;
}

struct pool *pool_create(int workers)
{
	int error = 0;

	if (workers < 1) {
		errno = EINVAL;
		return NULL;
	}
	struct pool *pool = calloc(1, sizeof *pool);

	if (!pool)
		return NULL;
	pool->workers = workers;
	if (!equip(pool))
		error = errno;
	fflush(NULL);
	for (int i = 0; i < workers && !error; i++)
		error = start(pool, i);
	if (!error)
		return pool;
	abandon(pool, error);
	return NULL;
}

static int refused(int error)
{
	errno = error;
	return -1;
}

int pool_workers(const struct pool *pool)
{
	return pool ? pool->workers : refused(EINVAL);
}

int pool_close(struct pool *pool)
{
	if (!pool)
		return refused(EINVAL);
	atomic_store(&pool->shared->closing, true);
	add(pool->chunks, (uint64_t)pool->workers);
	reap_all(pool);
	release(pool);
	return 0;
}

int pool_terminate(struct pool *pool)
{
	if (!pool)
		return refused(EINVAL);
	kill_all(pool);
	release(pool);
	return 0;
}

/* --- a call --- */

/* Between calls nobody has a chunk: whoever died meanwhile took nothing along. */
static int replace_the_dead(struct pool *pool)
{
	for (int i = 0; i < pool->workers; i++) {
		if (pool->pids[i] != 0 && !has_ended(pool, i))
			continue;
		reap(pool, i);
		int error = start(pool, i);

		if (error)
			return error;
	}
	return 0;
}

static int await(struct pool *pool)
{
	enum { TIME_OUT_MS = 100 };
	nfds_t all = (nfds_t)pool->workers + 1;

	for (;;) {
		int ready = poll(pool->watched, all, TIME_OUT_MS);

		if (ready > 0 && pool->watched[pool->workers].revents != 0) {
			take(pool->finished);
			return 0;
		}
		for (int i = 0; i < pool->workers && ready >= 0; i++)
			if (has_ended(pool, i))
				return ECHILD;
	}
}

static int run_window(struct pool *pool, size_t n, size_t chunk)
{
	struct shared *s = pool->shared;

	s->n = n;
	s->chunk = smaller(chunk, n);
	atomic_store(&s->next, 0);
	atomic_store(&s->unfinished, n);
	add(pool->chunks, (n - 1) / s->chunk + 1);
	return await(pool);
}

static int map_windows(struct pool *pool, const uint32_t *seeds, size_t n, int32_t *results,
                       size_t chunk)
{
	for (size_t done = 0, part; done < n; done += part) {
		part = smaller(n - done, WINDOW);
		size_t slice = (part - 1) / (size_t)pool->workers + 1;

		memcpy(pool->shared->seeds, seeds + done, part * sizeof *seeds);
		if (run_window(pool, part, chunk ? chunk : slice < 500 ? slice : slice / 8) != 0)
			return ECHILD;
		memcpy(results + done, pool->shared->results, part * sizeof *results);
	}
	return 0;
}

int pool_map(struct pool *pool, task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
             size_t chunk)
{
	if (!pool || (n > 0 && (!task || !seeds || !results)))
		return refused(EINVAL);
	if (n == 0)
		return 0;
	int error = pool->failed ? ECHILD : replace_the_dead(pool);

	if (error)
		return refused(error);
	atomic_store(&pool->shared->task, task);
	if (map_windows(pool, seeds, n, results, chunk) == 0)
		return 0;
	pool->failed = true;
	kill_all(pool);
	return refused(ECHILD);
}

int pool_apply(struct pool *pool, task_fn *task, uint32_t seed, int32_t *result)
{
	return pool_map(pool, task, &seed, 1, result, 1);
}
