/* Its child computes for a while after it returned, then ends: longer than the
 * grace, but the grace goes on while somebody wants to run. */
#include <time.h>
#include <unistd.h>

long act(void *arg)
{
	(void)arg;
	if (fork() == 0) {
		clock_t end = clock() + CLOCKS_PER_SEC / 10;
		while (clock() < end)
			;
		_exit(0);
	}
	return 0;
}
