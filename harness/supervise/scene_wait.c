/* From the system call that a thread is in to what it waits for. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scene_read.h"

/* --- descriptors ------------------------------------------------------------- */

static void want(struct scene_thread *t, int fd, bool reads, bool writes)
{
	t->kind = WAIT_FILES;
	if (t->wants < SCENE_WANTS)
		t->want[t->wants] = (struct scene_want){ .fd = fd, .reads = reads, .writes = writes };
	t->wants++;
}

static void want_poll(pid_t pid, struct scene_thread *t)
{
	struct pollfd list[SCENE_WANTS];
	size_t count = t->args[1] < SCENE_WANTS ? t->args[1] : SCENE_WANTS;
	size_t got = scene_memory(pid, t->args[0], list, count * sizeof *list) / sizeof *list;
	for (size_t i = 0; i < got; i++)
		if (list[i].fd >= 0)
			want(t, list[i].fd, (list[i].events & (POLLIN | POLLRDNORM)) != 0,
			     (list[i].events & (POLLOUT | POLLWRNORM)) != 0);
	if (got == count && t->args[1] > count)
		t->wants += (int)(t->args[1] - count);
}

/* Only as much of a set is read as the call was told to look at. */
static bool read_set(pid_t pid, unsigned long address, unsigned long fds, fd_set *set)
{
	size_t bytes = (fds + 63) / 64 * 8;
	FD_ZERO(set);
	return address == 0 || (bytes <= sizeof *set && scene_memory(pid, address, set, bytes) == bytes);
}

static void want_select(pid_t pid, struct scene_thread *t)
{
	fd_set reads, writes;
	if (!read_set(pid, t->args[1], t->args[0], &reads) ||
	    !read_set(pid, t->args[2], t->args[0], &writes))
		return;
	for (int fd = 0; fd < (int)t->args[0] && fd < FD_SETSIZE; fd++)
		if (FD_ISSET(fd, &reads) || FD_ISSET(fd, &writes))
			want(t, fd, FD_ISSET(fd, &reads), FD_ISSET(fd, &writes));
}

/* The lines "tfd:  5 events:  19 data: ..." of the epoll descriptor. */
static void want_epoll(pid_t pid, struct scene_thread *t)
{
	char line[256];
	FILE *file = scene_open(pid, "fdinfo/%d", (int)t->args[0]);
	while (file != NULL && fgets(line, sizeof line, file) != NULL) {
		int fd;
		unsigned events;
		if (sscanf(line, "tfd: %d events: %x", &fd, &events) == 2)
			want(t, fd, (events & EPOLLIN) != 0, (events & EPOLLOUT) != 0);
	}
	if (file != NULL)
		fclose(file);
}

/* How much the pipe holds that a thread is blocked writing to. The supervisor
 * becomes its reader for a moment: nobody sees that, for a writer that waits has
 * a reader already. */
static void read_pipe_size(pid_t pid, struct scene_thread *t)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid, t->want[0].fd);
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	int bytes = fd == -1 ? -1 : fcntl(fd, F_GETPIPE_SZ);
	t->pipe_bytes = bytes > 0 ? (size_t)bytes : 0;
	if (fd != -1)
		close(fd);
}

/* --- children ---------------------------------------------------------------- */

/* The process that a pidfd stands for, or -1. */
static pid_t pidfd_process(pid_t pid, int fd)
{
	char line[128];
	int found = -1;
	FILE *file = scene_open(pid, "fdinfo/%d", fd);
	while (file != NULL && found == -1 && fgets(line, sizeof line, file) != NULL)
		if (sscanf(line, "Pid: %d", &found) != 1)
			found = -1;
	if (file != NULL)
		fclose(file);
	return found;
}

static void wait_child(pid_t pid, struct scene_thread *t)
{
	int first = (int)t->args[0], id = (int)t->args[1];
	t->kind = WAIT_CHILD;
	if (t->call == SYS_wait4)
		t->child = first > 0 ? first : -1;
	else if (first == P_PID)
		t->child = id;
	else
		t->child = first == P_PIDFD ? pidfd_process(pid, id) : -1;
}

/* Somebody who polls nothing but a pidfd waits for that process. */
static void pidfd_is_child(pid_t pid, struct scene_thread *t)
{
	pid_t child = t->wants == 1 ? pidfd_process(pid, t->want[0].fd) : -1;
	if (child <= 0)
		return;
	t->kind = WAIT_CHILD;
	t->child = child;
}

/* --- futexes ----------------------------------------------------------------- */

