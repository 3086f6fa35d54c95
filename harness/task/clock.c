/* Clocks in seconds: see clock.h. */
#define _GNU_SOURCE
#include "clock.h"

#include <sys/resource.h>
#include <time.h>

static double seconds(clockid_t clock)
{
	struct timespec now;
	if (clock_gettime(clock, &now) != 0)
		return 0; /* the clock of a process that has gone */
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

double clock_wall(void)
{
	return seconds(CLOCK_MONOTONIC);
}

double clock_thread_cpu(void)
{
	return seconds(CLOCK_THREAD_CPUTIME_ID);
}

double clock_process_cpu(void)
{
	return seconds(CLOCK_PROCESS_CPUTIME_ID);
}

double clock_cpu_of(pid_t pid)
{
	clockid_t clock;
	return clock_getcpuclockid(pid, &clock) == 0 ? seconds(clock) : 0;
}

double clock_children_cpu(void)
{
	struct rusage usage;
	getrusage(RUSAGE_CHILDREN, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}
