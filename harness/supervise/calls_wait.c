/* Calls that wait for processes, as a plug-in sees them: see calls.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#include "calls.h"
#include "desk.h"
#include "trace.h"

/* Counts the wait, and notes when the caller's first comes. */
static void count_wait(int options)
{
	int none = -1;
	if (!calls_armed())
		return;
	atomic_fetch_add(&the_desk->waits, 1);
	if ((options & WNOHANG) == 0 && getpid() == the_desk->caller)
		atomic_compare_exchange_strong(&the_desk->forks_before_wait, &none,
		                               atomic_load(&the_desk->forks));
}

/* As most would write it. */
static const char *name_of(int argument)
{
	return argument == NO_ARGUMENT ? "wait" : "waitpid";
}

/* Whether a wait is to be interrupted, with errno set: only one that would block. */
static bool wait_interrupted(idtype_t type, id_t id, int options)
{
	siginfo_t info = { 0 };
	int argument = type == P_PID ? (int)id : NO_ARGUMENT;
	count_wait(options);
	calls_again(name_of(argument), argument);
	if (!calls_armed() || the_desk->faults.interrupt_seed == 0 || (options & WNOHANG) != 0)
		return false;
	if (calls_real_waitid(type, id, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != 0)
		return false;
	return calls_interrupt(BLOCKING_WAIT, NULL, name_of(argument), argument);
}

static bool waitpid_interrupted(pid_t pid, int options)
{
	if (pid > 0)
		return wait_interrupted(P_PID, (id_t)pid, options);
	if (pid == -1)
		return wait_interrupted(P_ALL, 0, options);
	return wait_interrupted(P_PGID, pid == 0 ? (id_t)getpgrp() : (id_t)-pid, options);
}

pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
	static pid_t (*real)(pid_t, int *, int, struct rusage *);
	calls_find(&real, "wait4");
	if (waitpid_interrupted(pid, options))
		return -1;
	int argument = pid > 0 ? pid : NO_ARGUMENT;
	struct trace_event *event = (options & WNOHANG) != 0 ? NULL : trace_open(TRACE_WAIT, 0);
	pid_t waited = real(pid, status, options, usage);
	if (event != NULL)
		event->detail = waited > 0 ? waited : 0;
	trace_close(event);
	return (pid_t)calls_result(name_of(argument), argument, waited);
}

pid_t wait3(int *status, int options, struct rusage *usage)
{
	return wait4(-1, status, options, usage);
}

pid_t waitpid(pid_t pid, int *status, int options)
{
	return wait4(pid, status, options, NULL);
}

pid_t wait(int *status)
{
	return wait4(-1, status, 0, NULL);
}

int waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	if (wait_interrupted(type, id, options))
		return -1;
	struct trace_event *event = (options & WNOHANG) != 0 ? NULL : trace_open(TRACE_WAIT, 0);
	int status = calls_real_waitid(type, id, info, options);
	if (event != NULL)
		event->detail = status == 0 && info != NULL ? info->si_pid : 0;
	trace_close(event);
	return status;
}
