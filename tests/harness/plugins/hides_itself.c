/* Leaks a pipe and a mapping, and lets nobody look. */
#define _GNU_SOURCE
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

long act(void *arg)
{
	int ends[2];
	(void)arg;
	mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return pipe(ends) + prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
