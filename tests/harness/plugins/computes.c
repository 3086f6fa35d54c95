/* Computes for as many milliseconds of CPU time as *arg says, then returns. */
#include <time.h>

long act(void *arg)
{
	clock_t end = clock() + (clock_t)*(int *)arg * (CLOCKS_PER_SEC / 1000);
	while (clock() < end)
		;
	return 0;
}
