/* Unusual:   waits for all pipes with epoll. A worker has no need of it, so that
 *            it closes its copy of the descriptor first.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "pipe_map.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

struct worker {
	pid_t pid;
	int from;
	size_t first, count;
	char *at, *end; /* where its next bytes go, and the end of its slice */
};

static void send_slice(int to, const char *at, size_t left)
{
	while (left > 0) {
		ssize_t moved = write(to, at, left);

		if (moved < 0) {
			if (errno == EINTR)
				continue;
			_exit(1);
		}
		at += moved;
		left -= (size_t)moved;
	}
}

static int start(struct worker *all, int rank, int watch, task_fn *task, const uint32_t *seeds,
                 int32_t *results)
{
	struct worker *w = &all[rank];
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = w };
	int ends[2], why;

	if (pipe(ends) < 0)
		return errno;
	w->from = ends[0];
	if (epoll_ctl(watch, EPOLL_CTL_ADD, w->from, &event) < 0 || (w->pid = fork()) < 0) {
		why = errno;
		close(ends[0]);
		close(ends[1]);
		return why;
	}
	if (w->pid == 0) {
		close(watch);
		for (int other = 0; other <= rank; other++)
			close(all[other].from);
		for (size_t i = w->first; i < w->first + w->count; i++)
			results[i] = task(seeds[i]);
		send_slice(ends[1], w->at, (size_t)(w->end - w->at));
		_exit(0);
	}
	close(ends[1]);
	return 0;
}

static int receive(int watch, int open)
{
	while (open > 0) {
		struct epoll_event event[16];
		int ready = epoll_wait(watch, event, 16, -1);

		if (ready < 0 && errno != EINTR)
			return errno;
		for (int i = 0; i < ready; i++) {
			struct worker *w = event[i].data.ptr;
			ssize_t moved = read(w->from, w->at, (size_t)(w->end - w->at));

			if (moved > 0)
				w->at += moved;
			if ((moved < 0 && errno == EINTR) || (moved > 0 && w->at < w->end))
				continue;
			/* Complete, or the end. A worker that has all of it said holds no
			 * copy of this read end, so that closing it ends the watch too. */
			epoll_ctl(watch, EPOLL_CTL_DEL, w->from, NULL);
			close(w->from);
			w->from = -1;
			open--;
		}
	}
	return 0;
}

static int map_with(struct worker *all, int count, task_fn *task, const uint32_t *seeds, size_t n,
                    int32_t *results)
{
	int watch = epoll_create1(EPOLL_CLOEXEC), started = 0, why = 0;
	size_t next = 0;

	if (watch < 0)
		return errno;
	fflush(NULL);
	while (started < count && !why) {
		struct worker *w = &all[started];

		w->first = next;
		w->count = (n - next) / (size_t)(count - started); /* of what is left, evenly */
		next += w->count;
		w->at = (char *)(results + w->first);
		w->end = (char *)(results + next);
		why = start(all, started, watch, task, seeds, results);
		started += why == 0;
	}
	if (!why)
		why = receive(watch, started);
	close(watch);
	for (int i = 0; i < started; i++) {
		if (why)
			kill(all[i].pid, SIGKILL);
		if (all[i].from >= 0)
			close(all[i].from);
	}
	int lacking = 0;

	for (int i = 0; i < started; i++) {
		while (waitpid(all[i].pid, NULL, 0) < 0 && errno == EINTR)
			;
		lacking += all[i].at < all[i].end;
	}
	return why ? why : lacking ? ECHILD : 0;
}

int pipe_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	if (workers < 1 || (n > 0 && (!task || !seeds || !results))) {
		errno = EINVAL;
		return -1;
	}
	if (n == 0)
		return 0;
	int count = (size_t)workers > n ? (int)n : workers;
	struct worker *all = calloc((size_t)count, sizeof *all);

	if (!all)
		return -1;
	int why = map_with(all, count, task, seeds, n, results);

	free(all);
	errno = why;
	return why ? -1 : 0;
}
