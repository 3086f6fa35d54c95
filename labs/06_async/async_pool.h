/* Lab 06: a pool whose calls need not be waited for: Python's apply_async and map_async.
 * The first half is the pool of lab 05, and holds as it did there. */
#ifndef ASYNC_POOL_H
#define ASYNC_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "task.h" /* typedef int32_t task_fn(uint32_t seed); */

/* What it is made of is known in your .c file alone. */
struct pool;

/* What holds for all:
 *
 * The workers are child processes of the one that called pool_create, and the same
 * ones serve every call. Tasks run in them, never in the caller, each exactly once.
 * One call at a time is made on a pool, by the thread that made it; several pools may
 * be in use at once. Workers that have nothing to do sleep, and so does a caller that
 * waits. If the caller's process dies, however that is, so do its workers.
 *
 * The task is a function of this program, and need not have been known when the pool
 * was made. Seeds and results are ordinary memory of the caller's, not shared with
 * anybody, and n has no limit.
 *
 * A worker that ends, killed or by _exit in a task, makes the call that it affects
 * fail with ECHILD within a second, and no other. Later calls either work, because
 * somebody took its place, or return -1 with ECHILD. Nothing hangs, and pool_close and
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
 * mapping or name in /dev/shm is left, but for what results need that were not freed
 * yet: these can be read until they are. pool_close first lets the workers finish all
 * that is queued, however long it takes; pool_terminate kills them, whatever they do,
 * never hangs, and cancels what is not ready. They return 0, or -1 with EINVAL for
 * NULL. After the death of a worker pool_close may return -1 with ECHILD. */
int pool_close(struct pool *pool);
int pool_terminate(struct pool *pool);

/* --- calls that return before the work is done -------------------------------------- */

/* What is known of such a call. There is no limit on how many are outstanding. A
 * result is ready when all of its tasks are done, or when it failed. */
struct async_result;

/* Queue one task, or n. The seeds are copied before they return: the caller may do
 * with the array what it likes. The work goes on while the caller is elsewhere. They
 * return the result, to be freed with async_free; or NULL with errno set: EINVAL
 * where pool or task is NULL, or seeds with n > 0; ECHILD where workers have died and
 * nobody took their place (or a result that fails so); ENOMEM. */
struct async_result *pool_apply_async(struct pool *pool, task_fn *task, uint32_t seed);
struct async_result *pool_map_async(struct pool *pool, task_fn *task, const uint32_t *seeds,
                                    size_t n, size_t chunk);

/* Whether it is ready: 1 or 0. Never blocks. -1 with EINVAL for NULL. */
int async_ready(struct async_result *result);

/* Wait until it is ready, or one of them is, at most `timeout` seconds; for ever with
 * a negative one, not at all with 0. async_wait returns 0, async_wait_any the index of
 * one that is ready; -1 with ETIMEDOUT where none is in time, with EINVAL for NULL or
 * count 0. A result that failed is ready, too. */
int async_wait(struct async_result *result, double timeout);
int async_wait_any(struct async_result *results[], size_t count, double timeout);

/* Waits like async_wait, then copies the results out, as many as there were seeds. It
 * may be called again. Returns 0, or -1 with errno set: ETIMEDOUT; ECHILD where a
 * worker died that had a part of it; ECANCELED where the pool was terminated before
 * it was ready; EINVAL where result is NULL, or results with n > 0. */
int async_get(struct async_result *result, int32_t *results, double timeout);

/* Frees it. Also one that is not ready: its tasks are run, or not, and nobody will
 * know. Also after its pool was closed or terminated. NULL is allowed. */
void async_free(struct async_result *result);

#endif
