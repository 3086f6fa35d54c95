/* The processes that run tasks, and what each knows of itself: see map_shared.h.
 *
 * Every task asks which process it runs in. getpid is a system call, and where
 * these are dear, in a virtual machine, a million of them take seconds. So each
 * process keeps what it knows in a page that the kernel clears in every child,
 * however that was started.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "map_shared.h"

static struct map_self *page;
static bool page_is_cleared;

bool map_prepare_self(void)
{
	page = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return false;
	page_is_cleared = madvise(page, sizeof *page, MADV_WIPEONFORK) == 0;
	return true;
}

/* The pipes that this process holds, seen from inside. */
static void survey(struct map_process *process)
{
	DIR *directory = opendir("/proc/self/fd");
	if (directory == NULL)
		return;
	for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
		struct stat status;
		int fd = atoi(entry->d_name);
		if (entry->d_name[0] == '.' || fstat(fd, &status) != 0 || !S_ISFIFO(status.st_mode) ||
		    process->pipes == MAP_PIPES)
			continue;
		bool writes = (fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY;
		process->pipe[process->pipes++] =
			(struct map_pipe){ .pipe = status.st_ino, .writes = writes, .fd = fd };
	}
	closedir(directory);
}

static void enter(struct map *map, struct map_self *self)
{
	int index = atomic_fetch_add(&map->processes, 1);
	if (index >= MAP_PROCESSES)
		return;
	self->process = &map->process[index];
	atomic_store(&self->process->pid, self->pid);
	if (map->plan.survey)
		survey(self->process);
}

struct map_self *map_own_self(bool *first)
{
	*first = page->pid == 0 || (!page_is_cleared && page->pid != getpid());
	if (*first)
		*page = (struct map_self){ .pid = getpid() };
	return page;
}

struct map_self *map_self(struct map *map)
{
	bool first;
	struct map_self *self = map_own_self(&first);
	if (first)
		enter(map, self);
	return self;
}
