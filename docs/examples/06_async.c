/* Questions that are asked first and answered later; and a queue that becomes full.
 *
 *     cc -std=gnu11 -O1 docs/examples/06_async.c -o build/06_async -lm && build/06_async
 *
 * No pool: each question has a process, which answers when it is told to, so that the order is
 * no luck. Its future is one end of a pair of sockets. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct future { pid_t pid; int end; }; /* the answer will come through this end */

static void check(int ok, const char *call)
{
	if (!ok)
		err(1, "%s", call);
}

static double now(void)
{
	struct timespec time;
	check(clock_gettime(CLOCK_MONOTONIC, &time) == 0, "clock_gettime");
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Returns while the answer is still to come. fork copies *number for the child. */
static struct future ask(const int *number)
{
	int ends[2], word, answer;
	check(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
	pid_t pid = fork();
	check(pid != -1, "fork");
	if (pid == 0) {
		close(ends[0]);
		answer = *number * *number;
		_exit(read(ends[1], &word, sizeof word) != sizeof word || /* whoever asked is gone */
		      write(ends[1], &answer, sizeof answer) != sizeof answer);
	}
	check(close(ends[1]) == 0, "close");
	return (struct future){ pid, ends[0] };
}

/* The index of one of three that is ready within so many seconds; -1 if none is. */
static int any_of(const struct future futures[3], double seconds)
{
	struct pollfd ends[3];
	double deadline = now() + seconds;
	for (int i = 0; i < 3; i++)
		ends[i] = (struct pollfd){ .fd = futures[i].end, .events = POLLIN };
	for (;;) {
		int ready = poll(ends, 3, (int)ceil(1e3 * fmax(0, deadline - now())));
		check(ready != -1 || errno == EINTR, "poll");
		for (int i = 0; i < 3 && ready > 0; i++)
			if (ends[i].revents != 0)
				return i;
		if (now() >= deadline)
			return -1;
	}
}

/* Here the future ends. -1 if its process died before it had an answer. */
static int take(struct future f)
{
	int answer;
	ssize_t length = read(f.end, &answer, sizeof answer);
	check(close(f.end) == 0 && waitpid(f.pid, NULL, 0) == f.pid, "close or waitpid");
	return length == sizeof answer ? answer : -1;
}

/* Letters of PIPE_BUF bytes go into a pipe as a whole, or not at all. */
static void fill_a_queue(void)
{
	char letter[PIPE_BUF] = { 0 };
	int queue[2], posted = 0;
	check(pipe(queue) == 0, "pipe");
	check(fcntl(queue[1], F_SETFL, O_NONBLOCK) == 0, "fcntl");
	while (write(queue[1], letter, sizeof letter) == sizeof letter)
		letter[0] = (char)++posted; /* the queue has a copy of what was there */
	check(errno == EAGAIN, "write");
	printf("full, with letters:    %d\n", posted);
	check(read(queue[0], letter, sizeof letter) == sizeof letter, "read");
	printf("the first one says:    %d\n", letter[0]);
	check(write(queue[1], letter, sizeof letter) == sizeof letter, "write"); /* room again */
}

int main(void)
{
	double start = now();
	struct future futures[3];
	for (int i = 0, number = 10; i < 3; i++, number++) /* changes after the call */
		futures[i] = ask(&number);
	printf("three were asked in    %.2f ms\n", 1e3 * (now() - start));
	printf("ready, without a wait: %d\n", any_of(futures, 0));
	start = now();
	int any = any_of(futures, 0.05);
	printf("ready within 50 ms:    %d, known after %.1f ms\n", any, 1e3 * (now() - start));
	check(send(futures[1].end, &any, sizeof any, MSG_NOSIGNAL) == sizeof any, "send");
	printf("ready within 10 s:     %d\n", any_of(futures, 10));
	check(send(futures[0].end, &any, sizeof any, MSG_NOSIGNAL) == sizeof any, "send");
	check(kill(futures[2].pid, SIGKILL) == 0, "kill"); /* nobody wants that one any more */
	for (int i = 0; i < 3; i++)
		printf("answer %d:              %d\n", i, take(futures[i]));
	fill_a_queue();
	return 0;
}
