/* The work that is mapped: one seed in, one number out.
 *
 * Every map of the labs takes such a function from its caller and knows nothing
 * else about it: not what it computes, nor how long it takes.
 */
#ifndef TASK_H
#define TASK_H

#include <stdint.h>

typedef int32_t task_fn(uint32_t seed);

#endif
