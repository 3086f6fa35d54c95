/* A grandchild that has lost its parent ends soon: the caller could never have
 * waited for it. */
#include <sys/wait.h>
#include <unistd.h>

static void start_grandchild(int started)
{
	if (fork() == 0)
		write(started, "x", 1);
	_exit(0);
}

long act(void *arg)
{
	int ends[2];
	char byte;
	(void)arg;
	if (pipe(ends) != 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0)
		start_grandchild(ends[1]);
	long got = read(ends[0], &byte, 1);
	close(ends[0]);
	close(ends[1]);
	waitpid(pid, NULL, 0);
	return got - 1;
}
