/* Reads the date, first by call *arg and then by each call there is. Bit k is set
 * where the reading of call k was more than 1000 s before the first of all; bit 5
 * for the monotonic clock, which is held against the kernel's own. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static double date(int call)
{
	struct timespec now = { 0 };
	struct timeval value = { 0 };
	switch (call) {
	case 0: clock_gettime(CLOCK_REALTIME, &now); break;
	case 1: clock_gettime(CLOCK_REALTIME_COARSE, &now); break;
	case 2: gettimeofday(&value, NULL); return (double)value.tv_sec;
	case 3: return (double)time(&now.tv_sec);
	case 4: return timespec_get(&now, TIME_UTC) == TIME_UTC ? (double)now.tv_sec : 0;
	default: clock_gettime(CLOCK_MONOTONIC, &now); break;
	}
	return (double)now.tv_sec;
}

long act(void *arg)
{
	struct timespec now = { 0 };
	double start = date(*(int *)arg);
	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
	double steady = (double)now.tv_sec;
	long back = 0;
	for (int call = 0; call <= 5; call++)
		if (date(call) < (call == 5 ? steady : start) - 1000)
			back |= 1L << call;
	return back;
}
