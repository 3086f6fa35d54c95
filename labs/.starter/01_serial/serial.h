/* Lab 01: the serial version, which everything later is measured against.
 *
 * The book squares 10,000,000 random numbers in a loop and looks at the clock
 * before and after. These four functions are that cell of the book in C.
 */
#ifndef SERIAL_H
#define SERIAL_H

#include <stddef.h>
#include <stdint.h>

#include "task.h" /* typedef int32_t task_fn(uint32_t seed); */

/* How many CPUs this process may use: those of its affinity mask, which can be
 * fewer than the machine has (`taskset`, a container, a batch system).
 * Returns the number, at least 1, or -1 with errno set. */
int cpu_count(void);

/* The time in seconds on a clock that only goes forward, whoever sets the date.
 * Only differences mean something. Resolution: microseconds or better. */
double wall_seconds(void);

/* The book's task: the square of what numpy draws with
 * seed(seed); randint(0, 10). Bit-exact for every seed from 0 to 2^32 - 1. */
int32_t random_square(uint32_t seed);

/* results[i] = task(seeds[i]) for every i below n, in this order, each once,
 * in the calling process.
 *
 * Returns 0, or -1 with errno = EINVAL where task, seeds or results is NULL
 * and n > 0. With n = 0 nothing is touched and the result is 0. */
int serial_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results);

#endif
