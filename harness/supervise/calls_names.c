/* Calls that make what outlives the program, as a plug-in sees them: see calls.h.
 * What they made is noted, so that a call's names are told from those of the
 * user's other programs.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>

#include "calls.h"
#include "desk.h"

/* errno is the call's. */
static void note_text(enum name_kind kind, const char *prefix, const char *name)
{
	char text[NAME_TEXT];
	int error = errno;
	while (name[0] == '/') /* as many as one likes, says libc */
		name++;
	snprintf(text, sizeof text, "%s%s", prefix, name);
	if (calls_armed())
		notes_add(&the_desk->notes, kind, 0, text);
	errno = error;
}

static int note_id(enum name_kind kind, key_t key, int flags, int id)
{
	if (id >= 0 && calls_armed() && (key == IPC_PRIVATE || (flags & IPC_CREAT) != 0))
		notes_add(&the_desk->notes, kind, (unsigned long)id, NULL);
	return id;
}

int shm_open(const char *name, int flags, mode_t mode)
{
	static int (*real)(const char *, int, mode_t);
	calls_find(&real, "shm_open");
	int fd = real(name, flags, mode);
	if (fd >= 0 && (flags & O_CREAT) != 0)
		note_text(NAME_FILE, "", name);
	return fd;
}

sem_t *sem_open(const char *name, int flags, ...)
{
	static sem_t *(*real)(const char *, int, ...);
	va_list more;
	va_start(more, flags);
	mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
	unsigned value = (flags & O_CREAT) != 0 ? va_arg(more, unsigned) : 0;
	va_end(more);
	calls_find(&real, "sem_open");
	sem_t *semaphore = real(name, flags, mode, value);
	if (semaphore != SEM_FAILED && (flags & O_CREAT) != 0)
		note_text(NAME_FILE, "sem.", name);
	return semaphore;
}

int shmget(key_t key, size_t size, int flags)
{
	static int (*real)(key_t, size_t, int);
	calls_find(&real, "shmget");
	return note_id(NAME_SEGMENT, key, flags, real(key, size, flags));
}

int semget(key_t key, int count, int flags)
{
	static int (*real)(key_t, int, int);
	calls_find(&real, "semget");
	return note_id(NAME_SEMAPHORES, key, flags, real(key, count, flags));
}

int msgget(key_t key, int flags)
{
	static int (*real)(key_t, int);
	calls_find(&real, "msgget");
	return note_id(NAME_MESSAGES, key, flags, real(key, flags));
}

/* Whether a queue was there before cannot be seen where /dev/mqueue is not
 * mounted. So it is first made as one that must not exist yet. */
mqd_t mq_open(const char *name, int flags, ...)
{
	static mqd_t (*real)(const char *, int, ...);
	va_list more;
	int error = errno;
	va_start(more, flags);
	mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
	struct mq_attr *attributes = (flags & O_CREAT) != 0 ? va_arg(more, struct mq_attr *) : NULL;
	va_end(more);
	calls_find(&real, "mq_open");
	mqd_t queue = real(name, (flags & O_CREAT) != 0 ? flags | O_EXCL : flags, mode, attributes);
	if (queue != (mqd_t)-1 && (flags & O_CREAT) != 0)
		note_text(NAME_QUEUE, "/", name);
	if (queue != (mqd_t)-1 || errno != EEXIST || (flags & O_EXCL) != 0)
		return queue;
	errno = error;
	return real(name, flags, mode, attributes);
}

void calls_note_raw(long number, const long a[], long result)
{
	switch (number) {
#ifdef SYS_shmget /* some machines have one call for all of System V's */
	case SYS_shmget:
		note_id(NAME_SEGMENT, (key_t)a[0], (int)a[2], (int)result);
		break;
	case SYS_semget:
		note_id(NAME_SEMAPHORES, (key_t)a[0], (int)a[2], (int)result);
		break;
	case SYS_msgget:
		note_id(NAME_MESSAGES, (key_t)a[0], (int)a[1], (int)result);
		break;
#endif
	case SYS_mq_open: /* its own O_EXCL alone says that it made the queue */
		if (result >= 0 && (a[1] & O_CREAT) != 0 && (a[1] & O_EXCL) != 0)
			note_text(NAME_QUEUE, "/", (const char *)a[0]);
		break;
	default:
		break;
	}
}
