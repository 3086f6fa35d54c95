/* Sends itself the signal that *arg names. */
#include <signal.h>

long act(void *arg)
{
	return raise(*(int *)arg);
}
