/* One child writes three times into a pipe, which the caller reads; another into a
 * pipe that gets the descriptors of the first, and over a socket both ways. A file
 * is read and written, too, and a pipe is made that nobody uses. */
#define _GNU_SOURCE
#include "uses_pipes.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static uint64_t inode(int fd)
{
	struct stat status;
	return fstat(fd, &status) == 0 ? (uint64_t)status.st_ino : 0;
}

static void use(int fd, int writes, int times)
{
	char byte = 0;
	for (int i = 0; i < times; i++)
		if ((writes ? write(fd, &byte, 1) : read(fd, &byte, 1)) != 1)
			abort();
}

static void pipe_from_child(int *child, uint64_t *which, const int sockets[2])
{
	int ends[2];
	if (pipe(ends) != 0)
		abort();
	*which = inode(ends[0]);
	pid_t pid = fork();
	if (pid == 0) {
		use(ends[1], 1, 3);
		if (sockets != NULL) {
			use(sockets[1], 0, 2);
			use(sockets[1], 1, 1);
		}
		_exit(0);
	}
	use(ends[0], 0, 3);
	*child = (int)pid;
	if (sockets != NULL) {
		use(sockets[0], 1, 2);
		use(sockets[0], 0, 1);
	}
	close(ends[0]);
	close(ends[1]);
	waitpid(pid, NULL, 0);
}

long act(void *arg)
{
	struct uses_pipes *u = arg;
	int sockets[2], unused[2], file = memfd_create("file", 0);
	if (file == -1 || pipe(unused) != 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) != 0)
		abort();
	use(file, 1, 1);
	lseek(file, 0, SEEK_SET);
	use(file, 0, 1);
	u->callers = inode(sockets[0]);
	u->childs = inode(sockets[1]);
	pipe_from_child(&u->child[0], &u->first, NULL);
	pipe_from_child(&u->child[1], &u->second, sockets);
	for (int i = 0; i < 2; i++) {
		close(sockets[i]);
		close(unused[i]);
	}
	close(file);
	return 0;
}
