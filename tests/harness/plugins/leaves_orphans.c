/* Starts *arg children that run on. */
#include <unistd.h>

long act(void *arg)
{
	for (int i = 0; i < *(int *)arg; i++)
		if (fork() == 0)
			for (;;)
				pause();
	return 0;
}
