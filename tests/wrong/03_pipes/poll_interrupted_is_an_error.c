/* Mistake:   takes EINTR from poll for an error; the workers are still running
 *            then.
 * Test:      survives_interruptions
 * Diagnosis: interrupted-call
 */
#include "pipe_map.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BLOCK = 512 };

struct slice {
	pid_t pid;
	char *at;
	size_t left; /* bytes */
};

static void send_block(int to, const char *at, size_t size)
{
	while (size > 0) {
		ssize_t moved = write(to, at, size);

		if (moved < 0 && errno != EINTR)
			_exit(1);
		if (moved > 0) {
			at += moved;
			size -= (size_t)moved;
		}
	}
}

static void work(int to, task_fn *task, const uint32_t *seeds, size_t count)
{
	int32_t block[BLOCK];
	size_t filled = 0;

	for (size_t i = 0; i < count; i++) {
		block[filled++] = task(seeds[i]);
		if (filled == BLOCK || i + 1 == count) {
			send_block(to, (char *)block, filled * sizeof *block);
			filled = 0;
		}
	}
	_exit(0);
}

/* Returns 0, or the errno of what failed. */
static int start(struct slice *slices, struct pollfd *pipes, int rank, task_fn *task,
                 const uint32_t *seeds, size_t count)
{
	int ends[2], why = 0;

	if (pipe(ends) < 0)
		return errno;
	slices[rank].pid = fork();
	if (slices[rank].pid == 0) {
		close(ends[0]);
		for (int i = 0; i < rank; i++)
			close(pipes[i].fd);
		work(ends[1], task, seeds, count);
	}
	if (slices[rank].pid < 0) {
		why = errno;
		close(ends[0]);
	}
	close(ends[1]);
	pipes[rank].fd = ends[0];
	pipes[rank].events = POLLIN;
	return why;
}

/* Reads what there is. Returns whether more is to come. */
static int receive(struct slice *s, int from)
{
	ssize_t moved = read(from, s->at, s->left);

	if (moved < 0)
		return errno == EINTR;
	s->at += moved;
	s->left -= (size_t)moved;
	return moved > 0 && s->left > 0;
}

static int receive_all(struct slice *slices, struct pollfd *pipes, int count)
{
	int open = count, why = 0;

	while (open > 0) {
		if (poll(pipes, (nfds_t)count, -1) < 0)
			return errno;
		for (int i = 0; i < count; i++) {
			if (pipes[i].fd < 0 || !pipes[i].revents || receive(&slices[i], pipes[i].fd))
				continue;
			if (slices[i].left > 0)
				why = ECHILD;
			close(pipes[i].fd);
			pipes[i].fd = -1;
			open--;
		}
	}
	return why;
}

int pipe_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	if (workers < 1 || (n > 0 && (!task || !seeds || !results))) {
		errno = EINVAL;
		return -1;
	}
	if (n == 0)
		return 0;
	int count = (size_t)workers < n ? workers : (int)n, started = 0, why = 0;
	struct slice *slices = calloc((size_t)count, sizeof *slices);
	struct pollfd *pipes = calloc((size_t)count, sizeof *pipes);
	size_t first = 0;

	if (!slices || !pipes)
		why = ENOMEM;
	fflush(NULL);
	while (!why && started < count) {
		size_t share = (n - first) / (size_t)(count - started);

		slices[started].at = (char *)(results + first);
		slices[started].left = share * sizeof *results;
		why = start(slices, pipes, started, task, seeds + first, share);
		first += share;
		started += !why;
	}
	for (int i = 0; why && i < started; i++)
		kill(slices[i].pid, SIGKILL);
	if (!why)
		why = receive_all(slices, pipes, count);
	for (int i = 0; i < started; i++) {
		if (pipes[i].fd >= 0)
			close(pipes[i].fd);
		while (waitpid(slices[i].pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	free(slices);
	free(pipes);
	errno = why;
	return why ? -1 : 0;
}
