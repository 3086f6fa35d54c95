/* Waiting for and waking the other side of the desk: plain futexes, shared
 * between processes (never FUTEX_PRIVATE). */
#define _GNU_SOURCE
#include "desk.h"

#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct desk *the_desk;

bool desk_knows(pid_t pid)
{
	for (int i = 0; i < BYSTANDERS; i++)
		if (pid == the_desk->bystander[i])
			return true;
	for (int i = 0; i < OWN_CHILDREN; i++)
		if (pid == the_desk->own_child[i])
			return true;
	return false;
}

void desk_wait(atomic_uint *word, unsigned value, double seconds)
{
	struct timespec limit = {
		.tv_sec = (time_t)seconds,
		.tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9),
	};
	syscall(SYS_futex, word, FUTEX_WAIT, value, &limit, NULL, 0);
}

void desk_wake(atomic_uint *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}
