/* A grandchild that has lost its parent ends soon: the caller could never have
 * waited for it. */
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

long act(void *arg)
{
	pid_t pid = fork();
	(void)arg;
	if (pid == 0) {
		if (fork() == 0)
			nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	return 0;
}
