/* Lab 02: start several processes, wait for all of them, learn how each ended.
 *
 * Everything that follows (pipes, shared memory, the pool) starts its workers
 * as this function does.
 */
#ifndef RUN_WORKERS_H
#define RUN_WORKERS_H

/* What a worker does. rank is 0 to workers - 1, context is what the caller gave
 * to run_workers. Returns the exit status of the worker's process, 0 to 255. */
typedef int worker_fn(int rank, int workers, void *context);

/* Runs body(rank, workers, context) for every rank, each in a child process of
 * its own, never in the caller, and returns when all have ended.
 *
 * All workers start before any of them is waited for. statuses has room for
 * `workers` numbers: statuses[rank] becomes the exit status of that worker, or
 * 128 + the signal where a signal ended it.
 *
 * Returns how many of the statuses are not 0, or -1 with errno set:
 *   EINVAL            workers < 1 or body is NULL: nothing was started
 *   fork's own errno  a worker could not be started: those that had been are
 *                     killed and waited for first
 *
 * In either case no child of this call is left, neither running nor unwaited
 * for, and other children of the caller are not touched. What the caller has
 * printed and not yet flushed must not come out twice. A signal handler that
 * interrupts the wait (EINTR) changes nothing. */
int run_workers(int workers, worker_fn *body, void *context, int statuses[]);

#endif
