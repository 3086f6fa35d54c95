/* The book's task as the harness computes it: what every result is held against. */
#ifndef REFERENCE_H
#define REFERENCE_H

#include <stddef.h>
#include <stdint.h>

/* The square of what numpy draws with seed(seed); randint(0, 10): numpy's legacy
 * MT19937 generator, bit for bit (tests/harness/task.c holds it against numbers
 * that numpy printed). */
int32_t reference_square(uint32_t seed);

/* The sum of the squares of seeds first to first + n - 1. */
uint64_t reference_sum(uint32_t first, uint64_t n);

#endif
