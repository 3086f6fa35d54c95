/* Where in the student's code a thread stands.
 *
 * A thread that computes stands in the plug-in itself. One that is in a system
 * call stands in libc; then the nearest address on its stack that comes right
 * after a call instruction of the plug-in, one that leads out of it, is where the
 * student's code made the call. Nothing is unwound: libc keeps no frame pointers,
 * and reading is all that is needed.
 *
 * A process that loops is stopped a few times, briefly, and looked at each time:
 * its line is the one that is seen most often. It is about to be ended anyway.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "desk.h"
#include "scene_read.h"

enum { STACK_WORDS = 256, CALL_BYTES = 8, STOP_LOOKS = 50, NAP_NS = 2000000 };

static bool in_plugin(unsigned long address)
{
	return address >= the_desk->plugin_base && address < the_desk->plugin_end;
}

#if defined __x86_64__

/* The stub through which a plug-in calls another object: jmp *offset(%rip), after
 * an endbr64 and perhaps a bnd prefix. */
static bool is_stub(pid_t pid, unsigned long address)
{
	static const unsigned char landing[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	unsigned char code[8] = { 0 }, *at = code;
	if (!in_plugin(address) || scene_memory(pid, address, code, sizeof code) != sizeof code)
		return false;
	if (memcmp(at, landing, sizeof landing) == 0)
		at += sizeof landing;
	at += *at == 0xf2;
	return at[0] == 0xff && at[1] == 0x25;
}

/* Whether a call instruction that leads out of the plug-in ends here: call to a
 * stub, or through a register or memory. */
static bool after_call(pid_t pid, unsigned long address)
{
	unsigned char code[CALL_BYTES];
	const unsigned char *end = code + CALL_BYTES;
	int32_t offset;
	if (scene_memory(pid, address - CALL_BYTES, code, sizeof code) != sizeof code)
		return false;
	memcpy(&offset, end - 4, sizeof offset);
	if (end[-5] == 0xe8 && is_stub(pid, address + (unsigned long)(long)offset))
		return true;
	return (end[-6] == 0xff && end[-5] == 0x15) || (end[-2] == 0xff && (end[-1] & 0xf8) == 0xd0);
}

#elif defined __aarch64__

static bool after_call(pid_t pid, unsigned long address)
{
	uint32_t code;
	if (scene_memory(pid, address - sizeof code, &code, sizeof code) != sizeof code)
		return false;
	return (code & 0xfc000000) == 0x94000000 || (code & 0xfffffc1f) == 0xd63f0000;
}

#else

static bool after_call(pid_t pid, unsigned long address)
{
	(void)pid, (void)address;
	return false;
}

#endif

uintptr_t scene_place(pid_t pid, const struct registers *r)
{
	unsigned long stack[STACK_WORDS];
	if (in_plugin(r->pc))
		return r->pc - the_desk->plugin_base;
	size_t words = r->sp == 0 ? 0 : scene_memory(pid, r->sp, stack, sizeof stack) / sizeof *stack;
	for (size_t i = 0; i < words; i++)
		if (in_plugin(stack[i] - 1) && after_call(pid, stack[i]))
			return stack[i] - 1 - the_desk->plugin_base;
	return 0;
}

/* --- loops ------------------------------------------------------------------- */

static void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = NAP_NS }, NULL);
}

static struct scene_process *busiest_process(struct scene *scene)
{
	struct scene_process *busiest = NULL;
	for (int i = 0; i < scene->count; i++)
		if (busiest == NULL || scene->process[i].cpu_seconds > busiest->cpu_seconds)
			busiest = &scene->process[i];
	return busiest;
}

static struct scene_thread *busiest_thread(struct scene_process *p)
{
	struct scene_thread *busiest = &p->thread[0];
	for (int i = 1; i < p->threads && i < SCENE_THREADS; i++)
		if (p->thread[i].cpu_seconds > busiest->cpu_seconds)
			busiest = &p->thread[i];
	return busiest;
}

static bool stop(pid_t pid, pid_t tid)
{
	struct process p;
	kill(pid, SIGSTOP);
	for (int look = 0; look < STOP_LOOKS; look++) {
		if (!tree_read_thread(pid, tid, &p))
			return false;
		if (p.state == 'T')
			return true;
		nap();
	}
	return false;
}

void scene_sample(struct scene *scene)
{
	struct scene_process *p = busiest_process(scene);
	if (p == NULL || p->threads == 0 || p->state == 'Z')
		return;
	struct scene_thread thread = *busiest_thread(p);
	scene->busiest = p->pid;
	for (int i = 0; i < SCENE_SAMPLES; i++) {
		struct registers registers = { 0 };
		if (!stop(p->pid, thread.tid) || !scene_call(p->pid, &thread, &registers))
			return;
		uintptr_t place = scene_place(p->pid, &registers);
		if (place != 0)
			scene->sample[scene->samples++] = place;
		kill(p->pid, SIGCONT);
		nap();
	}
}
