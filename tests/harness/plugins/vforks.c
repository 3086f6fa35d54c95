/* The caller of vfork stands still until the child has ended. Returns what the
 * child had written by then. */
#define _GNU_SOURCE
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

long act(void *arg)
{
	volatile int *written = arg;
	pid_t pid = vfork();
	if (pid == 0) {
		nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
		*written = 7;
		_exit(0);
	}
	long seen = *written;
	waitpid(pid, NULL, 0);
	return seen;
}
