/* Hands -1 on to kill and killpg, as one who does not check what fork returned. */
#include <errno.h>
#include <signal.h>

long act(void *arg)
{
	(void)arg;
	int refused = kill(-1, SIGKILL) == -1 && errno == EPERM;
	return refused + (killpg(1, SIGKILL) == -1 && errno == EPERM);
}
