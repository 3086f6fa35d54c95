/* Asks for *arg GiB of memory. Returns whether it got them. */
#define _GNU_SOURCE
#include <stddef.h>
#include <sys/mman.h>

long act(void *arg)
{
	size_t size = (size_t)*(int *)arg << 30;
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
	                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		return 0;
	munmap(memory, size);
	return 1;
}
