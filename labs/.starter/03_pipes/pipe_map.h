/* Lab 03: map a function over many seeds in several processes, and bring the
 * results back through pipes.
 *
 * This is the book's Pool.map, with the pool made for one call. */
#ifndef PIPE_MAP_H
#define PIPE_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "task.h" /* typedef int32_t task_fn(uint32_t seed); */

/* Sets results[i] to task(seeds[i]) for every i from 0 to n - 1. The tasks run in
 * `workers` child processes side by side, never in the caller, each exactly once;
 * with n < workers there are only n processes, and with n = 0 none. The work is
 * shared out evenly. Nothing limits n: a slice of the results may be many times
 * larger than what a pipe holds.
 *
 * Returns 0, or -1 with errno set:
 *   EINVAL      workers < 1, or task, seeds or results is NULL with n > 0
 *   ECHILD      a worker ended, whatever its reason, before it had delivered all
 *               of its results; reported when the other workers have ended
 *   the errno of the call that failed, for a pipe, fork or malloc that could not
 *               be had
 * After a failure the results may be partly written.
 *
 * In either case no child of this call is left, neither running nor unwaited
 * for, and no descriptor; other children and descriptors of the caller are not
 * touched, whatever their numbers. A read or write that moves fewer bytes than
 * asked, and a signal handler that interrupts a call (EINTR), change nothing.
 * What the caller has printed and not yet flushed must not come out twice. */
int pipe_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers);

#endif
