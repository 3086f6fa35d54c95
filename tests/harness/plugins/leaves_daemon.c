/* A daemon: a session of its own and a second fork; the caller waits for the
 * first child, so that nothing of it can be seen from there. */
#include <sys/wait.h>
#include <unistd.h>

static void become_daemon(void)
{
	setsid();
	if (fork() != 0)
		_exit(0);
	for (;;)
		pause();
}

long act(void *arg)
{
	pid_t pid = fork();
	(void)arg;
	if (pid == 0)
		become_daemon();
	waitpid(pid, NULL, 0);
	return 0;
}
