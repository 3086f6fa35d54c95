/* The meeting of all workers: see rendezvous.h. The last to arrive opens it. */
#define _GNU_SOURCE
#include "rendezvous.h"

#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { WAITING, COMPLETE, GIVEN_UP };

void rendezvous_init(struct rendezvous *meeting, unsigned expected)
{
	meeting->expected = expected;
	meeting->arrived_in_time = 0;
	atomic_init(&meeting->arrived, 0);
	atomic_init(&meeting->state, WAITING);
}

static void open_meeting(struct rendezvous *meeting, unsigned state)
{
	unsigned waiting = WAITING;
	if (atomic_compare_exchange_strong(&meeting->state, &waiting, state))
		syscall(SYS_futex, &meeting->state, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

bool rendezvous_meet(struct rendezvous *meeting)
{
	if (atomic_fetch_add(&meeting->arrived, 1) + 1 >= meeting->expected)
		open_meeting(meeting, COMPLETE);
	while (atomic_load(&meeting->state) == WAITING)
		syscall(SYS_futex, &meeting->state, FUTEX_WAIT, WAITING, NULL, NULL, 0);
	return rendezvous_complete(meeting);
}

void rendezvous_give_up(struct rendezvous *meeting)
{
	if (atomic_load(&meeting->state) != WAITING)
		return;
	meeting->arrived_in_time = atomic_load(&meeting->arrived);
	open_meeting(meeting, GIVEN_UP);
}

bool rendezvous_complete(const struct rendezvous *meeting)
{
	return atomic_load(&meeting->state) == COMPLETE;
}
