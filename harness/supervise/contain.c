/* What the caller may not do: limits, and a user of its own where the harness
 * runs as root.
 *
 * RLIMIT_NPROC does not bind root, and as root a stray kill would reach the
 * whole machine. So a root harness gives each caller a user id that nobody has.
 * An ordinary user's harness keeps its user and sets the limit on processes
 * above what the user runs already.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "desk.h"

/* 61000 to 61183 is free of assignment in the conventions of Debian, Fedora and
 * systemd. */
enum { USER_FIRST = 61000, USERS = 184 };
enum { PROCESSES_SPARE = 64, FIRST_HIGH_FD = 64 };

/* In a container whose user namespace knows few users, others cannot be had. */
static bool mapped(uid_t user)
{
	unsigned long first, outside, count;
	bool found = false;
	FILE *map = fopen("/proc/self/uid_map", "re");
	while (map != NULL && fscanf(map, "%lu %lu %lu", &first, &outside, &count) == 3)
		found = found || (user >= first && user - first < count);
	if (map != NULL)
		fclose(map);
	return found;
}

/* This does not change: the judge asks once for all calls, children know it from it. */
static bool users_mapped(void)
{
	static enum { UNKNOWN, NO, YES } answer;
	if (answer == UNKNOWN)
		answer = mapped(USER_FIRST) && mapped(USER_FIRST + USERS - 1) ? YES : NO;
	return answer == YES;
}

bool contain_changes_user(void)
{
	const char *keep = getenv("CROSSOVER_KEEP_USER"); /* coverage and Valgrind write files */
	return geteuid() == 0 && keep == NULL && users_mapped();
}

uid_t contain_user(pid_t supervisor)
{
	return (uid_t)(USER_FIRST + supervisor % USERS);
}

/* resource is an enum to glibc, and an int to everybody else. */
static void limit(__rlimit_resource_t resource, rlim_t value)
{
	struct rlimit limits = { value, value };
	struct rlimit old;
	if (getrlimit(resource, &old) == 0 && old.rlim_max < value)
		limits.rlim_cur = limits.rlim_max = old.rlim_max;
	setrlimit(resource, &limits);
}

static void set_limits(const struct limits *limits, bool own_user)
{
	int others = own_user ? 0 : tree_threads_of_user(getuid());
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_CPU, (rlim_t)(limits->cpu_seconds * 2 + 2));
	limit(RLIMIT_FSIZE, limits->file_bytes);
#ifndef CROSSOVER_SANITIZED /* the sanitizers reserve terabytes of addresses */
	limit(RLIMIT_AS, limits->memory_bytes);
#endif
	if (others >= 0)
		limit(RLIMIT_NPROC, (rlim_t)(others + limits->processes + PROCESSES_SPARE));
}

/* Handlers and masks come down from Check; the student's code starts fresh. */
static void reset_signals(void)
{
	sigset_t none;
	for (int signal_number = 1; signal_number < NSIG; signal_number++)
		signal(signal_number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Closes every descriptor above standard error but one. */
static bool close_others(int keep)
{
	DIR *directory = opendir("/proc/self/fd");
	if (directory == NULL)
		return false;
	for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
		int fd = atoi(entry->d_name); /* 0 for "." and ".." */
		if (fd > STDERR_FILENO && fd != keep && fd != dirfd(directory))
			close(fd);
	}
	closedir(directory);
	return true;
}

/* Standard input is empty, output goes to a file of the supervisor's. The
 * caller also gets descriptors of its own at 3 to 5, as a real caller would have,
 * so that one who closes what is not theirs is noticed. */
static bool set_descriptors(int output, int *keep)
{
	int pipe_ends[2];
	int high = fcntl(*keep, F_DUPFD_CLOEXEC, FIRST_HIGH_FD);
	int null = open("/dev/null", O_RDWR);
	if (high == -1 || dup2(null, STDIN_FILENO) == -1)
		return false;
	*keep = high;
	if (output >= 0 && (dup2(output, STDOUT_FILENO) == -1 || dup2(output, STDERR_FILENO) == -1))
		return false;
	return close_others(high) && pipe(pipe_ends) == 0 && open("/dev/null", O_RDWR) != -1;
}

static bool drop_rights(uid_t user)
{
	if (setgroups(0, NULL) != 0)
		return false;
	return setresgid(user, user, user) == 0 && setresuid(user, user, user) == 0;
}

bool contain(const struct limits *limits, int output, int *keep)
{
	bool own_user = contain_changes_user();
	setsid();
	reset_signals();
	if (!set_descriptors(output, keep) || chdir("/") != 0)
		return false;
	if (own_user && !drop_rights(contain_user(getppid())))
		return false;
	set_limits(limits, own_user);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* cleared with the user; /proc/self needs it */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	return true;
}
