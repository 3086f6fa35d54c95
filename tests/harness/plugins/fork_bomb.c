/* Forks for ever, in every process. */
#include <unistd.h>

long act(void *arg)
{
	(void)arg;
	for (;;)
		fork();
}
