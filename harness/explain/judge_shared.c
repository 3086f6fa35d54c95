/* Shared memory that a call left, mapped or by name, as a diagnosis: see judge.h. */
#define _GNU_SOURCE
#include "judge.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { WHAT_ROOM = 400 };

/* --- mappings -------------------------------------------------------------- */

static bool is_segment(const struct mapping *mapping)
{
	return strncmp(mapping->what, "/SYSV", 5) == 0;
}

static void judge_mappings(struct verdict *v, const struct mapping_list *left)
{
	const struct mapping *m = &left->mapping[0];
	bool anonymous = m->what[0] == '\0' || strncmp(m->what, "/dev/zero", 9) == 0;
	if (left->count < 0)
		verdict_fail(v, LEAKED_SHARED, "Leave PR_SET_DUMPABLE as it was.",
		             "Your function hid the caller's process: what it left mapped could not be "
		             "looked at. prctl(PR_SET_DUMPABLE, 0) does that. Expected: the caller as it "
		             "was before.");
	if (left->count > 0)
		verdict_fail(v, LEAKED_SHARED,
		             is_segment(m) ? "Call shmdt with the address that shmat returned."
		                           : "Call munmap with the same address and size as mmap.",
		             "%d shared mapping%s left: %lu bytes of %s at 0x%lx. Expected: none.",
		             left->count, left->count > 1 ? "s are" : " is", m->end - m->start,
		             anonymous       ? "anonymous shared memory"
		             : is_segment(m) ? "a System V shared memory segment"
		                             : m->what,
		             m->start);
}

/* --- names ----------------------------------------------------------------- */

/* A semaphore of sem_open lies in /dev/shm as sem.NAME. */
static bool is_semaphore(const struct name *name)
{
	return name->kind == NAME_FILE && strncmp(name->text, "sem.", 4) == 0;
}

static const char *way_to_remove(const struct name *name)
{
	switch (name->kind) {
	case NAME_SEGMENT:
		return "Call shmctl(id, IPC_RMID, NULL) as soon as all have attached it.";
	case NAME_SEMAPHORES:
		return "Call semctl(id, 0, IPC_RMID) when nobody uses them any more, on every way out.";
	case NAME_MESSAGES:
		return "Call msgctl(id, IPC_RMID, NULL) when nobody uses it any more, on every way out.";
	case NAME_QUEUE:
		return "Call mq_unlink as soon as all have opened it.";
	case NAME_FOLDER:
		return "Remove what you put there with unlink and rmdir, on every way out.";
	case NAME_FILE:
		break;
	}
	if (strchr(name->text, '/') != NULL)
		return "Remove what you put there with unlink and rmdir, on every way out.";
	return is_semaphore(name) ? "Call sem_unlink as soon as all have opened it."
	                          : "Call shm_unlink as soon as all have opened it.";
}

/* A name may have any bytes; a message is one line. */
static void make_printable(char *text)
{
	for (; *text != '\0'; text++)
		if (iscntrl((unsigned char)*text))
			*text = '?';
}

/* "A System V shared memory segment of 4096 bytes (key 0x1f, shmid 7)" */
static void describe(const struct name *n, char what[WHAT_ROOM])
{
	const char *plural = n->size == 1 ? "" : "s";
	switch (n->kind) {
	case NAME_FILE:
		snprintf(what, WHAT_ROOM, "/dev/shm/%s", n->text);
		break;
	case NAME_FOLDER:
		snprintf(what, WHAT_ROOM, "The folder /dev/shm/%s", n->text);
		break;
	case NAME_SEGMENT:
		snprintf(what, WHAT_ROOM,
		         "A System V shared memory segment of %lu byte%s (key 0x%x, shmid %lu)", n->size,
		         plural, n->key, n->id);
		break;
	case NAME_SEMAPHORES:
		snprintf(what, WHAT_ROOM, "A System V set of %lu semaphore%s (key 0x%x, semid %lu)",
		         n->size, plural, n->key, n->id);
		break;
	case NAME_MESSAGES:
		snprintf(what, WHAT_ROOM,
		         "A System V message queue with %lu message%s (key 0x%x, msqid %lu)", n->size,
		         plural, n->key, n->id);
		break;
	case NAME_QUEUE:
		snprintf(what, WHAT_ROOM, "The POSIX message queue %s", n->text);
		break;
	}
	make_printable(what);
}

static void judge_names(struct verdict *v, const struct name_list *left)
{
	char what[WHAT_ROOM], more[40] = "";
	if (left->count <= 0)
		return;
	describe(&left->name[0], what);
	if (left->count > 1)
		snprintf(more, sizeof more, " (and %d more)", left->count - 1);
	verdict_fail(v, LEAKED_SHARED, way_to_remove(&left->name[0]),
	             "%s was left behind%s: it outlives the program and keeps its memory.", what, more);
}

void judge_shared(struct verdict *v, const struct outcome *o)
{
	judge_mappings(v, &o->leaked_mappings);
	judge_names(v, &o->leaked_names);
}
