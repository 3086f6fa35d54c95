/* Maps three shared pages and unmaps one of them: number *arg. */
#define _GNU_SOURCE
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

long act(void *arg)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *memory = mmap(NULL, 3 * page, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return munmap(memory + (size_t)*(int *)arg * page, page);
}
