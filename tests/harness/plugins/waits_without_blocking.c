/* Waits in ways that must never be interrupted: with WNOHANG, for children that
 * have ended, and with all signals blocked. Returns how often one was. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TIMES = 30 };

static pid_t start(long nanoseconds)
{
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	nanosleep(&(struct timespec){ .tv_nsec = nanoseconds }, NULL);
	_exit(0);
}

static long interrupted(pid_t result)
{
	return result == -1 && errno == EINTR;
}

static long with_nohang(void)
{
	long times = 0;
	pid_t pid = start(20000000);
	for (pid_t ended = 0; ended != pid;) {
		ended = waitpid(pid, NULL, WNOHANG);
		times += interrupted(ended);
	}
	return times;
}

static long for_ended_children(void)
{
	long times = 0;
	for (int i = 0; i < TIMES; i++) {
		siginfo_t info = { 0 };
		pid_t pid = start(0);
		while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | WNOHANG) == 0 && info.si_pid == 0)
			;
		pid_t ended = waitpid(pid, NULL, 0);
		times += interrupted(ended);
		if (ended != pid)
			waitpid(pid, NULL, WNOHANG);
	}
	return times;
}

static long with_signals_blocked(void)
{
	long times = 0;
	sigset_t all, old;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	for (int i = 0; i < TIMES; i++) {
		pid_t pid = start(1000000), ended;
		while ((ended = waitpid(pid, NULL, 0)) == -1 && errno == EINTR)
			times++;
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	return times;
}

long act(void *arg)
{
	(void)arg;
	return with_nohang() + for_ended_children() + with_signals_blocked();
}
