/* The libc calls that a plug-in binds to instead of libc's own.
 *
 * The check program exports the functions of this file (exports.list), and a
 * shared object that it loads finds them before libc's. While a call is armed
 * they count, and make happen what the test asked for; otherwise, and for the
 * harness itself, they only pass on. No preload, no ptrace, and a solution that
 * makes raw system calls loses nothing but the faults it would have been shown.
 *
 * A fault happens only where the kernel may make it happen: a wait that would
 * not block, or in a process whose signals are blocked, is never interrupted.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "desk.h"

enum { INTERRUPTIONS_MAX = 64 };

/* Points *function, once, to libc's own definition of name. */
static void find(void *function, const char *name)
{
	void *found;
	memcpy(&found, function, sizeof found);
	if (found != NULL)
		return;
	found = dlsym(RTLD_NEXT, name);
	if (found == NULL) {
		errno = ENOSYS;
		abort();
	}
	memcpy(function, &found, sizeof found);
}

static bool armed(void)
{
	return the_desk != NULL && atomic_load(&the_desk->armed);
}

static bool armed_caller(void)
{
	return armed() && getpid() == the_desk->caller;
}

static void nap(double seconds)
{
	struct timespec left = { .tv_sec = (time_t)seconds,
		                     .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9) };
	while (nanosleep(&left, &left) == -1 && errno == EINTR)
		;
}

static int real_waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	static int (*real)(idtype_t, id_t, siginfo_t *, int);
	find(&real, "waitid");
	return real(type, id, info, options);
}

/* --- starting processes -------------------------------------------------- */

/* Counts the start of a process. Returns whether it is to fail, with errno set:
 * because the test wants it, or because there are far too many. */
static bool start_fails(void)
{
	if (!armed())
		return false;
	int number = atomic_fetch_add(&the_desk->forks, 1) + 1;
	const struct faults *faults = &the_desk->faults;
	if (faults->fork_delay_seconds > 0)
		nap(faults->fork_delay_seconds);
	if (faults->fork_fails_from > 0 && number >= faults->fork_fails_from) {
		atomic_fetch_add(&the_desk->forks_failed, 1);
		errno = faults->fork_errno;
		return true;
	}
	if (number > the_desk->limits.processes) {
		errno = EAGAIN;
		return true;
	}
	return false;
}

pid_t fork(void)
{
	static pid_t (*real)(void);
	find(&real, "fork");
	return start_fails() ? -1 : real();
}

pid_t _Fork(void);
pid_t _Fork(void)
{
	static pid_t (*real)(void);
	find(&real, "_Fork");
	return start_fails() ? -1 : real();
}

/* A vfork cannot be passed on: its child would return on the caller's stack. But
 * the caller stands still until the child has ended, as with the real one. */
