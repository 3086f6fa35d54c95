/* Where in the student's code a thread stands.
 *
 * A thread that computes stands in the plug-in itself. One that is in a system
 * call stands in libc; then its stack holds, somewhere above, the address to which
 * that call returns in the plug-in. Nothing is unwound, for libc keeps no frame
 * pointers; but stacks are full of addresses that were left by earlier calls. So
 * one counts only if it comes right after an instruction that calls a function
 * which can lead to just this system call, by its name.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "desk.h"
#include "scene_read.h"

enum { STACK_WORDS = 1024, CALL_BYTES = 6 };

static bool in_plugin(unsigned long address)
{
	return address >= the_desk->plugin_base && address < the_desk->plugin_end;
}

/* --- which function was called --------------------------------------------------- */

#if defined __x86_64__

/* What lies at 4 bytes before `next`, taken as an offset from there. */
static unsigned long offset_from(unsigned long next, const unsigned char *bytes)
{
	int32_t offset;
	memcpy(&offset, bytes, sizeof offset);
	return next + (unsigned long)(long)offset;
}

/* The stub through which a plug-in calls another object: jmp *offset(%rip), after
 * an endbr64 and perhaps a bnd prefix. Returns the address of the pointer, or 0. */
static unsigned long pointer_of_stub(pid_t pid, unsigned long stub)
{
	static const unsigned char landing[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	unsigned char code[16] = { 0 }, *at = code;
	if (!in_plugin(stub) || scene_memory(pid, stub, code, sizeof code) != sizeof code)
		return 0;
	if (memcmp(at, landing, sizeof landing) == 0)
		at += sizeof landing;
	at += *at == 0xf2;
	if (at[0] != 0xff || at[1] != 0x25)
		return 0;
	return offset_from(stub + (unsigned long)(at - code) + 6, at + 2);
}

/* The function of another object that the instruction before this address calls:
 * call of a stub, or call *offset(%rip). 0 if it is no such call. */
static unsigned long called_before(pid_t pid, unsigned long address)
{
	unsigned char code[CALL_BYTES];
	unsigned long pointer = 0, function = 0;
	if (scene_memory(pid, address - CALL_BYTES, code, sizeof code) != sizeof code)
		return 0;
	if (code[1] == 0xe8)
		pointer = pointer_of_stub(pid, offset_from(address, code + 2));
	else if (code[0] == 0xff && code[1] == 0x15)
		pointer = offset_from(address, code + 2);
	if (pointer == 0 || scene_memory(pid, pointer, &function, sizeof function) != sizeof function)
		return 0;
	return function;
}

#else /* says less: only what stands in the plug-in itself is found */

static unsigned long called_before(pid_t pid, unsigned long address)
{
	(void)pid, (void)address;
	return 0;
}

#endif

/* Parts of the names of functions that make these system calls. */
static const struct {
	long call;
	const char *parts;
} callers[] = {
	{ SYS_read, "read get scan" },
	{ SYS_readv, "read get scan" },
	{ SYS_recvfrom, "recv" },
	{ SYS_recvmsg, "recv" },
	{ SYS_write, "write put print flush close exit" },
	{ SYS_writev, "write put print flush close exit" },
	{ SYS_sendto, "send" },
	{ SYS_sendmsg, "send" },
	{ SYS_sendfile, "sendfile" },
	{ SYS_wait4, "wait system pclose" },
	{ SYS_waitid, "wait" },
	{ SYS_futex, "pthread sem_ mtx_ cnd_ thrd_" },
	{ SYS_ppoll, "poll" },
	{ SYS_pselect6, "select" },
	{ SYS_epoll_pwait, "epoll" },
	{ SYS_nanosleep, "sleep" },
	{ SYS_clock_nanosleep, "sleep" },
	{ SYS_rt_sigsuspend, "sig pause" },
	{ SYS_rt_sigtimedwait, "sig" },
#ifdef SYS_poll
	{ SYS_poll, "poll" },
#endif
#ifdef SYS_select
	{ SYS_select, "select" },
#endif
#ifdef SYS_epoll_wait
	{ SYS_epoll_wait, "epoll" },
#endif
#ifdef SYS_pause
	{ SYS_pause, "pause" },
#endif
};

static bool has_part(const char *name, const char *parts)
{
	char list[64], *rest = list;
	snprintf(list, sizeof list, "%s", parts);
	for (char *part; (part = strsep(&rest, " ")) != NULL;)
		if (strstr(name, part) != NULL)
			return true;
	return false;
}

/* The caller was forked from here: its functions lie where this process has them. */
static bool leads_to(unsigned long function, long call)
{
	Dl_info info;
	if (function == 0 || dladdr((void *)function, &info) == 0 || info.dli_sname == NULL)
		return false;
	if (call < 0 || strcmp(info.dli_sname, "syscall") == 0)
		return true;
	for (size_t i = 0; i < sizeof callers / sizeof *callers; i++)
		if (callers[i].call == call)
			return has_part(info.dli_sname, callers[i].parts);
	return false;
}

uintptr_t scene_place(pid_t pid, long call, const struct registers *r)
{
	unsigned long stack[STACK_WORDS];
	if (in_plugin(r->pc))
		return r->pc - the_desk->plugin_base;
	size_t words = r->sp == 0 ? 0 : scene_memory(pid, r->sp, stack, sizeof stack) / sizeof *stack;
	for (size_t i = 0; i < words; i++)
		if (in_plugin(stack[i] - 1) && leads_to(called_before(pid, stack[i]), call))
			return stack[i] - 1 - the_desk->plugin_base;
	return 0;
}
