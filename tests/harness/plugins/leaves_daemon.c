/* A daemon: a session of its own and a second fork; the caller waits for the
 * first child, so that nothing of it can be seen from there. */
#include <sys/wait.h>
#include <unistd.h>

static void become_daemon(int started)
{
	setsid();
	if (fork() != 0)
		_exit(0);
	write(started, "x", 1);
	for (;;)
		pause();
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
		become_daemon(ends[1]);
	long got = read(ends[0], &byte, 1);
	close(ends[0]);
	close(ends[1]);
	waitpid(pid, NULL, 0);
	return got - 1;
}
