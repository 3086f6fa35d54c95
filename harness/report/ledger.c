/* The ledger's memory: see ledger.h. */
#define _GNU_SOURCE
#include "ledger.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct ledger *map(int fd)
{
	int flags = MAP_SHARED | (fd == -1 ? MAP_ANONYMOUS : 0);
	void *memory = mmap(NULL, sizeof(struct ledger), PROT_READ | PROT_WRITE, flags, fd, 0);
	return memory == MAP_FAILED ? NULL : memory;
}

struct ledger *ledger_create(int *fd)
{
	struct ledger *ledger = NULL;
	*fd = memfd_create("ledger", 0);
	if (*fd != -1 && ftruncate(*fd, sizeof *ledger) == 0)
		ledger = map(*fd);
	if (ledger == NULL && *fd != -1)
		close(*fd);
	return ledger;
}

struct ledger *ledger_open(int fd)
{
	return map(fd);
}

void ledger_close(struct ledger *ledger, int fd)
{
	munmap(ledger, sizeof *ledger);
	if (fd != -1)
		close(fd);
}

struct ledger_row *ledger_find(struct ledger *ledger, const char *name)
{
	for (int i = 0; i < ledger->rows; i++)
		if (strcmp(ledger->row[i].name, name) == 0)
			return &ledger->row[i];
	return NULL;
}
