/* Computes for a millisecond and naps for two, for ever: it is never quiet, and
 * yet uses little CPU time. */
#include <time.h>

long act(void *arg)
{
	(void)arg;
	for (;;) {
		clock_t end = clock() + CLOCKS_PER_SEC / 1000;
		while (clock() < end)
			;
		nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
	}
}
