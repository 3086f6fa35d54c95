/* Sleeps on until it has been interrupted *arg times. */
#include <errno.h>
#include <time.h>

long act(void *arg)
{
	long times = 0;
	while (times < *(int *)arg)
		if (nanosleep(&(struct timespec){ .tv_sec = 100 }, NULL) == -1 && errno == EINTR)
			times++;
	return times;
}
