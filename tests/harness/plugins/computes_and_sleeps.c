/* Computes for *arg milliseconds of CPU time, then sleeps for ever. */
#include <time.h>
#include <unistd.h>

long act(void *arg)
{
	clock_t end = clock() + (clock_t)*(int *)arg * (CLOCKS_PER_SEC / 1000);
	while (clock() < end)
		;
	for (;;)
		pause();
}
