/* What the exported calls have in common: see calls.h. */
#define _GNU_SOURCE
#include "calls.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "desk.h"

/* Of each process: so many are enough to see what it does then, and a process
 * that makes a system call for each of a million tasks is not slowed down. */
enum { INTERRUPTIONS_MAX = 64, DELAYS_MAX = 40, DELAY_US = 300 };

/* What belongs to this process alone; a forked child starts anew. */
static struct {
	pid_t pid;
	uint32_t number, starts;
	unsigned interruptions, delays;
	uint32_t interrupt[BLOCKINGS], shorten, delay; /* the states of streams of numbers */
} own;
static _Thread_local uint32_t child_number; /* set before the fork, read in the child */

void calls_find(void *function, const char *name)
{
	void *found;
	memcpy(&found, function, sizeof found);
	if (found != NULL)
		return;
	found = dlsym(RTLD_NEXT, name);
	if (found == NULL)
		abort(); /* a plug-in calls what this libc does not have */
	memcpy(function, &found, sizeof found);
}

static bool below_caller; /* the supervisor shares the desk, but is not meant */

void calls_allow(void)
{
	below_caller = true;
}

bool calls_armed(void)
{
	return below_caller && atomic_load(&the_desk->armed);
}

int calls_real_waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	static int (*real)(idtype_t, id_t, siginfo_t *, int);
	calls_find(&real, "waitid");
	return real(type, id, info, options);
}

bool calls_fail(enum failing which)
{
	if (!calls_armed())
		return false;
	int number = atomic_fetch_add(&the_desk->made[which], 1) + 1;
	int from = the_desk->faults.fails_from[which];
	if (from == 0 || number < from)
		return false;
	atomic_fetch_add(&the_desk->failed[which], 1);
	errno = the_desk->faults.fails_with[which];
	return true;
}

void calls_nap(double seconds)
{
	struct timespec left = { .tv_sec = (time_t)seconds,
		                     .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9) };
	while (nanosleep(&left, &left) == -1 && errno == EINTR)
		;
}

/* --- chance ---------------------------------------------------------------- */

/* A state that is never 0, different for each seed and process. */
static uint32_t mix(uint32_t seed)
{
	uint32_t x = seed + own.number * 0x9e3779b9u;
	x = (x ^ (x >> 16)) * 0x85ebca6bu;
	x = (x ^ (x >> 13)) * 0xc2b2ae35u;
	return (x ^ (x >> 16)) | 1;
}

/* The first use in a process starts its streams. */
void calls_number_process(void)
{
	const struct faults *faults = &the_desk->faults;
	pid_t pid = getpid();
	if (own.pid == pid)
		return;
	memset(&own, 0, sizeof own);
	own.pid = pid;
	own.number = pid == the_desk->caller ? 0 : child_number;
	for (uint32_t kind = 0; kind < BLOCKINGS; kind++)
		own.interrupt[kind] = mix(faults->interrupt_seed + kind);
	own.shorten = mix(faults->short_seed);
	own.delay = mix(faults->delay_seed);
}

/* Not by a count that all processes share: in which order they come to it is the
 * scheduler's business. */
void calls_number_child(void)
{
	calls_number_process();
	own.starts++;
	child_number = (own.number + 1) * 0x85ebca6bu + own.starts;
}

/* xorshift (Marsaglia 2003): the same seed gives the same faults again. */
static uint32_t next(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state >> 8;
}

static bool signals_blocked(const sigset_t *mask)
{
	sigset_t own_mask;
	if (mask == NULL && sigprocmask(SIG_SETMASK, NULL, &own_mask) != 0)
		return true;
	return sigismember(mask == NULL ? &own_mask : mask, SIGWINCH) == 1;
}

static void tell_interruption(const char *what, int argument)
{
	char shown[16] = "";
	if (atomic_exchange(&the_desk->fault_noted, true))
		return;
	if (argument != NO_ARGUMENT)
		snprintf(shown, sizeof shown, "%d, ", argument);
	snprintf(the_desk->first_fault, sizeof the_desk->first_fault,
	         "%s(%s...) returned -1 with EINTR", what, shown);
}

bool calls_interrupt(enum blocking kind, const sigset_t *mask, const char *what, int argument)
{
	if (!calls_armed() || the_desk->faults.interrupt_seed == 0)
		return false;
	calls_number_process();
	if ((next(&own.interrupt[kind]) & 1) == 0 || own.interruptions >= INTERRUPTIONS_MAX ||
	    signals_blocked(mask))
		return false;
	own.interruptions++;
	atomic_fetch_add(&the_desk->interruptions, 1);
	tell_interruption(what, argument);
	errno = EINTR;
	return true;
}

size_t calls_shorten(const char *what, int fd, size_t size)
{
	if (!calls_armed() || the_desk->faults.short_seed == 0 || size <= 1)
		return size;
	calls_number_process();
	if ((next(&own.shorten) & 1) == 0)
		return size;
	size_t moved = 1 + next(&own.shorten) % (size - 1);
	atomic_fetch_add(&the_desk->short_transfers, 1);
	if (!atomic_exchange(&the_desk->fault_noted, true))
		snprintf(the_desk->first_fault, sizeof the_desk->first_fault,
		         "%s(%d, ..., %zu) moved %zu bytes or fewer", what, fd, size, moved);
	return moved;
}

void calls_perturb(void)
{
	if (!calls_armed() || the_desk->faults.delay_seed == 0)
		return;
	calls_number_process();
	uint32_t chance = next(&own.delay);
	if ((chance & 3) != 0 || own.delays >= DELAYS_MAX)
		return;
	own.delays++;
	calls_nap((chance >> 2) % DELAY_US * 1e-6);
}
