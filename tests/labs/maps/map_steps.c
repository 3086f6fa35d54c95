/* Workers that stop between any two of their instructions.
 *
 * A load and the store that goes with it stand side by side: it is one chance in a
 * thousand that a timer stops a worker just there. So the task, when it is done,
 * sets the processor's trap flag, which gives a SIGTRAP after every instruction;
 * the handler lets other workers go on, now and then, until the student's code calls
 * the next task (or something else that is long; a lock is not). What can come
 * between two instructions does so within a few hundred tasks, on one CPU too, and
 * whatever else the machine does.
 *
 * A step costs 2 us, in a virtual machine 20 us. So it is every task in which the
 * workers meet, because what follows may come once only, and one in four of the rest:
 * the others run through many tasks while one is held up between two instructions.
 *
 * Only x86-64 has such a flag for ordinary programs, and Valgrind does not know it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <ucontext.h>

#include "map_shared.h"

bool map_stepping;

#ifdef __x86_64__

enum {
	TRAP_FLAG = 0x100,
	NEARBY = 1 << 16,
	OUTSIDE_MOST = 400,
	STEPPED_ONE_IN = 4,
	REST_ONE_IN = 12,
	NAP_NS = 20000,
	LONG_ONE_IN = 8,     /* of a pool's naps: the caller is through with a call meanwhile, */
	LONG_NAP_NS = 500000 /* and makes the next */
};

static uintptr_t code;     /* the task was called from here */
static int steps_outside;  /* of the student's code, since it was last in it */
static int steps_left, others_left; /* in it, and outside, until the trap is off */
static bool bounded;       /* by steps_most */
static unsigned chance;

static bool one_in(unsigned count)
{
	chance = chance * 1103515245u + 12345u; /* as in the C standard's rand */
	return (chance >> 16) % count == 0;
}

static void rest(void)
{
	int error = errno;
	struct timespec nap = { .tv_nsec = NAP_NS };
	if (bounded && one_in(LONG_ONE_IN))
		nap.tv_nsec = LONG_NAP_NS;
	if (one_in(REST_ONE_IN))
		nanosleep(&nap, NULL);
	errno = error;
}

static void step(int signal, siginfo_t *info, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
	uintptr_t place = (uintptr_t)registers[REG_RIP];
	(void)signal, (void)info;
	bool inside = place > code - NEARBY && place < code + NEARBY;
	if (inside) {
		steps_outside = 0;
		steps_left--;
		rest();
	} else {
		others_left--;
	}
	if ((!inside && ++steps_outside > OUTSIDE_MOST) || steps_left < 0 || others_left < 0) {
		registers[REG_EFL] &= ~(greg_t)TRAP_FLAG;
	}
}

bool map_can_step(void)
{
	return getenv("CROSSOVER_SLOW") == NULL;
}

static void prepare(struct map_self *self)
{
	struct sigaction action = { .sa_sigaction = step, .sa_flags = SA_SIGINFO };
	sigaction(SIGTRAP, &action, NULL);
	chance = (unsigned)self->pid * 2654435761u; /* Knuth's multiplicative hash */
	self->steps_prepared = true;
}

bool map_steps_next(struct map_self *self, const struct map_plan *plan, const void *called_from)
{
	bool met = self->process != NULL && self->process->tasks == plan->meet_at;
	if (!plan->steps || !map_can_step())
		return map_stepping = false;
	if (!self->steps_prepared)
		prepare(self);
	code = (uintptr_t)called_from;
	steps_outside = 0;
	bounded = plan->steps_most > 0;
	steps_left = others_left = bounded ? plan->steps_most : INT_MAX;
	return map_stepping = met || plan->meet_at == 0 || one_in(STEPPED_ONE_IN);
}

#else

bool map_can_step(void)
{
	return false;
}

bool map_steps_next(struct map_self *self, const struct map_plan *plan, const void *called_from)
{
	(void)self, (void)plan, (void)called_from;
	return false;
}

#endif
