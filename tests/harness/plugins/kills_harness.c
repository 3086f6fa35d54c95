/* Kills its parent, which is the supervisor, and the process *arg, the judge. */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

long act(void *arg)
{
	int refused = kill(getppid(), SIGKILL) == -1 && errno == EPERM;
	return refused + (kill(*(pid_t *)arg, SIGKILL) == -1 && errno == EPERM);
}
