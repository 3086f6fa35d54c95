/* Waits for a signal that never comes. */
#include <unistd.h>

long act(void *arg)
{
	(void)arg;
	for (;;)
		pause();
}
