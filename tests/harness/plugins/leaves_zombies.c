/* Starts *arg children that end at once, and waits for none. */
#include <unistd.h>

long act(void *arg)
{
	for (int i = 0; i < *(int *)arg; i++)
		if (fork() == 0)
			_exit(0);
	return 0;
}
