/* Names and sentences: see tell.h. */
#define _GNU_SOURCE
#include "tell.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "waits.h"

enum { NAME = 64, WANTS_TOLD = 3 };

void tell_init(struct tell *t, const struct scene *scene, char *text, size_t size)
{
	*t = (struct tell){ .scene = scene, .text = text, .size = size };
	text[0] = '\0';
}

void tell_into(struct tell *t, char *text, size_t size)
{
	t->text = text;
	t->size = size;
	t->used = 0;
	text[0] = '\0';
}

static void add(struct tell *t, const char *text)
{
	if (t->used + 1 >= t->size)
		return;
	size_t length = strlen(text), room = t->size - 1 - t->used;
	length = length < room ? length : room;
	memcpy(t->text + t->used, text, length);
	t->used += length;
	t->text[t->used] = '\0';
}

/* --- names ------------------------------------------------------------------- */

void tell_name(const struct scene *scene, int process, char *text, size_t size)
{
	const struct scene_process *p = &scene->process[process];
	int parent = waits_find(scene, p->parent);
	if (p->caller)
		snprintf(text, size, "the caller");
	else if (p->rank >= 0)
		snprintf(text, size, "worker %d", p->rank);
	else if (parent >= 0 && scene->process[parent].rank >= 0)
		snprintf(text, size, "a child of worker %d", scene->process[parent].rank);
	else
		snprintf(text, size, "process %d", (int)p->pid);
}

static void add_process(struct tell *t, int process)
{
	char name[NAME];
	const struct scene_process *p = &t->scene->process[process];
	tell_name(t->scene, process, name, sizeof name);
	bool sentence = t->used >= 2 && strcmp(t->text + t->used - 2, ". ") == 0;
	if (sentence || (t->used == 0 && t->capital))
		name[0] = (char)toupper((unsigned char)name[0]);
	add(t, name);
	if (!t->named[process] && !p->caller && name[0] != 'p') {
		snprintf(name, sizeof name, " (pid %d)", (int)p->pid);
		add(t, name);
	}
	t->named[process] = true;
}

static void add_pipe(struct tell *t, unsigned long inode)
{
	char name[NAME];
	int index = 0;
	while (index < t->pipes && t->pipe[index] != inode)
		index++;
	if (index == t->pipes && t->pipes < PIPES_NAMED)
		t->pipe[t->pipes++] = inode;
	if (index < PIPES_NAMED)
		snprintf(name, sizeof name, "pipe %c", 'A' + index);
	else
		snprintf(name, sizeof name, "another pipe");
	add(t, name);
}

static void add_number(struct tell *t, unsigned long number)
{
	char text[NAME];
	snprintf(text, sizeof text, "%lu", number);
	add(t, text);
}

void tell(struct tell *t, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	for (const char *at = format; *at != '\0'; at++) {
		if (*at != '%') {
			add(t, (char[]){ *at, '\0' });
			continue;
		}
		switch (*++at) {
		case 'w': add_process(t, va_arg(arguments, int)); break;
		case 'p': add_pipe(t, va_arg(arguments, unsigned long)); break;
		case 'd': add_number(t, (unsigned long)va_arg(arguments, int)); break;
		case 'z': add_number(t, va_arg(arguments, size_t)); break;
		case 's': add(t, va_arg(arguments, const char *)); break;
		}
	}
	va_end(arguments);
}

/* --- deeds ------------------------------------------------------------------- */

static void tell_file(struct tell *t, int process, int fd)
{
	const struct scene_end *end = waits_end(t->scene, process, fd);
	if (end == NULL)
		tell(t, "descriptor %d", fd);
	else if (end->socket)
		tell(t, "a socket (descriptor %d)", fd);
	else
		tell(t, "%p (descriptor %d)", end->inode, fd);
}

static void tell_files(struct tell *t, int process, const struct scene_thread *thread)
{
	if (waits_moves_data(thread)) {
		tell(t, "is blocked %s ", thread->want[0].reads ? "reading" : "writing");
		tell_file(t, process, thread->want[0].fd);
		return;
	}
	tell(t, "waits in %s for ", waits_call_name(thread));
	for (int i = 0; i < thread->wants && i < SCENE_WANTS; i++) {
		if (i == WANTS_TOLD) {
			tell(t, " and %d more", thread->wants - i);
			return;
		}
		tell(t, "%s", i > 0 ? ", " : "");
		tell_file(t, process, thread->want[i].fd);
	}
}

static void tell_child(struct tell *t, const struct scene_thread *thread)
{
	int child = thread->child > 0 ? waits_find(t->scene, thread->child) : -1;
	if (child >= 0)
		tell(t, "waits for %w (%s)", child, waits_call_name(thread));
	else if (thread->child > 0)
		tell(t, "waits for process %d (%s)", (int)thread->child, waits_call_name(thread));
	else
		tell(t, "waits for any child (%s)",
		     thread->call == SYS_wait4 ? "waitpid or wait" : waits_call_name(thread));
}

void tell_deed(struct tell *t, int process, const struct scene_thread *thread)
{
	static const char *const deeds[] = {
		[WAIT_UNKNOWN] = "is asleep",
		[WAIT_RUNS] = "is running",
		[WAIT_STOPPED] = "is stopped",
		[WAIT_ENDED] = "has ended and is not waited for",
		[WAIT_TEST] = "waits in its task for the other workers",
		[WAIT_JOIN] = "waits for a thread of its own (pthread_join)",
		[WAIT_SIGNAL] = "waits for a signal",
		[WAIT_TIME] = "sleeps (sleep, usleep or nanosleep)",
		[WAIT_OTHER] = "is asleep",
	};
	switch (thread->kind) {
	case WAIT_FILES: tell_files(t, process, thread); break;
	case WAIT_CHILD: tell_child(t, thread); break;
	case WAIT_WORD: tell(t, "waits for %s", waits_word_name(&thread->word)); break;
	default: tell(t, "%s", deeds[thread->kind]);
	}
}
