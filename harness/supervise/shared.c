/* Shared memory between guard pages: see shared.h. */
#define _GNU_SOURCE
#include "shared.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { HIDDEN_MAX = 8 };

static struct {
	void *memory;
	size_t size;
} hidden[HIDDEN_MAX];
static int hidden_count;

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static size_t whole_pages(size_t size)
{
	size_t page = page_size();
	return (size + page - 1) / page * page;
}

void *shared_alloc(size_t size)
{
	size_t page = page_size();
	size_t inner = whole_pages(size);
	char *outer = mmap(NULL, inner + 2 * page, PROT_NONE,
	                   MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (outer == MAP_FAILED || mprotect(outer + page, inner, PROT_READ | PROT_WRITE) != 0) {
		perror("crossover: cannot get shared memory");
		exit(2);
	}
	return outer + page;
}

void shared_free(void *memory, size_t size)
{
	if (memory != NULL)
		munmap((char *)memory - page_size(), whole_pages(size) + 2 * page_size());
}

void shared_hide(void *memory, size_t size)
{
	if (hidden_count == HIDDEN_MAX) {
		fputs("crossover: too much to hide\n", stderr);
		exit(2);
	}
	hidden[hidden_count].memory = memory;
	hidden[hidden_count++].size = whole_pages(size);
}

void shared_unmap_hidden(void)
{
	for (int i = 0; i < hidden_count; i++)
		munmap(hidden[i].memory, hidden[i].size);
}
