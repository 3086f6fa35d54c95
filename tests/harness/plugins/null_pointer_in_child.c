/* A child writes through a null pointer; the caller waits for it and returns. */
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((noinline)) static void write_to(volatile int *place)
{
	*place = 1;
}

long act(void *arg)
{
	int status = 0;
	pid_t pid = fork();
	(void)arg;
	if (pid == 0) {
		write_to(NULL);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WTERMSIG(status);
}
