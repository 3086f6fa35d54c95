/* Kills its process group, the caller's. */
#include <signal.h>

long act(void *arg)
{
	(void)arg;
	return kill(0, SIGKILL);
}
