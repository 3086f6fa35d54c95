/* Leaves a shared mapping of three pages. */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

long act(void *arg)
{
	size_t size = 3 * (size_t)sysconf(_SC_PAGESIZE);
	(void)arg;
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
}
