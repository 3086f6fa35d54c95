/* Calls that start processes and threads, as a plug-in sees them: see calls.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "calls.h"
#include "desk.h"
#include "trace.h"

static _Thread_local struct trace_event *forking; /* from start_fails to log_start */

/* Counts the start of a process. Returns whether it is to fail, with errno set:
 * because the test wants it, or because there are far too many. */
static bool start_fails(void)
{
	forking = NULL;
	if (!calls_armed())
		return false;
	int number = atomic_fetch_add(&the_desk->forks, 1) + 1;
	const struct faults *faults = &the_desk->faults;
	if (faults->fork_delay_seconds > 0)
		calls_nap(faults->fork_delay_seconds);
	if (calls_fail(FAIL_FORK))
		return true;
	calls_number_child();
	if (number > the_desk->limits.starts) {
		errno = EAGAIN;
		return true;
	}
	forking = trace_open(TRACE_FORK, 0);
	return false;
}

/* The order in which the caller starts its workers gives them their names in
 * messages. Passes on what the call returned. */
static pid_t log_start(pid_t pid)
{
	if (pid > 0 && forking != NULL) {
		forking->detail = pid;
		trace_close(forking);
	}
	forking = NULL;
	if (pid <= 0 || !calls_armed() || getpid() != the_desk->caller)
		return pid;
	int index = atomic_fetch_add(&the_desk->starts_logged, 1);
	if (index < STARTS_LOGGED)
		the_desk->started[index] = pid;
	return pid;
}

pid_t fork(void)
{
	static pid_t (*real)(void);
	calls_find(&real, "fork");
	return start_fails() ? -1 : log_start(real());
}

pid_t _Fork(void);
pid_t _Fork(void)
{
	static pid_t (*real)(void);
	calls_find(&real, "_Fork");
	return start_fails() ? -1 : log_start(real());
}

/* A vfork cannot be passed on: its child would return on the caller's stack. But
 * the caller stands still until the child has ended, as with the real one. */
pid_t vfork(void)
{
	siginfo_t info;
	pid_t pid = fork();
	if (pid > 0)
		calls_real_waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	return pid;
}

int clone(int (*function)(void *), void *stack, int flags, void *arg, ...)
{
	static int (*real)(int (*)(void *), void *, int, void *, ...);
	va_list more;
	va_start(more, arg);
	void *parent_tid = va_arg(more, void *);
	void *tls = va_arg(more, void *);
	void *child_tid = va_arg(more, void *);
	va_end(more);
	calls_find(&real, "clone");
	bool thread = (flags & CLONE_THREAD) != 0;
	if (!thread && start_fails())
		return -1;
	int pid = real(function, stack, flags, arg, parent_tid, tls, child_tid);
	return thread ? pid : log_start(pid);
}

/* Whether this system call starts a process (and not a thread). clone3 has its
 * flags in the first word of its argument. */
static bool starts_process(long number, long first)
{
	switch (number) {
#ifdef SYS_fork
	case SYS_fork:
	case SYS_vfork:
		return true;
#endif
	case SYS_clone:
		return (first & CLONE_THREAD) == 0;
#ifdef SYS_clone3
	case SYS_clone3:
		return first != 0 && (*(const uint64_t *)first & CLONE_THREAD) == 0;
#endif
	default:
		return false;
	}
}

/* With a time-out of 0 a FUTEX_WAIT only looks; FUTEX_WAIT_BITSET has a date there. */
static bool waits(long operation, const struct timespec *timeout)
{
	long command = operation & FUTEX_CMD_MASK;
	if (command == FUTEX_WAIT)
		return timeout == NULL || timeout->tv_sec != 0 || timeout->tv_nsec != 0;
	return command == FUTEX_WAIT_BITSET;
}

/* The harness's own tasks wait on futexes, too, in the same processes. */
static bool from_plugin(const void *address)
{
	return the_desk != NULL && (uintptr_t)address >= the_desk->plugin_base &&
	       (uintptr_t)address < the_desk->plugin_end;
}

long syscall(long number, ...)
{
	static long (*real)(long, ...);
	va_list list;
	long a[6];
	va_start(list, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	calls_find(&real, "syscall");
	bool sleeps = number == SYS_futex && waits(a[1], (const struct timespec *)a[3]) &&
	              from_plugin(__builtin_return_address(0));
	if (sleeps &&
	    calls_interrupt(BLOCKING_LOCK, NULL, "futex", NO_ARGUMENT))
		return -1;
	if (starts_process(number, a[0]))
		return start_fails() ? -1 : log_start((pid_t)real(number, a[0], a[1], a[2], a[3], a[4], a[5]));
	struct trace_event *event = sleeps ? trace_open(TRACE_LOCK, 0) : NULL;
	long result = real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	trace_close(event);
	calls_note_raw(number, a, result);
	return result;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                   void *arg)
{
	static int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
	calls_find(&real, "pthread_create");
	if (calls_armed()) {
		atomic_fetch_add(&the_desk->threads, 1);
		calls_number_process();
	}
	return real(thread, attributes, start, arg);
}
