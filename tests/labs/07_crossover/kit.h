/* What the tests of lab 07 hand to the student's functions: a task of a known cost,
 * and a parallel map of bare forks.
 */
#ifndef KIT_H
#define KIT_H

#include <stddef.h>
#include <stdint.h>

#include "task.h"

enum { KIT_WORKERS = 4 }; /* at most */

/* How many processes a parallel map is to start here: one for each usable CPU. */
int kit_workers(void);

/* A task that computes for as long as was set last. The same seed gives the same
 * number, whatever it costs. kit_calibrate comes first, in the process that sets. */
int32_t kit_task(uint32_t seed);
int32_t kit_value(uint32_t seed); /* that number alone */
void kit_calibrate(void);
void kit_set_cost(double seconds);
void kit_compute(double seconds); /* once, for so long */

/* The loop, and the map of bare forks: a slice for each of `workers` processes,
 * the results through shared memory. Return 0, or -1 with errno. */
int kit_serial(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results);
int kit_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
            int workers);

#endif
