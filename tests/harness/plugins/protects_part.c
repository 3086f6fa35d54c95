/* Changes a page in the middle of the caller's shared memory: the kernel lists it
 * as three mappings. */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

long act(void *arg)
{
	long page = sysconf(_SC_PAGESIZE);
	return mprotect((char *)arg + page, (size_t)page, PROT_READ);
}
