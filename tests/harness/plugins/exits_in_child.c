/* A child ends in exit, which flushes the caller's buffered output once more. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

long act(void *arg)
{
	pid_t pid = fork();
	(void)arg;
	if (pid == 0)
		exit(0);
	waitpid(pid, NULL, 0);
	return 0;
}
