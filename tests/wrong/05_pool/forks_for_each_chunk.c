/* Mistake:   pool_map forks a child for each chunk, as a map without a pool
 *            would.
 * Test:      keeps_its_workers
 * Diagnosis: extra-processes
 */
#include "pool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct pool {
	int workers;
};

static int fail(int error)
{
	errno = error;
	return -1;
}

struct pool *pool_create(int workers)
{
	struct pool *pool = workers < 1 ? NULL : malloc(sizeof *pool);
	if (pool == NULL)
		errno = workers < 1 ? EINVAL : ENOMEM;
	else
		pool->workers = workers;
	return pool;
}

int pool_workers(const struct pool *pool)
{
	return pool == NULL ? fail(EINVAL) : pool->workers;
}

static void run(task_fn *task, const uint32_t *seeds, int32_t *results, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		results[i] = task(seeds[i]);
	_exit(0);
}

/* Returns how many of these children did not end well. */
static int wait_for(int children)
{
	int bad = 0, status;
	while (children > 0) {
		if (wait(&status) == -1 && errno == EINTR)
			continue;
		bad += status != 0;
		children--;
	}
	return bad;
}

static int start_chunks(struct pool *pool, task_fn *task, const uint32_t *seeds, size_t n,
                        int32_t *results, size_t chunk)
{
	int running = 0;
	for (size_t at = 0; at < n; at += chunk) {
		if (running == pool->workers) {
			if (wait_for(1) > 0)
				return fail(ECHILD);
			running--;
		}
		if (chunk > n - at)
			chunk = n - at;
		fflush(NULL);
		pid_t pid = fork();
		if (pid == -1)
			return -1;
		if (pid == 0)
			run(task, seeds, results, at, at + chunk);
		running++;
	}
	return wait_for(running) > 0 ? fail(ECHILD) : 0;
}

int pool_map(struct pool *pool, task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
             size_t chunk)
{
	if (pool == NULL || (n > 0 && (task == NULL || seeds == NULL || results == NULL)))
		return fail(EINVAL);
	if (n == 0)
		return 0;
	if (chunk == 0)
		chunk = n / (size_t)pool->workers + 1;
	int32_t *shared = mmap(NULL, n * sizeof *shared, PROT_READ | PROT_WRITE,
	                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return -1;
	int status = start_chunks(pool, task, seeds, n, shared, chunk);
	for (size_t i = 0; i < n; i++)
		results[i] = shared[i];
	munmap(shared, n * sizeof *shared);
	return status;
}

int pool_apply(struct pool *pool, task_fn *task, uint32_t seed, int32_t *result)
{
	return pool_map(pool, task, &seed, 1, result, 1);
}

int pool_close(struct pool *pool)
{
	if (pool == NULL)
		return fail(EINVAL);
	free(pool);
	return 0;
}

int pool_terminate(struct pool *pool)
{
	return pool_close(pool);
}
