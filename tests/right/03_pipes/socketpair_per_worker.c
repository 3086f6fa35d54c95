/* Unusual:   a pair of connected sockets for each worker in place of a pipe. The
 *            worker that has sent all of it waits until the parent hangs up.
 */
#include "pipe_map.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct worker {
	pid_t pid;
	int line;
	size_t first, count;
};

/* In the worker. No SIGPIPE where the parent is gone: just the end. */
static void serve(int line, task_fn *task, const uint32_t *seeds, int32_t *results, size_t count)
{
	char nothing;

	for (size_t i = 0; i < count; i++)
		results[i] = task(seeds[i]);
	for (size_t sent = 0; sent < count * sizeof *results;) {
		ssize_t moved = send(line, (char *)results + sent, count * sizeof *results - sent,
		                     MSG_NOSIGNAL);
		if (moved < 0 && errno != EINTR)
			_exit(1);
		if (moved > 0)
			sent += (size_t)moved;
	}
	while (recv(line, &nothing, 1, 0) < 0 && errno == EINTR)
		;
	_exit(0);
}

static int start(struct worker all[], int rank, task_fn *task, const uint32_t *seeds,
                 int32_t *results)
{
	struct worker *w = &all[rank];
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		return -1;
	w->line = pair[0];
	w->pid = fork();
	if (w->pid == 0) {
		for (int i = 0; i <= rank; i++)
			close(all[i].line);
		serve(pair[1], task, seeds + w->first, results + w->first, w->count);
	}
	int why = errno;

	close(pair[1]);
	if (w->pid < 0) {
		close(pair[0]);
		errno = why;
		return -1;
	}
	return 0;
}

/* Returns whether all of it came; then the line is closed. */
static int receive(struct worker *w, int32_t *results)
{
	char *at = (char *)(results + w->first);
	size_t left = w->count * sizeof *results;

	while (left > 0) {
		ssize_t moved = recv(w->line, at, left, 0);

		if (moved == 0 || (moved < 0 && errno != EINTR))
			break;
		if (moved > 0) {
			at += moved;
			left -= (size_t)moved;
		}
	}
	close(w->line);
	return left == 0;
}

static void join(const struct worker *w)
{
	while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

int pipe_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	size_t first = 0;
	int why = 0;

	if (workers < 1 || (n > 0 && (!task || !seeds || !results))) {
		errno = EINVAL;
		return -1;
	}
	if (n < (size_t)workers)
		workers = (int)n;
	if (workers == 0)
		return 0;
	struct worker *all = malloc((size_t)workers * sizeof *all);

	if (!all)
		return -1;
	fflush(NULL);
	for (int rank = 0; rank < workers; rank++) {
		all[rank].first = first;
		all[rank].count = n / (size_t)workers + ((size_t)rank < n % (size_t)workers);
		first += all[rank].count;
		if (start(all, rank, task, seeds, results) < 0) {
			why = errno;
			workers = rank; /* as many are to be ended */
		}
	}
	for (int rank = 0; rank < workers; rank++) {
		if (why) {
			kill(all[rank].pid, SIGKILL);
			close(all[rank].line);
		}
	}
	int lacking = 0;

	for (int rank = 0; rank < workers && !why; rank++)
		lacking += !receive(&all[rank], results);
	for (int rank = 0; rank < workers; rank++)
		join(&all[rank]);
	free(all);
	if (!why && lacking)
		why = ECHILD;
	errno = why;
	return why ? -1 : 0;
}
