/* Waits once for a child that is still asleep, and takes whatever comes for an
 * answer. */
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

long act(void *arg)
{
	pid_t pid = fork();
	(void)arg;
	if (pid == 0) {
		nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
		_exit(0);
	}
	return waitpid(pid, NULL, 0) == pid;
}
