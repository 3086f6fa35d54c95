/* Every way to block on pipes for ever: one function each, chosen by arg[0]. */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "deadlocks.h"

enum { READ, WRITE, MUCH = 200000 };

static char block[MUCH];
static int *shared; /* the test's own memory */

static void make(int ends[2])
{
	if (pipe(ends) != 0)
		abort();
}

static void read_to_end(int fd)
{
	while (read(fd, block, sizeof block) > 0)
		;
}

static void write_much(int fd)
{
	for (size_t done = 0; done < sizeof block;) {
		ssize_t put = write(fd, block, sizeof block - done);
		if (put <= 0)
			return;
		done += (size_t)put;
	}
}

/* What a task of the test may do: waits until all have come. */
static void meet(int expected)
{
	int come = __atomic_add_fetch(&shared[1], 1, __ATOMIC_SEQ_CST);
	if (come == expected)
		syscall(SYS_futex, &shared[1], FUTEX_WAKE, expected, NULL, NULL, 0);
	while ((come = __atomic_load_n(&shared[1], __ATOMIC_SEQ_CST)) < expected)
		syscall(SYS_futex, &shared[1], FUTEX_WAIT, come, NULL, NULL, 0);
}

static void end_in_reader(void)
{
	int ends[2][2];
	for (int rank = 0; rank < 2; rank++) {
		make(ends[rank]);
		if (fork() == 0) {
			read_to_end(ends[rank][READ]);
			_exit(0);
		}
		close(ends[rank][READ]);
	}
	close(ends[0][WRITE]);
	close(ends[1][WRITE]);
	waitpid(-1, NULL, 0);
}

static void end_in_caller(int call)
{
	int ends[2];
	make(ends);
	if (fork() == 0) {
		close(ends[READ]);
		_exit(write(ends[WRITE], "x", 1) != 1);
	}
	struct pollfd wanted = { .fd = ends[READ], .events = POLLIN };
	struct epoll_event event = { .events = EPOLLIN };
	fd_set set;
	FD_ZERO(&set);
	FD_SET(ends[READ], &set);
	int epoll = call == END_IN_EPOLLER ? epoll_create1(0) : -1;
	if (epoll != -1)
		epoll_ctl(epoll, EPOLL_CTL_ADD, ends[READ], &event);
	if (call != END_IN_CALLER && read(ends[READ], block, 1) != 1)
		return;
	if (call == END_IN_POLLER)
		poll(&wanted, 1, -1);
	if (call == END_IN_EPOLLER)
		epoll_wait(epoll, &event, 1, -1);
	if (call == END_IN_SELECTER)
		select(ends[READ] + 1, &set, NULL, NULL, NULL);
	read_to_end(ends[READ]);
}

/* Results come back one worker after the other; the second worker fills its pipe. */
static void end_in_sibling(int how)
{
	int ends[2][2];
	for (int rank = 0; rank < 2; rank++)
		make(ends[rank]);
	for (int rank = 0; rank < 2; rank++) {
		if (fork() == 0) {
			close(ends[rank][READ]);
			if (rank == 0)
				close(ends[1][WRITE]);
			if (rank == 0 && how == END_AFTER_DEATH)
				raise(SIGKILL);
			write_much(ends[rank][WRITE]);
			_exit(0);
		}
	}
	close(ends[0][WRITE]);
	close(ends[1][WRITE]);
	read_to_end(ends[0][READ]);
}

static void end_in_waiter(void)
{
	int ends[2];
	make(ends);
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[WRITE]);
		read_to_end(ends[READ]);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void full_before_wait(void)
{
	int ends[2];
	make(ends);
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[READ]);
		write_much(ends[WRITE]);
		_exit(0);
	}
	close(ends[WRITE]);
	waitpid(pid, NULL, 0);
}

static void full_while_meeting(void)
{
	int ends[2][2];
	for (int rank = 0; rank < 2; rank++) {
		make(ends[rank]);
		if (fork() == 0) {
			if (rank == 1)
				write_much(ends[rank][WRITE]);
			meet(2);
			_exit(0);
		}
		close(ends[rank][WRITE]);
	}
	read_to_end(ends[0][READ]);
}

static void full_while_reading(void)
{
	int results[2], notes[2];
	make(results);
	make(notes);
	if (fork() == 0) {
		close(results[READ]);
		close(notes[READ]);
		write_much(notes[WRITE]);
		write_much(results[WRITE]);
		_exit(0);
	}
	close(results[WRITE]);
	close(notes[WRITE]);
	read_to_end(results[READ]);
}

static void both(int write_first)
{
	int down[2], up[2];
	make(down);
	make(up);
	if (fork() == 0) {
		close(down[WRITE]);
		close(up[READ]);
		if (write_first)
			write_much(up[WRITE]);
		read_to_end(down[READ]);
		_exit(0);
	}
	close(down[READ]);
	close(up[WRITE]);
	if (write_first)
		write_much(down[WRITE]);
	read_to_end(up[READ]);
}

static void *read_in_thread(void *ends)
{
	read_to_end(*(int *)ends);
	return NULL;
}

static void end_in_thread(void)
{
	int ends[2];
	pthread_t thread;
	make(ends);
	pid_t pid = fork();
	if (pid == 0) {
		if (pthread_create(&thread, NULL, read_in_thread, ends) == 0)
			pthread_join(thread, NULL);
		_exit(0);
	}
	close(ends[WRITE]);
	waitpid(pid, NULL, 0);
}

static void stopped_worker(void)
{
	int ends[2];
	make(ends);
	if (fork() == 0) {
		raise(SIGSTOP);
		_exit(0);
	}
	close(ends[WRITE]);
	read_to_end(ends[READ]);
}

long act(void *arg)
{
	int own[2];
	shared = arg;
	switch (shared[0]) {
	case END_IN_READER: end_in_reader(); break;
	case END_IN_CALLER: case END_IN_POLLER: case END_IN_EPOLLER: case END_IN_SELECTER:
		end_in_caller(shared[0]);
		break;
	case END_IN_SIBLING: case END_AFTER_DEATH: end_in_sibling(shared[0]); break;
	case END_IN_WAITER: end_in_waiter(); break;
	case FULL_BEFORE_WAIT: full_before_wait(); break;
	case FULL_WHILE_MEETING: full_while_meeting(); break;
	case FULL_WHILE_READING: full_while_reading(); break;
	case BOTH_WRITE: both(1); break;
	case BOTH_READ: both(0); break;
	case FULL_OF_ITSELF:
		make(own);
		write_much(own[WRITE]);
		break;
	case END_IN_THREAD: end_in_thread(); break;
	case STOPPED_WORKER: stopped_worker(); break;
	}
	return 0;
}
