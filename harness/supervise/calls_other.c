/* Calls that kill, end the process, or read the date, as a plug-in sees them: see
 * calls.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "calls.h"
#include "desk.h"

/* Counts what should not be killed. kill(-1, ...), the classic end of a fork
 * that was not checked, would end everything this user runs: never passed on. */
static bool kill_refused(pid_t pid)
{
	if (!calls_armed())
		return false;
	if (pid == 0)
		atomic_fetch_add(&the_desk->kills_of_group, 1);
	if (pid == -1)
		atomic_fetch_add(&the_desk->kills_of_all, 1);
	bool harness = pid > 0 && (pid == the_desk->supervisor || pid == the_desk->judge);
	if (harness)
		atomic_fetch_add(&the_desk->kills_of_harness, 1);
	if (pid == -1 || harness)
		errno = EPERM;
	return pid == -1 || harness;
}

int kill(pid_t pid, int signal)
{
	static int (*real)(pid_t, int);
	calls_find(&real, "kill");
	return kill_refused(pid) ? -1 : real(pid, signal);
}

int killpg(pid_t group, int signal)
{
	return kill(-group, signal);
}

/* --- the end --------------------------------------------------------------- */

/* A child that has done its work may still be there for a while. */
void _exit(int status)
{
	static void (*real)(int);
	calls_find(&real, "_exit");
	if (calls_armed() && getpid() != the_desk->caller)
		calls_nap(the_desk->faults.end_delay_seconds);
	real(status);
	abort(); /* which real never comes back to */
}

void _Exit(int status)
{
	_exit(status);
}

/* --- the date ------------------------------------------------------------ */

/* Somebody sets the date back between two readings of it. */
static time_t date_shift(void)
{
	if (!calls_armed() || the_desk->faults.clock_step_seconds <= 0)
		return 0;
	int readings = atomic_fetch_add(&the_desk->clock_readings, 1);
	return readings == 0 ? 0 : (time_t)the_desk->faults.clock_step_seconds;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	static int (*real)(clockid_t, struct timespec *);
	calls_find(&real, "clock_gettime");
	int status = real(clock, now);
	if (status == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		now->tv_sec -= date_shift();
	return status;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	static int (*real)(struct timeval *, void *);
	calls_find(&real, "gettimeofday");
	int status = real(now, zone);
	if (status == 0)
		now->tv_sec -= date_shift();
	return status;
}

time_t time(time_t *result)
{
	static time_t (*real)(time_t *);
	calls_find(&real, "time");
	time_t now = real(NULL) - date_shift();
	if (result != NULL)
		*result = now;
	return now;
}

int timespec_get(struct timespec *now, int base)
{
	static int (*real)(struct timespec *, int);
	calls_find(&real, "timespec_get");
	int result = real(now, base);
	if (result == TIME_UTC)
		now->tv_sec -= date_shift();
	return result;
}
