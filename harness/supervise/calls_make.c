/* Calls that get pipes and memory, as a plug-in sees them: see calls.h. Each can
 * be made to fail from the k-th on.
 *
 * malloc cannot be exported like the others: libc itself, and every library of the
 * check program, would get it too. So plug-ins are linked with --wrap, which sends
 * their own calls, and no others, to the functions whose names begin with __wrap_.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "calls.h"
#include "desk.h"
#include "regions.h"

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

/* A shared mapping is put between two pages that nobody may touch: what is written
 * beyond it would land in whatever lies beside it, or not, as luck has it. These
 * pages stay behind when it is unmapped. */
typedef void *mmap_fn(void *, size_t, int, int, int, off_t);

static void note_fence(uintptr_t fence, size_t bytes)
{
	int index = atomic_fetch_add(&the_desk->maps_fenced, 1);
	if (index < MAPS_FENCED) {
		the_desk->map_fenced[index].fence = fence;
		the_desk->map_fenced[index].bytes = bytes;
	}
}

static void *map_fenced(mmap_fn *real, size_t size, int protection, int flags, int fd, off_t offset)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), whole = (size + page - 1) / page * page;
	char *room = real(NULL, whole + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (room == MAP_FAILED)
		return MAP_FAILED;
	void *memory = real(room + page, size, protection, flags | MAP_FIXED, fd, offset);
	int error = errno;
	if (memory == MAP_FAILED)
		munmap(room, whole + 2 * page);
	else
		note_fence((uintptr_t)memory + whole, size);
	errno = error;
	return memory;
}

static void *map(mmap_fn *real, void *address, size_t size, int protection, int flags, int fd,
                 off_t offset)
{
	const int plain = MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE | MAP_POPULATE;
	bool shared = (flags & MAP_TYPE) == MAP_SHARED || (flags & MAP_TYPE) == MAP_SHARED_VALIDATE;
	bool fenced = shared && (flags & ~plain) == 0 && address == NULL && size > 0 &&
	              size < SIZE_MAX / 2;
	if (calls_fail(FAIL_MAP))
		return MAP_FAILED;
	void *memory = calls_armed() && fenced ? map_fenced(real, size, protection, flags, fd, offset)
	                                       : real(address, size, protection, flags, fd, offset);
	if (calls_armed() && memory != MAP_FAILED) {
		int error = errno;
		regions_remove(memory, size); /* with MAP_FIXED something was there */
		if (shared)
			regions_add(memory, size, (flags & MAP_ANONYMOUS) != 0 ? -1 : fd, (uint64_t)offset);
		errno = error;
	}
	return memory;
}

int munmap(void *address, size_t size)
{
	static int (*real)(void *, size_t);
	calls_find(&real, "munmap");
	if (calls_armed())
		regions_remove(address, size);
	return real(address, size);
}

void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
	static mmap_fn *real;
	calls_find(&real, "mmap");
	return map(real, address, size, protection, flags, fd, offset);
}

void *mmap64(void *address, size_t size, int protection, int flags, int fd, off64_t offset)
{
	static mmap_fn *real; /* off64_t is off_t where the kit runs */
	calls_find(&real, "mmap64");
	return map(real, address, size, protection, flags, fd, offset);
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
