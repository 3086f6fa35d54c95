/* The process table of a call that ran out of time, in words: see hang.h. */
#define _GNU_SOURCE
#include "hang.h"

#include <stdio.h>
#include <sys/syscall.h>

enum { DESCRIBED = 4 };

static int entries(const struct process_list *list)
{
	return list->count < PROCESSES_KEPT ? list->count : PROCESSES_KEPT;
}

const struct process *hang_busiest(const struct outcome *outcome)
{
	const struct process *busiest = NULL;
	for (int i = 0; i < entries(&outcome->table); i++) {
		const struct process *p = &outcome->table.process[i];
		if (busiest == NULL || p->cpu_seconds > busiest->cpu_seconds)
			busiest = p;
	}
	return busiest;
}

/* What a sleeping process is asleep in. */
static void describe_sleep(const struct process *p, char *text, size_t size)
{
	int first = (int)p->args[0];
	switch (p->syscall) {
	case SYS_wait4:
		if (first > 0)
			snprintf(text, size, "waits for process %d (waitpid)", first);
		else
			snprintf(text, size, "waits for any child (waitpid or wait)");
		break;
	case SYS_waitid:
		snprintf(text, size, "waits for a child (waitid)");
		break;
	case SYS_read:
		snprintf(text, size, "is blocked reading descriptor %d", first);
		break;
	case SYS_write:
		snprintf(text, size, "is blocked writing descriptor %d", first);
		break;
	case SYS_futex:
		snprintf(text, size, "waits for a lock, a semaphore or a thread (futex)");
		break;
	case SYS_ppoll:
#ifdef SYS_poll
	case SYS_poll:
#endif
		snprintf(text, size, "waits in poll");
		break;
#ifdef SYS_pause
	case SYS_pause:
#endif
	case SYS_rt_sigsuspend:
	case SYS_rt_sigtimedwait:
		snprintf(text, size, "waits for a signal");
		break;
	case SYS_clock_nanosleep:
	case SYS_nanosleep:
		snprintf(text, size, "sleeps (sleep, usleep or nanosleep)");
		break;
	default:
		snprintf(text, size, "is asleep");
	}
}

static void describe(const struct process *p, char *text, size_t size)
{
	if (p->state == 'Z')
		snprintf(text, size, "has ended and is not waited for");
	else if (p->state == 'T' || p->state == 't')
		snprintf(text, size, "is stopped");
	else if (p->state == 'R')
		snprintf(text, size, "is running");
	else
		describe_sleep(p, text, size);
}

void hang_describe(const struct outcome *outcome, char *text, size_t size)
{
	size_t used = 0;
	text[0] = '\0';
	for (int i = 0; i < entries(&outcome->table) && used < size; i++) {
		const struct process *p = &outcome->table.process[i];
		char what[100], who[40] = "the caller";
		describe(p, what, sizeof what);
		if (p->pid != outcome->caller)
			snprintf(who, sizeof who, "process %d", (int)p->pid);
		if (i == DESCRIBED) {
			snprintf(text + used, size - used, "; and %d more", outcome->table.count - i);
			return;
		}
		used += (size_t)snprintf(text + used, size - used, "%s%s %s", i > 0 ? "; " : "", who, what);
	}
}
