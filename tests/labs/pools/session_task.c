/* The task of the sessions: see session.h. It runs in the workers. */
#define _GNU_SOURCE
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"
#include "map_shared.h"
#include "reference.h"
#include "session_shared.h"

struct session *the_session;

/* Seeds go up in steps of an odd number, which has an inverse modulo 2^32. */
#define STEP 7919u
#define STEP_INVERSE 1189400591u

uint32_t session_seed(const struct session *s, size_t index)
{
	return s->first_seed + STEP * (uint32_t)index;
}

static size_t index_of(const struct session *s, uint32_t seed)
{
	return (size_t)(uint32_t)((seed - s->first_seed) * STEP_INVERSE);
}

/* Such as no task is given: SESSION_TASKS and more are far below. */
enum { LATE = INT32_MAX };

uint32_t session_late_seed(const struct session *s, size_t index)
{
	return session_seed(s, (size_t)LATE + index);
}

/* Any int32_t, and two tasks differ. */
int32_t session_value(const struct session *s, size_t index)
{
	static const int32_t special[] = { -1, INT32_MIN, 0, INT32_MAX };
	if (index < sizeof special / sizeof *special)
		return special[index];
	uint32_t x = session_seed(s, index) * 2654435761u; /* Knuth's multiplicative hash */
	return (int32_t)(x ^ (x >> 15));
}

/* --- what a task does --------------------------------------------------------------- */

static void burn(struct map_process *self, int numbers)
{
	volatile int32_t square;
	double start = clock_thread_cpu();
	for (int i = 0; i < numbers; i++)
		square = reference_square((uint32_t)i);
	(void)square;
	self->cpu_seconds += clock_thread_cpu() - start;
}

static void wait_for_release(struct session *s, int call)
{
	for (;;) {
		int seen = atomic_load(&s->gate_changes);
		if (atomic_load(&s->gate) > call || atomic_load(&s->call[call].released))
			return;
		syscall(SYS_futex, &s->gate_changes, FUTEX_WAIT, seen, NULL, NULL, 0);
	}
}

static void look_again(struct session *s)
{
	atomic_fetch_add(&s->gate_changes, 1);
	syscall(SYS_futex, &s->gate_changes, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

void session_release(struct session *s, int call)
{
	if (atomic_load(&s->gate) <= call)
		atomic_store(&s->gate, call + 1);
	look_again(s);
}

void session_release_one(struct session *s, int call)
{
	atomic_store(&s->call[call].released, true);
	look_again(s);
}

static void do_work(struct session *s, struct map_process *self, int call, size_t index)
{
	const struct session_work *work = &s->call[call].work;
	bool first = atomic_fetch_add(&self->tasks, 1) == 0 || self->met != call + 1;
	switch (work->doing) {
	case DO_MEET:
		if (first)
			rendezvous_meet(&s->meeting);
		self->met = call + 1;
		break;
	case DO_SIMULATED:
		workload_run(&s->load, (unsigned)(self - s->process), index < work->heavy ? 100 : 1);
		break;
	case DO_BURN:
		burn(self, work->amount);
		break;
	case DO_NAP:
		session_nap(work->amount * 1e-3);
		break;
	case DO_DIE:
	case DO_DIE_AMID_ENDLESS:
		if (index == work->index)
			syscall(SYS_kill, getpid(), SIGKILL);
		while (work->doing == DO_DIE_AMID_ENDLESS)
			session_nap(1);
		break;
	case DO_EXIT:
		if (index == work->index)
			_exit(0);
		break;
	case DO_WAIT:
		wait_for_release(s, call);
		break;
	case DO_JOIN:
		if (index == work->index)
			rendezvous_meet(&s->meeting);
		break;
	default:
		break;
	}
	if (work->burn > 0)
		burn(self, work->burn);
}

static void enter(struct session *s, struct map_self *self)
{
	int index = atomic_fetch_add(&s->processes, 1);
	if (index >= SESSION_PROCESSES)
		return;
	self->process = &s->process[index];
	atomic_store(&self->process->pid, self->pid);
}

enum { FEW = 16 };

/* In a call of few tasks each may be the last before the next call begins: there the
 * worker stops now and then after every task, elsewhere after some of them. */
static void step_from_here(const struct session *s, const struct session_call *c,
                           struct map_self *self, const void *called_from)
{
	struct map_plan plan = s->steps_plan;
	if (c->n <= FEW)
		plan.meet_at = 0;
	map_steps_next(self, &plan, called_from);
}

/* Not inlined: what it needs is not to be saved and brought back step by step. */
__attribute__((noinline))
static int32_t run_task(struct session *s, uint32_t seed, const void *called_from)
{
	bool first;
	size_t index = index_of(s, seed);
	if (index >= s->given) {
		bool late = index >= LATE && index - LATE < s->given;
		atomic_fetch_add(late ? &s->late : &s->strangers, 1);
		return 0;
	}
	if (atomic_fetch_add(&s->times[index], 1) == UCHAR_MAX)
		atomic_store(&s->times[index], UCHAR_MAX);
	struct map_self *self = map_own_self(&first);
	if (self->pid == s->caller) {
		atomic_fetch_add(&s->in_caller, 1); /* nothing is to happen to the caller */
		return session_value(s, index);
	}
	if (first)
		enter(s, self);
	int call = s->call_of[index];
	if (self->process != NULL) {
		atomic_store_explicit(&s->who[index], (unsigned char)(self->process - s->process),
		                      memory_order_relaxed);
		do_work(s, self->process, call, index - s->call[call].first);
	}
	int32_t value = session_value(s, index);
	step_from_here(s, &s->call[call], self, called_from);
	return value;
}

int32_t session_task(uint32_t seed)
{
	if (map_stepping)
		map_trap(false);
	int32_t value = run_task(the_session, seed, __builtin_return_address(0));
	if (map_stepping)
		map_trap(true);
	return value;
}

/* Another function, with other results. */
int32_t session_other_task(uint32_t seed)
{
	return ~run_task(the_session, seed, __builtin_return_address(0));
}
