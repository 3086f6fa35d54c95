/* A child writes through a null pointer; the caller sees that and aborts. */
#include <stddef.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

long act(void *arg)
{
	volatile int *volatile nowhere = NULL;
	int status = 0;
	pid_t pid = fork();
	(void)arg;
	if (pid == 0) {
		*nowhere = 1;
		_exit(0);
	}
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		abort();
	return 0;
}