pid_t vfork(void)
{
	siginfo_t info;
	pid_t pid = fork();
	if (pid > 0)
		real_waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
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
	find(&real, "clone");
	if ((flags & CLONE_THREAD) == 0 && start_fails())
		return -1;
	return real(function, stack, flags, arg, parent_tid, tls, child_tid);
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

long syscall(long number, ...)
{
	static long (*real)(long, ...);
	va_list list;
	long a[6];
	va_start(list, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	find(&real, "syscall");
	if (starts_process(number, a[0]) && start_fails())
		return -1;
	return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                   void *arg)
{
	static int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
	find(&real, "pthread_create");
	if (armed())
		atomic_fetch_add(&the_desk->threads, 1);
	return real(thread, attributes, start, arg);
}

/* --- waiting ------------------------------------------------------------- */

/* xorshift (Marsaglia 2003): the same seed gives the same faults again. */
static bool toss(void)
{
	unsigned x = atomic_load(&the_desk->random);
	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	atomic_store(&the_desk->random, x);
	return (x >> 16) & 1;
}

static bool signals_blocked(void)
{
	sigset_t mask;
	return sigprocmask(SIG_SETMASK, NULL, &mask) == 0 && sigismember(&mask, SIGWINCH) == 1;
}

/* Notes that the caller waits. Returns whether the wait is to be interrupted,
 * with errno set: only where it would block and a signal could get through. */
static bool wait_interrupted(idtype_t type, id_t id, int options)
{
	if (!armed_caller() || (options & WNOHANG) != 0)
		return false;
	int none = -1;
	atomic_compare_exchange_strong(&the_desk->forks_before_wait, &none,
	                               atomic_load(&the_desk->forks));
	if (the_desk->faults.interrupt_seed == 0 || !toss() || signals_blocked())
		return false;

	siginfo_t info = { 0 };
	int flags = (type == P_ALL || type == P_PID || type == P_PGID ? WEXITED : options);
	if (real_waitid(type, id, &info, flags | WNOHANG | WNOWAIT) != 0 || info.si_pid != 0)
		return false;
	if (atomic_fetch_add(&the_desk->interruptions, 1) >= INTERRUPTIONS_MAX)
		return false;
	errno = EINTR;
	return true;
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
	find(&real, "wait4");
	return waitpid_interrupted(pid, options) ? -1 : real(pid, status, options, usage);
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
	return wait_interrupted(type, id, options) ? -1 : real_waitid(type, id, info, options);
}

/* --- killing ------------------------------------------------------------- */

/* Counts what should not be killed. kill(-1, ...), the classic end of a fork
 * that was not checked, would end everything this user runs: never passed on. */
static bool kill_refused(pid_t pid)
{
	if (!armed())
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
	find(&real, "kill");
	return kill_refused(pid) ? -1 : real(pid, signal);
}

int killpg(pid_t group, int signal)
{
	return kill(-group, signal);
}

/* --- the date ------------------------------------------------------------ */

/* Somebody sets the date back between two readings of it. */
static time_t date_shift(void)
{
	if (!armed() || the_desk->faults.clock_step_seconds <= 0)
		return 0;
	int readings = atomic_fetch_add(&the_desk->clock_readings, 1);
	return readings == 0 ? 0 : (time_t)the_desk->faults.clock_step_seconds;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	static int (*real)(clockid_t, struct timespec *);
	find(&real, "clock_gettime");
	int status = real(clock, now);
	if (status == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		now->tv_sec -= date_shift();
	return status;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	static int (*real)(struct timeval *, void *);
	find(&real, "gettimeofday");
	int status = real(now, zone);
	if (status == 0)
		now->tv_sec -= date_shift();
	return status;
}

time_t time(time_t *result)
{
	static time_t (*real)(time_t *);
	find(&real, "time");
	time_t now = real(NULL) - date_shift();
	if (result != NULL)
		*result = now;
	return now;
}

int timespec_get(struct timespec *now, int base)
{
	static int (*real)(struct timespec *, int);
	find(&real, "timespec_get");
	int result = real(now, base);
	if (result == TIME_UTC)
		now->tv_sec -= date_shift();
	return result;
}

/* --- names in /dev/shm --------------------------------------------------- */

static void log_name(const char *prefix, const char *name)
{
	if (!armed() || name == NULL)
		return;
	int index = atomic_fetch_add(&the_desk->names_logged, 1);
	if (index < SHM_NAMES_LOGGED)
		snprintf(the_desk->shm_name[index], WHAT_LENGTH, "%s%s", prefix,
		         name[0] == '/' ? name + 1 : name);
}

int shm_open(const char *name, int flags, mode_t mode)
{
	static int (*real)(const char *, int, mode_t);
	find(&real, "shm_open");
	log_name("", name);
	return real(name, flags, mode);
}

sem_t *sem_open(const char *name, int flags, ...)
{
	static sem_t *(*real)(const char *, int, ...);
	va_list more;
	va_start(more, flags);
	mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
	unsigned value = (flags & O_CREAT) != 0 ? va_arg(more, unsigned) : 0;
	va_end(more);
	find(&real, "sem_open");
	log_name("sem.", name);
	return real(name, flags, mode, value);
}
