/* What a scene says, read one question at a time: see waits.h. */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/syscall.h>

#include "waits.h"

enum { CALL_NAME = 32 };

/* Layout of glibc's pthread_mutex_t in words: lock, count, owner, users, kind. */
enum { MUTEX_OWNER = 2, MUTEX_USERS = 3, MUTEX_KIND = 4, MUTEX_KINDS = 0x200 };
enum { OWNER_BITS = 0x3fffffff }; /* of a robust mutex's lock word */

int waits_find(const struct scene *scene, pid_t pid)
{
	for (int i = 0; i < scene->count; i++) {
		const struct scene_process *p = &scene->process[i];
		if (p->pid == pid)
			return i;
		for (int j = 0; j < p->threads && j < SCENE_THREADS; j++)
			if (p->thread[j].tid == pid)
				return i;
	}
	return -1;
}

const struct scene_end *waits_end(const struct scene *scene, int process, int fd)
{
	for (int i = 0; i < scene->ends; i++)
		if (scene->end[i].process == process && scene->end[i].fd == fd)
			return &scene->end[i];
	return NULL;
}

static const struct {
	long call;
	const char *name;
	bool moves_data;
} calls[] = {
	{ SYS_read, "read", true },         { SYS_readv, "readv", true },
	{ SYS_write, "write", true },       { SYS_writev, "writev", true },
	{ SYS_recvfrom, "recv", true },     { SYS_recvmsg, "recvmsg", true },
	{ SYS_sendto, "send", true },       { SYS_sendmsg, "sendmsg", true },
	{ SYS_sendfile, "sendfile", true }, { SYS_ppoll, "poll", false },
	{ SYS_pselect6, "select", false },  { SYS_epoll_pwait, "epoll_wait", false },
	{ SYS_wait4, "waitpid", false },    { SYS_waitid, "waitid", false },
	{ SYS_futex, "futex", false },      { SYS_rt_sigsuspend, "sigsuspend", false },
	{ SYS_nanosleep, "nanosleep", false }, { SYS_clock_nanosleep, "clock_nanosleep", false },
	{ SYS_rt_sigtimedwait, "sigwait", false },
#ifdef SYS_poll
	{ SYS_poll, "poll", false },
#endif
#ifdef SYS_select
	{ SYS_select, "select", false },
#endif
#ifdef SYS_epoll_wait
	{ SYS_epoll_wait, "epoll_wait", false },
#endif
#ifdef SYS_epoll_pwait2
	{ SYS_epoll_pwait2, "epoll_wait", false },
#endif
#ifdef SYS_pause
	{ SYS_pause, "pause", false },
#endif
};
enum { CALLS = sizeof calls / sizeof *calls };

bool waits_moves_data(const struct scene_thread *thread)
{
	for (int i = 0; i < CALLS; i++)
		if (calls[i].call == thread->call)
			return calls[i].moves_data;
	return false;
}

const char *waits_call_name(const struct scene_thread *thread)
{
	static char other[CALL_NAME];
	for (int i = 0; i < CALLS; i++)
		if (calls[i].call == thread->call)
			return calls[i].name;
	snprintf(other, sizeof other, "system call %ld", thread->call);
	return other;
}

bool waits_holds(const struct holders *holders, int process)
{
	for (int i = 0; i < holders->count; i++)
		if (holders->process[i] == process)
			return true;
	return false;
}

void waits_holders(const struct scene *scene, unsigned long pipe, bool writers,
                   struct holders *holders)
{
	holders->count = 0;
	for (int i = 0; i < scene->ends; i++) {
		const struct scene_end *end = &scene->end[i];
		if (end->inode == pipe && !end->socket && (writers ? end->writes : end->reads) &&
		    !waits_holds(holders, end->process))
			holders->process[holders->count++] = end->process;
	}
}

bool waits_ended(const struct scene *scene, int rank)
{
	int process = waits_find(scene, scene->started[rank]);
	return process == -1 ? !scene->incomplete : scene->process[process].state == 'Z';
}

bool waits_any_ended(const struct scene *scene)
{
	for (int rank = 0; rank < scene->starts; rank++)
		if (waits_ended(scene, rank))
			return true;
	return false;
}

/* A mutex has its owner's thread two words on. Other things may stand there, so
 * that all of it must look like a mutex. */
static bool looks_like_mutex(const uint32_t *v)
{
	bool robust = (v[0] & OWNER_BITS) == v[MUTEX_OWNER] && v[0] > OWNER_BITS;
	bool locked = v[0] == 1 || v[0] == 2 || robust;
	return locked && v[MUTEX_OWNER] > 1 && v[MUTEX_OWNER] < OWNER_BITS &&
	       v[MUTEX_USERS] >= 1 && v[MUTEX_USERS] < SCENE_PROCESSES * SCENE_THREADS &&
	       v[MUTEX_KIND] < MUTEX_KINDS;
}

/* glibc's sem_t: value, waiters, 128 if shared between processes. */
static bool looks_like_semaphore(const uint32_t *v)
{
	return v[0] == 0 && v[1] >= 1 && v[1] < SCENE_PROCESSES * SCENE_THREADS &&
	       v[2] == 128 && v[3] == 0;
}

/* glibc's pthread_barrier_t: arrived, round, how many must arrive, 128 if shared.
 * What is waited for is the round, which no semaphore's first word can be: that
 * lies at a multiple of 8 bytes. */
static bool looks_like_barrier(const struct scene_word *word)
{
	const uint32_t *v = word->value;
	return word->address % 8 == 4 && v[1] >= 2 && v[1] < SCENE_PROCESSES * SCENE_THREADS &&
	       v[2] == 128;
}

struct lock waits_lock(const struct scene_word *word)
{
	if (!word->known)
		return (struct lock){ .kind = LOCK_UNKNOWN };
	if (looks_like_mutex(word->value))
		return (struct lock){ LOCK_MUTEX, (pid_t)word->value[MUTEX_OWNER] };
	if (looks_like_barrier(word))
		return (struct lock){ .kind = LOCK_BARRIER };
	if (looks_like_semaphore(word->value))
		return (struct lock){ .kind = LOCK_SEMAPHORE };
	return (struct lock){ .kind = LOCK_WORD };
}

const char *waits_word_name(const struct scene_word *word)
{
	switch (waits_lock(word).kind) {
	case LOCK_MUTEX: return "a mutex";
	case LOCK_SEMAPHORE: return "a semaphore";
	case LOCK_BARRIER: return "a barrier";
	default: return "a lock, a semaphore or a condition (futex)";
	}
}
