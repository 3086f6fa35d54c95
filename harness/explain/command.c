/* Programs of the system: see command.h. */
#define _GNU_SOURCE
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Reads to the end, so that the writer is never stopped; keeps what has room. */
static void read_all(int fd, char *output, size_t size)
{
	char block[4096];
	size_t used = 0;
	for (;;) {
		ssize_t got = read(fd, block, sizeof block);
		if (got == 0 || (got == -1 && errno != EINTR))
			break;
		size_t kept = got < 0 ? 0 : (size_t)got;
		if (kept > size - 1 - used)
			kept = size - 1 - used;
		memcpy(output + used, block, kept);
		used += kept;
	}
	output[used] = '\0';
}

int command_run(char *const argv[], char *output, size_t size)
{
	posix_spawn_file_actions_t actions;
	int ends[2], status;
	pid_t pid;
	output[0] = '\0';
	if (pipe2(ends, O_CLOEXEC) != 0)
		return 127;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
	int error = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (error == 0)
		read_all(ends[0], output, size);
	close(ends[0]);
	if (error != 0)
		return 127;
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return 127;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
