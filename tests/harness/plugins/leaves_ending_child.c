/* Its child is alive when it returns, and ends right after. */
#include <time.h>
#include <unistd.h>

long act(void *arg)
{
	(void)arg;
	if (fork() == 0) {
		nanosleep(&(struct timespec){ .tv_nsec = 3000000 }, NULL);
		_exit(0);
	}
	return 0;
}
