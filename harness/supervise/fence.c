/* Canaries around a private buffer: see fence.h.
 *
 * Layout: [size, in a block of FENCE bytes][canary FENCE][buffer][canary FENCE].
 * The buffer ends exactly where the canary begins, without padding.
 */
#include "fence.h"

#include <stdlib.h>
#include <string.h>

enum { FENCE = 4096, CANARY = 0xc5, FRESH = 0xa7 };

static unsigned char *block_of(const void *buffer)
{
	return (unsigned char *)buffer - 2 * FENCE;
}

void *fence_alloc(size_t size)
{
	unsigned char *block = malloc(size + 3 * FENCE);
	if (block == NULL)
		abort();
	memcpy(block, &size, sizeof size);
	memset(block + FENCE, CANARY, FENCE);
	memset(block + 2 * FENCE, FRESH, size);
	memset(block + 2 * FENCE + size, CANARY, FENCE);
	return block + 2 * FENCE;
}

long fence_broken(const void *buffer)
{
	const unsigned char *start = buffer;
	size_t size;
	memcpy(&size, block_of(buffer), sizeof size);
	for (long i = 1; i <= FENCE; i++) {
		if (start[size + (size_t)i - 1] != CANARY)
			return i;
		if (start[-i] != CANARY)
			return -i;
	}
	return 0;
}

void fence_free(void *buffer)
{
	if (buffer != NULL)
		free(block_of(buffer));
}