/* A line of maps: start-end perms offset device inode path. */
static bool find_mapping(pid_t pid, struct scene_word *word, unsigned long *start,
                         unsigned long *end)
{
	char line[512], permissions[8];
	bool found = false;
	FILE *maps = scene_open(pid, "maps");
	while (maps != NULL && !found && fgets(line, sizeof line, maps) != NULL) {
		unsigned long from;
		word->name[0] = '\0';
		found = sscanf(line, "%lx-%lx %7s %lx %*s %lu %47[^\n]", start, end, permissions, &from,
		               &word->inode, word->name) >= 5 &&
		        word->address >= *start && word->address < *end;
		word->offset = from + word->address - *start;
		word->shared = found && permissions[3] == 's';
	}
	if (maps != NULL)
		fclose(maps);
	if (strncmp(word->name, "/dev/zero", strlen("/dev/zero")) == 0)
		word->name[0] = '\0';
	return found;
}

/* Memory that was shared before the student's function was called. */
static bool of_the_test(const struct watch *w, unsigned long start, unsigned long end)
{
	for (int i = 0; i < w->first_mappings.count && i < MAPPINGS_KEPT; i++)
		if (start >= w->first_mappings.mapping[i].start && end <= w->first_mappings.mapping[i].end)
			return true;
	return false;
}

/* pthread_join waits at a word that holds the other thread's id until it ends. */
static bool is_own_thread(pid_t pid, const struct scene_word *word)
{
	struct process thread;
	return !word->shared && word->value[0] != 0 && word->value[0] < 0x40000000 &&
	       tree_read_thread(pid, (pid_t)word->value[0], &thread);
}

static void wait_word(const struct watch *w, pid_t pid, struct scene_thread *t)
{
	struct scene_word *word = &t->word;
	unsigned long start = 0, end = 0;
	word->address = t->args[0];
	word->is_private = (t->args[1] & FUTEX_PRIVATE_FLAG) != 0;
	word->known = find_mapping(pid, word, &start, &end) &&
	              scene_memory(pid, word->address, word->value, sizeof word->value) >=
	                  sizeof word->value[0];
	t->kind = WAIT_WORD;
	if (word->known && word->shared && of_the_test(w, start, end))
		t->kind = WAIT_TEST;
	else if (word->known && is_own_thread(pid, word))
		t->kind = WAIT_JOIN;
}

/* --- all of them ------------------------------------------------------------- */

static void read_sleep(const struct watch *w, pid_t pid, struct scene_thread *t)
{
	int first = (int)t->args[0];
	switch (t->call) {
	case SYS_read: case SYS_readv: case SYS_recvfrom: case SYS_recvmsg:
		want(t, first, true, false);
		break;
	case SYS_write: case SYS_writev: case SYS_sendto: case SYS_sendmsg: case SYS_sendfile:
		want(t, first, false, true);
		read_pipe_size(pid, t);
		break;
	case SYS_ppoll:
#ifdef SYS_poll
	case SYS_poll:
#endif
		want_poll(pid, t);
		pidfd_is_child(pid, t);
		break;
	case SYS_pselect6:
#ifdef SYS_select
	case SYS_select:
#endif
		want_select(pid, t);
		break;
	case SYS_epoll_pwait:
#ifdef SYS_epoll_wait
	case SYS_epoll_wait:
#endif
#ifdef SYS_epoll_pwait2
	case SYS_epoll_pwait2:
#endif
		want_epoll(pid, t);
		break;
	case SYS_wait4: case SYS_waitid:
		wait_child(pid, t);
		break;
	case SYS_futex:
		wait_word(w, pid, t);
		break;
	case SYS_rt_sigsuspend: case SYS_rt_sigtimedwait:
#ifdef SYS_pause
	case SYS_pause:
#endif
		t->kind = WAIT_SIGNAL;
		break;
	case SYS_nanosleep: case SYS_clock_nanosleep:
		t->kind = WAIT_TIME;
		break;
	case -1:
		t->kind = WAIT_UNKNOWN;
		break;
	}
}

void scene_wait(const struct watch *w, pid_t pid, struct scene_thread *t)
{
	t->kind = WAIT_OTHER;
	if (t->state == 'Z' || t->state == 'X')
		t->kind = WAIT_ENDED;
	else if (t->state == 'T' || t->state == 't')
		t->kind = WAIT_STOPPED;
	else if (t->state == 'R')
		t->kind = WAIT_RUNS;
	else
		read_sleep(w, pid, t);
}
