/* Lab 04: the same map through memory that several processes share, with static
 * and with dynamic sharing of the work; and a histogram, where they all write to
 * the same place. */
#ifndef SHARED_MAP_H
#define SHARED_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "task.h" /* typedef int32_t task_fn(uint32_t seed); */

/* What holds for all three:
 *
 * The tasks run in `workers` child processes side by side, never in the caller,
 * each exactly once; with n < workers there are at most n processes, with n = 0
 * none. The caller's buffers are ordinary memory, not shared with anybody.
 *
 * They return 0, or -1 with errno set:
 *   EINVAL      workers < 1, a pointer is NULL that is needed, or chunk is 0
 *   ECHILD      a worker ended, whatever its reason and its exit status, before
 *               all of its work was done; reported when the others have ended
 *   the errno of the call that failed, for an mmap, fork or malloc that could
 *               not be had
 * In either case no child of this call is left, no descriptor, no mapping, no
 * name in /dev/shm; other children of the caller are not touched. Interrupted
 * calls (EINTR) change nothing. What the caller has printed and not yet flushed
 * must not come out twice. */

/* Sets results[i] to task(seeds[i]) for every i from 0 to n - 1. Static: who does
 * which tasks is settled before the first one starts, and nobody does more than
 * n / workers of them, rounded up. */
int shared_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers);

/* The same, dynamic: a worker that has time takes the next `chunk` tasks (the last
 * chunk may be smaller), so that nobody is idle while chunks are left. chunk may
 * be larger than n; 0 is EINVAL. */
int shared_map_dynamic(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
                       int workers, size_t chunk);

/* Sets bins[r] to the number of results equal to r, for every r from 0 to
 * nbins - 1; what was in the bins before does not count. A result below 0, or of
 * nbins or more, is an error: -1 with ERANGE. On every failure the bins are as
 * they were. With n = 0 all bins become 0. Counting must not hold the workers up:
 * not every single task may cost a lock. */
int shared_histogram(task_fn *task, const uint32_t *seeds, size_t n, int workers, uint64_t bins[],
                     size_t nbins);

#endif
