/* Lab 07: at which size do several processes pay? Measure it, find it in the
 * figures, and decide it while the work is done. */
#ifndef CROSSOVER_H
#define CROSSOVER_H

#include <stddef.h>
#include <stdint.h>

#include "task.h" /* typedef int32_t task_fn(uint32_t seed); */

/* Any map: sets results[i] to task(seeds[i]) for every i from 0 to n - 1, and
 * returns 0, or -1 with errno set. context is whatever this map needs besides: how
 * many workers, which pool. Who calls a map hands on the context that belongs to
 * it, and does not look into it. */
typedef int map_fn(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, void *context);

/* Calls the map `repeats` times for the seeds 0 to n - 1, and returns the shortest
 * of these calls, in seconds of wall time: the one that was disturbed least. The
 * memory for seeds and results is its own, and its allocation is not measured.
 *
 * Returns -1 with errno set: the map's own where the map fails, EINVAL where map is
 * NULL or repeats < 1, ENOMEM. */
double time_map(map_fn *map, void *context, task_fn *task, size_t n, int repeats);

/* serial[i] and parallel[i] are seconds for n[i] tasks, and n[] ascends. Returns the
 * smallest n[i] from which parallel stays faster: there and at every larger size.
 * Equal is not faster. SIZE_MAX if there is none, which holds for count = 0, too. */
size_t find_crossover(const size_t n[], const double serial[], const double parallel[],
                      size_t count);

/* Sets results[i] to task(seeds[i]) for every i from 0 to n - 1, each task run
 * exactly once. Nobody knows what a task costs: so the first few are run here, in
 * the caller, and timed. Then it chooses: the rest goes on in the caller, or all
 * that is left goes to `parallel`, together with `context`.
 *
 * What it takes is at most 25% and 20 microseconds more than the better of the
 * two: all tasks in a loop, or all of them given to `parallel`, which starts a
 * process for each CPU.
 *
 * Returns 0, or -1 with errno set: the errno of `parallel` where that fails (what is
 * left is then not run in the caller instead), EINVAL where parallel, task, seeds
 * or results is NULL with n > 0. */
int adaptive_map(map_fn *parallel, void *context, task_fn *task, const uint32_t *seeds, size_t n,
                 int32_t *results);

#endif
