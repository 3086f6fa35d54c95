/* Private buffers between canaries, for the body of a call.
 *
 * The student's function gets these and not shared memory, as from any caller: a
 * shared buffer would let children write results that in truth are lost with
 * their copy of the memory.
 */
#ifndef FENCE_H
#define FENCE_H

#include <stddef.h>

/* What an int32_t or int of a new buffer holds: nobody wrote it. */
#define FENCE_FRESH ((int)0xa7a7a7a7)

/* A buffer of size bytes, full of FENCE_FRESH, with canaries on both sides.
 * Aborts where there is no memory. */
void *fence_alloc(size_t size);

/* How far outside of the buffer the nearest canary was overwritten: 0 where
 * none was, n > 0 for byte size - 1 + n, n < 0 for byte n. */
long fence_broken(const void *buffer);

void fence_free(void *buffer);

#endif
