/* Where a fault happened: a handler notes the addresses on the stack, then lets
 * the signal kill the process as it would have.
 *
 * backtrace() is not on POSIX's list of what a handler may call. It is called
 * here in a process that is about to die of a fault of its own, after having
 * been called once before, so that it need not load anything; should it fail
 * all the same, the process dies as it would have, with less to say.
 */
#define _GNU_SOURCE
#include <execinfo.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <ucontext.h>
#include <unistd.h>

#include "desk.h"

/* The frames of a handler are its own, the kernel's trampoline, and then the
 * place of the fault. Above it stand return addresses, one past their call. */
enum { FRAME_OF_FAULT = 2, FRAMES_READ = 32, ALTERNATE_STACK_BYTES = 65536 };
enum { STACK_MARGIN = 1 << 20 };

static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
static char alternate_stack[ALTERNATE_STACK_BYTES]; /* the usual one may be full */

static bool in_plugin(uintptr_t address)
{
	return address >= the_desk->plugin_base && address < the_desk->plugin_end;
}

/* The instruction itself: that much is known even where the stack was written over. */
static void note_place(struct crash *crash, const ucontext_t *context)
{
	uintptr_t address = 0;
#if defined __x86_64__
	address = (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined __aarch64__
	address = (uintptr_t)context->uc_mcontext.pc;
#else
	(void)context;
#endif
	if (in_plugin(address))
		crash->offset[crash->frames++] = address - the_desk->plugin_base;
}

static void note_frames(struct crash *crash)
{
	void *frame[FRAMES_READ];
	int count = backtrace(frame, FRAMES_READ);
	crash->frames = 0;
	for (int i = 0; i < count && crash->frames < CRASH_FRAMES; i++) {
		uintptr_t address = (uintptr_t)frame[i];
		if (in_plugin(address))
			crash->offset[crash->frames++] =
				address - the_desk->plugin_base - (i > FRAME_OF_FAULT);
	}
}

/* The guard below the stack: the kernel leaves up to a megabyte, and a large local
 * array may step over it. */
static bool below_stack(uintptr_t address)
{
	uintptr_t bottom = the_desk->stack_top - the_desk->stack_bytes;
	return address < bottom + STACK_MARGIN && address > bottom - 16 * STACK_MARGIN;
}

/* The size of the shared mapping that ends just below this address, or 0. */
static size_t beyond_mapping(uintptr_t address)
{
	enum { FENCE = 4096 }; /* at least */
	for (int i = 0; i < the_desk->maps_fenced && i < MAPS_FENCED; i++)
		if (address >= the_desk->map_fenced[i].fence &&
		    address < the_desk->map_fenced[i].fence + FENCE)
			return the_desk->map_fenced[i].bytes;
	return 0;
}

static void note(int signal, siginfo_t *info, void *context)
{
	bool caller = getpid() == the_desk->caller;
	atomic_bool *claimed = caller ? &the_desk->caller_crashed : &the_desk->child_crashed;
	if (atomic_load(&the_desk->armed) && !atomic_exchange(claimed, true)) {
		struct crash *crash = caller ? &the_desk->caller_crash : &the_desk->child_crash;
		crash->signal = signal;
		crash->address = signal == SIGABRT ? 0 : (uintptr_t)info->si_addr;
		crash->stack_full = (signal == SIGSEGV || signal == SIGBUS) && below_stack(crash->address);
		crash->mapping_bytes = beyond_mapping(crash->address);
		note_place(crash, context);
		crash->pid = getpid();
		note_frames(crash);
	}
	raise(signal); /* SA_RESETHAND: kills, as soon as the handler returns */
}

void crash_watch(void)
{
	void *frame[1];
	struct rlimit limit;
	backtrace(frame, 1);
	the_desk->stack_top = (uintptr_t)&limit;
	if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
		the_desk->stack_bytes = limit.rlim_cur;
	stack_t stack = { .ss_sp = alternate_stack, .ss_size = sizeof alternate_stack };
	sigaltstack(&stack, NULL);
	struct sigaction action = { .sa_sigaction = note,
		                        .sa_flags = SA_SIGINFO | SA_ONSTACK | (int)SA_RESETHAND };
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		sigaction(faults[i], &action, NULL);
}
