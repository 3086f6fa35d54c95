/* Waits for children that end only when the caller is asleep, and counts how
 * often a wait is interrupted, by each of the five calls in turn.
 *
 * arg: how many children; whether a child shall wait, too, and then what it saw;
 * how often each kind of wait was interrupted.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KINDS = 5, CHILDRENS_WAITS = 20 };

static char state_of(pid_t pid)
{
	char path[64], line[256] = "";
	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "r");
	if (file == NULL)
		return '?';
	if (fgets(line, sizeof line, file) == NULL)
		line[0] = '\0';
	fclose(file);
	const char *bracket = strrchr(line, ')');
	return bracket == NULL ? '?' : bracket[2];
}

static void end_when_parent_sleeps(void)
{
	for (int asleep = 0; asleep < 3;) {
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
		asleep = state_of(getppid()) == 'S' ? asleep + 1 : 0;
	}
	_exit(0);
}

static pid_t wait_in_some_way(int way, pid_t pid)
{
	siginfo_t info;
	switch (way) {
	case 0: return wait(NULL);
	case 1: return waitpid(pid, NULL, 0);
	case 2: return wait3(NULL, 0, NULL);
	case 3: return wait4(0, NULL, 0, NULL);
	default: return waitid(P_PID, (id_t)pid, &info, WEXITED) == 0 ? pid : -1;
	}
}

/* Returns how often the wait for one child was interrupted. */
static int wait_for_one(int way)
{
	int interrupted = 0;
	pid_t pid = fork();
	if (pid == 0)
		end_when_parent_sleeps();
	while (wait_in_some_way(way, pid) == -1 && errno == EINTR)
		interrupted++;
	return interrupted;
}

/* What a process sees that is not the caller. */
static int wait_in_child(void)
{
	int interrupted = 0;
	for (int i = 0; i < CHILDRENS_WAITS; i++)
		interrupted += wait_for_one(1);
	return interrupted;
}

long act(void *arg)
{
	int *numbers = arg;
	long sum = 0;
	for (int i = 0; i < numbers[0]; i++) {
		int interrupted = wait_for_one(i % KINDS);
		numbers[2 + i % KINDS] += interrupted;
		sum += interrupted;
	}
	pid_t pid = numbers[1] ? fork() : -1;
	if (pid == 0) {
		numbers[1] = wait_in_child();
		_exit(0);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		sum++;
	return sum;
}
