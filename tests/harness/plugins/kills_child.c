/* Kills a child of its own: nobody minds. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

long act(void *arg)
{
	int status = 0;
	pid_t pid = fork();
	(void)arg;
	while (pid == 0)
		pause();
	kill(pid, SIGTERM);
	waitpid(pid, &status, 0);
	return WTERMSIG(status);
}
