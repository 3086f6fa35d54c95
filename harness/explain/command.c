/* Programs of the system: see command.h. */
#define _GNU_SOURCE
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"

enum { POLL_MS = 100 };

/* How many times longer everything takes, since there are more processes that want to run
 * than CPUs. */
static double crowding(void)
{
	double load;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (cpus < 1 || getloadavg(&load, 1) != 1 || load < (double)cpus)
		return 1;
	return load / (double)cpus;
}

/* Reads to the end, so that the writer is never stopped; keeps what has room.
 * Returns whether the end came within so many seconds (0: there is no limit). */
static bool read_all(int fd, double seconds, char *output, size_t size)
{
	const double start = clock_wall();
	char block[4096];
	size_t used = 0;
	bool ended = false, late = false;
	while (!ended && !late) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		int wait_ms = seconds == 0 ? -1 : POLL_MS;
		late = seconds != 0 && clock_wall() - start > seconds * crowding();
		if (poll(&ready, 1, wait_ms) <= 0)
			continue;
		ssize_t got = read(fd, block, sizeof block);
		ended = got == 0 || (got == -1 && errno != EINTR);
		size_t kept = got < 0 ? 0 : (size_t)got;
		if (kept > size - 1 - used)
			kept = size - 1 - used;
		memcpy(output + used, block, kept);
		used += kept;
	}
	output[used] = '\0';
	return ended;
}

/* Starts the program with its output in a pipe; with a deadline in a group of its
 * own. Returns its pid, or -1; *output_end is the pipe's reading end. */
static pid_t start(char *const argv[], bool own_group, int *output_end)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int ends[2];
	pid_t pid;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, own_group ? POSIX_SPAWN_SETPGROUP : 0);
	int error = posix_spawnp(&pid, argv[0], &actions, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	*output_end = ends[0];
	if (error != 0)
		close(ends[0]);
	return error != 0 ? -1 : pid;
}

static int run(double seconds, char *const argv[], char *output, size_t size)
{
	int output_end, status;
	output[0] = '\0';
	pid_t pid = start(argv, seconds > 0, &output_end);
	if (pid == -1)
		return 127;
	bool in_time = read_all(output_end, seconds, output, size);
	close(output_end);
	if (!in_time)
		kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return 127;
	if (!in_time)
		return COMMAND_TOO_LONG;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int command_run(char *const argv[], char *output, size_t size)
{
	return run(0, argv, output, size);
}

int command_run_within(double seconds, char *const argv[], char *output, size_t size)
{
	return run(seconds, argv, output, size);
}
