/* Lab 05: a pool of worker processes, as Python's multiprocessing.Pool: started once,
 * used for many calls. */
#ifndef POOL_H
#define POOL_H

#include <stddef.h>
#include <stdint.h>

#include "task.h" /* typedef int32_t task_fn(uint32_t seed); */

/* What it is made of is known in your .c file alone. */
struct pool;

/* What holds for all:
 *
 * The workers are child processes of the one that called pool_create, and the same
 * ones serve every call. Tasks run in them, never in the caller, each exactly once.
 * One call at a time is made on a pool; several pools may be in use at once. Workers
 * that have nothing to do sleep, and so does a caller that waits. If the caller's
 * process dies, however that is, so do its workers.
 *
 * The task is a function of this program, and need not have been known when the pool
 * was made. Seeds and results are ordinary memory of the caller's, not shared with
 * anybody, and n has no limit.
 *
 * A worker that ends, killed or by _exit in a task, makes the call that it affects
 * return -1 with ECHILD within a second. Later calls either work, because somebody
 * took its place, or return -1 with ECHILD. Nothing hangs, and pool_close and
 * pool_terminate still work.
 *
 * Interrupted calls (EINTR) change nothing. Other children of the caller are not
 * touched. What the caller has printed and not yet flushed must not come out twice. */

/* Starts the workers. Returns the pool, or NULL with errno set: EINVAL for
 * workers < 1, or the errno of the fork, mmap, pipe or malloc that failed; then
 * nothing is left behind. */
struct pool *pool_create(int workers);

/* How many workers the pool was made with; -1 with EINVAL for NULL. */
int pool_workers(const struct pool *pool);

/* Runs one task in a worker: *result = task(seed). Returns 0, or -1 with EINVAL
 * where pool, task or result is NULL, or ECHILD. */
int pool_apply(struct pool *pool, task_fn *task, uint32_t seed, int32_t *result);

/* Sets results[i] to task(seeds[i]) for every i from 0 to n - 1. A worker that has
 * time takes the next `chunk` tasks (the last chunk may be smaller); for chunk 0 the
 * pool chooses. With n = 0 nothing happens. Returns 0, or -1 with errno set: EINVAL
 * where pool is NULL, or task, seeds or results with n > 0; ECHILD; or the errno of
 * what could not be had. */
int pool_map(struct pool *pool, task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
             size_t chunk);

/* Both end all workers, wait for them and free the pool; no process, descriptor,
 * mapping or name in /dev/shm is left. pool_close lets them finish what they were
 * given; pool_terminate kills them, whatever they do, and never hangs. They return 0,
 * or -1 with EINVAL for NULL. After the death of a worker pool_close may return -1
 * with ECHILD. */
int pool_close(struct pool *pool);
int pool_terminate(struct pool *pool);

#endif
