/* What a pipe does: how much it holds, what one read brings, what tells "empty" from "ended",
 * what a signal does, and what many small writes cost.
 *
 *     cc -std=gnu11 -O1 docs/examples/03_pipes.c -o build/03_pipes && build/03_pipes
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RESULTS = 50000, BYTES = RESULTS * 4 };
static char bytes[BYTES];

static void check(int failed, const char *call)
{
	if (failed)
		err(1, "%s", call);
}

static double microseconds(void)
{
	struct timespec now;
	check(clock_gettime(CLOCK_MONOTONIC, &now) == -1, "clock_gettime");
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec * 1e-3;
}

/* Prints what a call returned; to be called at once, before errno changes. */
static void show(const char *what, ssize_t returned)
{
	int failed = returned == -1;
	printf("%6zd  %s%s%s\n", returned, what, failed ? ": " : "", failed ? strerror(errno) : "");
}

static void handle(int signal)
{
	(void)signal; /* that there is a handler is enough */
}

/* From here on a signal comes every 20 ms, and has a handler. */
static void interrupt_often(void)
{
	struct sigaction action = { .sa_handler = handle }; /* without SA_RESTART */
	struct itimerval every_20_ms = { { 0, 20000 }, { 0, 20000 } };
	check(sigaction(SIGALRM, &action, NULL) == -1, "sigaction");
	check(setitimer(ITIMER_REAL, &every_20_ms, NULL) == -1, "setitimer");
}

static void show_calls(void)
{
	int ends[2];
	check(pipe2(ends, O_NONBLOCK) == -1, "pipe2"); /* no call waits: -1 with EAGAIN instead */
	show("write of 200000 bytes", write(ends[1], bytes, BYTES));
	show("read of 200000 bytes", read(ends[0], bytes, BYTES));
	show("read, empty, a write end is open", read(ends[0], bytes, 100));
	check(write(ends[1], "0123456789", 10) != 10, "write");
	show("read of 100 bytes, 10 are there", read(ends[0], bytes, 100));
	check(fcntl(ends[0], F_SETFL, 0) == -1, "fcntl"); /* now read waits */
	interrupt_often();
	show("read that waits, and a signal comes", read(ends[0], bytes, 100));
	signal(SIGALRM, SIG_IGN);
	close(ends[1]);
	show("read, empty, no write end is open", read(ends[0], bytes, 100));
	close(ends[0]);
	check(pipe(ends) == -1 || close(ends[0]) == -1, "pipe");
	signal(SIGPIPE, SIG_IGN); /* or this signal ended the program here */
	show("write, no read end is open", write(ends[1], bytes, 100));
	close(ends[1]);
}

/* A child writes all bytes in pieces of this size, and the parent reads until the end. */
static void send_in_pieces(size_t piece)
{
	int ends[2], status, reads = 0;
	check(pipe(ends) == -1 || fflush(stdout) == EOF, "pipe");
	double before = microseconds();
	pid_t pid = fork();
	check(pid == -1, "fork");
	if (pid == 0) {
		close(ends[0]);
		for (size_t sent = 0; sent < BYTES; sent += piece)
			if (write(ends[1], bytes, piece) != (ssize_t)piece)
				_exit(1); /* waits while the pipe is full, and no handler interrupts it */
		_exit(0);
	}
	close(ends[1]); /* or the read below would wait for the parent itself */
	for (ssize_t got; (got = read(ends[0], bytes, BYTES)) != 0; reads++)
		check(got == -1, "read");
	close(ends[0]);
	check(waitpid(pid, &status, 0) != pid || status != 0, "the child");
	double each = (microseconds() - before) / RESULTS;
	printf("in pieces of %6zu bytes: %6d reads, %6.3f us for a result\n", piece, reads, each);
}

int main(void)
{
	printf("PIPE_BUF %d, %d results of 4 bytes\n", PIPE_BUF, RESULTS);
	show_calls();
	send_in_pieces(4);
	send_in_pieces(4000);
	send_in_pieces(BYTES);
	return 0;
}
