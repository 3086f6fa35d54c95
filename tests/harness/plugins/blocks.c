/* Makes every kind of call that can block, in ways in which it comes back at once,
 * and writes down which of them returned EINTR: the caller, its children, and
 * theirs, all at the same time. */
#define _GNU_SOURCE
#include "blocks.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FILLED = 2000, SELECT_MOST = 64 };

static struct blocks *b;
static int from, to, receiver, sender, poller; /* what there is to read, and room to write */
static sem_t semaphore;
static sigset_t every_signal, no_signal;

static void open_pipe(void)
{
	static char zeros[FILLED];
	int ends[2], flags = b->way == WAY_NONBLOCKING ? O_NONBLOCK : 0;
	if (pipe2(ends, flags) != 0 || syscall(SYS_write, ends[1], zeros, FILLED) != FILLED)
		abort();
	from = ends[0];
	to = ends[1];
}

static void open_file(void)
{
	from = to = memfd_create("file", 0);
	if (ftruncate(from, FILLED) != 0)
		abort();
}

static void open_everything(void)
{
	static char zeros[FILLED];
	struct epoll_event event = { .events = EPOLLIN };
	int ends[2], type = SOCK_STREAM | (b->way == WAY_NONBLOCKING ? SOCK_NONBLOCK : 0);
	if (b->way == WAY_FILES)
		open_file();
	else
		open_pipe();
	if (socketpair(AF_UNIX, type, 0, ends) != 0 ||
	    syscall(SYS_write, ends[1], zeros, FILLED) != FILLED)
		abort();
	receiver = ends[0];
	sender = ends[1];
	poller = epoll_create1(0);
	if (poller == -1 || receiver >= SELECT_MOST)
		abort();
	epoll_ctl(poller, EPOLL_CTL_ADD, receiver, &event);
	sem_init(&semaphore, 0, FILLED);
}

static void close_everything(void)
{
	close(from);
	if (to != from)
		close(to);
	close(receiver);
	close(sender);
	close(poller);
}

static long move(enum block_kind kind)
{
	char byte = 0;
	size_t size = b->way != WAY_NO_BYTES;
	struct iovec part = { &byte, size };
	int flags = b->way == WAY_DONTWAIT ? MSG_DONTWAIT : 0;
	switch (kind) {
	case BLOCK_READ: return read(from, &byte, size);
	case BLOCK_READV: return readv(from, &part, 1);
	case BLOCK_WRITE: return write(to, &byte, size);
	case BLOCK_WRITEV: return writev(to, &part, 1);
	case BLOCK_RECV: return recv(receiver, &byte, size, flags);
	default: return send(sender, &byte, size, flags);
	}
}

static long look(enum block_kind kind)
{
	int milliseconds = b->way == WAY_NO_TIME ? 0 : 1000;
	struct timespec time = { .tv_sec = milliseconds / 1000 };
	struct timeval old_time = { .tv_sec = milliseconds / 1000 };
	struct pollfd fd = { .fd = receiver, .events = POLLIN };
	struct epoll_event event;
	const sigset_t *mask = b->way == WAY_MASKED     ? &every_signal
	                       : b->way == WAY_UNMASKED ? &no_signal : NULL;
	fd_set set;
	FD_ZERO(&set);
	FD_SET(receiver, &set);
	switch (kind) {
	case BLOCK_POLL: return poll(&fd, 1, milliseconds);
	case BLOCK_PPOLL: return ppoll(&fd, 1, &time, mask);
	case BLOCK_SELECT: return select(SELECT_MOST, &set, NULL, NULL, &old_time);
	case BLOCK_PSELECT: return pselect(SELECT_MOST, &set, NULL, NULL, &time, mask);
	case BLOCK_EPOLL_WAIT: return epoll_wait(poller, &event, 1, milliseconds);
	default: return epoll_pwait(poller, &event, 1, milliseconds, mask);
	}
}

static long take(enum block_kind kind)
{
	static int word = 1;
	struct timespec until, time = { .tv_sec = b->way != WAY_NO_TIME };
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 1000;
	switch (kind) {
	case BLOCK_FUTEX: return syscall(SYS_futex, &word, FUTEX_WAIT, 0, &time, NULL, 0);
	case BLOCK_SEM_WAIT: return sem_wait(&semaphore);
	default: return sem_timedwait(&semaphore, &until);
	}
}

static int interrupted(enum block_kind kind)
{
	errno = 0;
	long result = kind < BLOCK_POLL ? move(kind) : kind < BLOCK_FUTEX ? look(kind) : take(kind);
	return result == -1 && errno == EINTR;
}

static void make_calls(char *seen)
{
	open_everything();
	b->fd = from;
	for (int round = 0; round < b->rounds; round++) {
		for (int kind = b->first; kind <= b->last; kind++) {
			for (int i = 0; i < b->polls_between; i++)
				interrupted(BLOCK_POLL);
			*seen++ = interrupted((enum block_kind)kind) ? '1' : '0';
		}
	}
	*seen = '\0';
	close_everything();
}

static void nap(int milliseconds)
{
	struct timespec left = { .tv_nsec = milliseconds * 1000000L };
	while (nanosleep(&left, &left) == -1 && errno == EINTR)
		;
}

/* Process 0 is the caller, 1 to 3 are its children, 4 and 5 those of 1, ... */
static void live(int which)
{
	int children = !b->family ? 0 : which == 0 ? 3 : which <= 3 ? 2 : 0;
	nap(b->jitter_ms * (BLOCK_PROCESSES - which));
	for (int i = 0; i < children; i++) {
		if (fork() == 0) {
			live(which == 0 ? 1 + i : 2 + 2 * which + i);
			_exit(0);
		}
	}
	make_calls(b->seen[which]);
	for (int i = 0; i < children;)
		i += wait(NULL) > 0;
}

long act(void *arg)
{
	b = arg;
	sigfillset(&every_signal);
	sigemptyset(&no_signal);
	sigset_t old;
	if (b->way == WAY_BLOCKED || b->way == WAY_UNMASKED)
		sigprocmask(SIG_SETMASK, &every_signal, &old);
	live(0);
	b->harness_interrupted = b->harness_waits();
	if (b->way == WAY_BLOCKED || b->way == WAY_UNMASKED)
		sigprocmask(SIG_SETMASK, &old, NULL);
	errno = 0;
	return 0;
}
