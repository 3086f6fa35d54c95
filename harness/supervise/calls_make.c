/* Calls that get pipes and memory, as a plug-in sees them: see calls.h. Each can
 * be made to fail from the k-th on.
 *
 * malloc cannot be exported like the others: libc itself, and every library of the
 * check program, would get it too. So plug-ins are linked with --wrap, which sends
 * their own calls, and no others, to the functions whose names begin with __wrap_.
 */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "calls.h"

int pipe(int ends[2])
{
	static int (*real)(int *);
	calls_find(&real, "pipe");
	return calls_fail(FAIL_PIPE) ? -1 : real(ends);
}

int pipe2(int ends[2], int flags)
{
	static int (*real)(int *, int);
	calls_find(&real, "pipe2");
	return calls_fail(FAIL_PIPE) ? -1 : real(ends, flags);
}

int socketpair(int domain, int type, int protocol, int ends[2])
{
	static int (*real)(int, int, int, int *);
	calls_find(&real, "socketpair");
	return calls_fail(FAIL_PIPE) ? -1 : real(domain, type, protocol, ends);
}

void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
	static void *(*real)(void *, size_t, int, int, int, off_t);
	calls_find(&real, "mmap");
	return calls_fail(FAIL_MAP) ? MAP_FAILED : real(address, size, protection, flags, fd, offset);
}

void *mmap64(void *address, size_t size, int protection, int flags, int fd, off64_t offset)
{
	static void *(*real)(void *, size_t, int, int, int, off64_t);
	calls_find(&real, "mmap64");
	return calls_fail(FAIL_MAP) ? MAP_FAILED : real(address, size, protection, flags, fd, offset);
}

/* --- memory ----------------------------------------------------------------- */

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_reallocarray(void *memory, size_t count, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

void *__wrap_malloc(size_t size)
{
	return calls_fail(FAIL_ALLOCATE) ? NULL : malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return calls_fail(FAIL_ALLOCATE) ? NULL : calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
	return calls_fail(FAIL_ALLOCATE) ? NULL : realloc(memory, size);
}

void *__wrap_reallocarray(void *memory, size_t count, size_t size)
{
	return calls_fail(FAIL_ALLOCATE) ? NULL : reallocarray(memory, count, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return calls_fail(FAIL_ALLOCATE) ? NULL : aligned_alloc(alignment, size);
}
