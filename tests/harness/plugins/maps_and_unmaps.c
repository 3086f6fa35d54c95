/* Maps shared memory and unmaps it; private memory that stays is its own affair. */
#define _GNU_SOURCE
#include <stddef.h>
#include <sys/mman.h>

enum { SIZE = 1 << 16 };

long act(void *arg)
{
	void *shared = mmap(NULL, SIZE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	void *private = mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	(void)arg;
	return munmap(shared, SIZE) + (private == MAP_FAILED);
}
