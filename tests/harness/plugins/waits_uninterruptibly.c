/* Waits as vfork does, in a state in which no signal is heard, for a child that
 * takes its time. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { STACK = 65536 };

static int take_time(void *arg)
{
	(void)arg;
	nanosleep(&(struct timespec){ .tv_nsec = 700000000 }, NULL);
	_exit(0);
}

long act(void *arg)
{
	char *stack = malloc(STACK);
	pid_t pid = clone(take_time, stack + STACK, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
	(void)arg;
	waitpid(pid, NULL, 0);
	free(stack);
	return pid > 0;
}
