/* The plug-in's shared memory: see regions.h. */
#define _GNU_SOURCE
#include "regions.h"

#include <stdatomic.h>
#include <sys/stat.h>

#include "desk.h"

enum { REGIONS = 64, OFFSET_BITS = 40 };

/* Of this process. Entries are never moved, so that a thread which looks something up
 * while another maps or unmaps finds either what was there or nothing. */
static struct {
	_Atomic uintptr_t start, end;
	_Atomic uint64_t place; /* of the first byte */
} region[REGIONS];
static _Atomic uintptr_t lowest = UINTPTR_MAX, highest; /* what lies beyond is not shared */

/* Memory without a file has no name that others could map it by: whoever has it got it
 * by fork. It is numbered by the desk, which all processes of a call share. */
static uint64_t place_of(int fd, uint64_t offset)
{
	struct stat status;
	if (fd == -1 || fstat(fd, &status) != 0)
		return (uint64_t)(atomic_fetch_add(&the_desk->regions, 1) + 1) << OFFSET_BITS;
	uint64_t file = (status.st_ino * 0x9e3779b97f4a7c15u) ^ status.st_dev; /* Knuth's hash */
	return (file << OFFSET_BITS) + offset;
}

void regions_add(const void *address, size_t bytes, int fd, uint64_t offset)
{
	uintptr_t start = (uintptr_t)address;
	for (int i = 0; i < REGIONS; i++) {
		if (atomic_load(&region[i].end) != 0)
			continue;
		atomic_store(&region[i].place, place_of(fd, offset));
		atomic_store(&region[i].start, start);
		atomic_store(&region[i].end, start + bytes);
		if (start < atomic_load(&lowest))
			atomic_store(&lowest, start);
		if (start + bytes > atomic_load(&highest))
			atomic_store(&highest, start + bytes);
		return;
	}
}

/* Whatever is unmapped in part is forgotten as a whole: rather miss a race than see one
 * where there is none. */
void regions_remove(const void *address, size_t bytes)
{
	uintptr_t start = (uintptr_t)address;
	for (int i = 0; i < REGIONS; i++)
		if (atomic_load(&region[i].start) < start + bytes && start < atomic_load(&region[i].end))
			atomic_store(&region[i].end, 0);
}

bool regions_place(uintptr_t address, uint64_t *place)
{
	if (address < atomic_load_explicit(&lowest, memory_order_relaxed) ||
	    address >= atomic_load_explicit(&highest, memory_order_relaxed))
		return false;
	for (int i = 0; i < REGIONS; i++) {
		uintptr_t start = atomic_load_explicit(&region[i].start, memory_order_relaxed);
		if (address >= start && address < atomic_load_explicit(&region[i].end, memory_order_relaxed)) {
			*place = atomic_load_explicit(&region[i].place, memory_order_relaxed) + (address - start);
			return true;
		}
	}
	return false;
}
