/* Maps page 1 of the file that the caller has mapped page 0 of, right behind it:
 * the kernel lists both as one. */
#define _GNU_SOURCE
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

struct mapped {
	int fd;
	char *memory;
};

long act(void *arg)
{
	const struct mapped *caller = arg;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *memory = mmap(caller->memory + page, page, PROT_READ, MAP_SHARED | MAP_FIXED, caller->fd,
	                    (off_t)page);
	return memory - caller->memory - (long)page;
}
