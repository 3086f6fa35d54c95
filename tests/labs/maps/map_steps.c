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
 * Only x86-64 has such a flag for ordinary programs, and Valgrind does not know it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "map_shared.h"

#ifdef __x86_64__

enum { TRAP_FLAG = 0x100, NEARBY = 1 << 16, OUTSIDE_MOST = 400, ONE_IN = 12, NAP_NS = 20000 };

static uintptr_t code;     /* the task was called from here */
static int steps_outside;  /* of the student's code, since it was last in it */
static unsigned chance;

static void rest(void)
{
	int error = errno;
	struct timespec nap = { .tv_nsec = NAP_NS };
	chance = chance * 1103515245u + 12345u; /* as in the C standard's rand */
	if ((chance >> 16) % ONE_IN == 0)
		nanosleep(&nap, NULL);
	errno = error;
}

static void step(int signal, siginfo_t *info, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
	uintptr_t place = (uintptr_t)registers[REG_RIP];
	(void)signal, (void)info;
	if (place > code - NEARBY && place < code + NEARBY) {
		steps_outside = 0;
		rest();
	} else if (++steps_outside > OUTSIDE_MOST) {
		registers[REG_EFL] &= ~(greg_t)TRAP_FLAG;
	}
}

void map_run(void)
{
	__builtin_ia32_writeeflags_u64(__builtin_ia32_readeflags_u64() & ~(unsigned long long)TRAP_FLAG);
}

void map_step(struct map_self *self, const void *called_from)
{
	if (!self->steps_prepared) {
		struct sigaction action = { .sa_sigaction = step, .sa_flags = SA_SIGINFO };
		sigaction(SIGTRAP, &action, NULL);
		self->steps_prepared = true;
		chance = (unsigned)self->pid * 2654435761u;
	}
	code = (uintptr_t)called_from;
	steps_outside = 0;
	if (getenv("CROSSOVER_SLOW") == NULL)
		__builtin_ia32_writeeflags_u64(__builtin_ia32_readeflags_u64() | TRAP_FLAG);
}

#else

void map_run(void)
{
}

void map_step(struct map_self *self, const void *called_from)
{
	(void)self, (void)called_from;
}

#endif
