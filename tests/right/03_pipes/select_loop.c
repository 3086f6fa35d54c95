/* Unusual:   the workers send their results in small blocks while they compute; the
 *            parent waits with select for whatever comes first, and reads it. The
 *            sets are as long as the largest descriptor asks for: an fd_set ends
 *            at 1024.
 */
#include "pipe_map.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BITS = sizeof(unsigned long) * CHAR_BIT };

struct worker {
	pid_t pid;
	int fd; /* -1: closed */
	char *next;
	size_t left; /* bytes of its slice that have not come yet */
};

static int send_all(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size > 0) {
		ssize_t moved = write(fd, at, size);

		if (moved < 0 && errno != EINTR)
			return -1;
		if (moved > 0) {
			at += moved;
			size -= (size_t)moved;
		}
	}
	return 0;
}

static int start(struct worker w[], int rank, task_fn *task, const uint32_t *seeds, size_t count)
{
	int ends[2];

	if (pipe(ends) < 0)
		return -1;
	w[rank].pid = fork();
	if (w[rank].pid == 0) {
		close(ends[0]);
		for (int other = 0; other < rank; other++)
			close(w[other].fd);
		int32_t block[256]; /* results; a call for each would cost as much as its task */

		for (size_t i = 0; i < count;) {
			size_t filled = 0;

			while (filled < sizeof block / sizeof *block && i < count)
				block[filled++] = task(seeds[i++]);
			if (send_all(ends[1], block, filled * sizeof *block) < 0)
				_exit(1);
		}
		_exit(0);
	}
	int why = errno;

	close(ends[1]);
	if (w[rank].pid < 0)
		close(ends[0]);
	else
		w[rank].fd = ends[0];
	errno = why;
	return w[rank].pid < 0 ? -1 : 0;
}

/* Reads what is there. At the end of the file, or where reading fails, the pipe is
 * closed; what has not come by then never will. */
static void receive(struct worker *w)
{
	char beyond;
	ssize_t moved = read(w->fd, w->left > 0 ? w->next : &beyond, w->left > 0 ? w->left : 1);

	if (moved < 0 && errno == EINTR)
		return;
	if (moved <= 0) {
		close(w->fd);
		w->fd = -1;
	} else if (w->left > 0) {
		w->next += moved;
		w->left -= (size_t)moved;
	}
}

/* Returns whether every pipe came to its end; not so when select itself fails. */
static int receive_all(struct worker w[], int count, unsigned long *set, size_t words)
{
	for (;;) {
		int last = -1;

		memset(set, 0, words * sizeof *set);
		for (int i = 0; i < count; i++) {
			if (w[i].fd < 0)
				continue;
			set[w[i].fd / BITS] |= 1ul << (w[i].fd % BITS);
			if (w[i].fd > last)
				last = w[i].fd;
		}
		if (last < 0)
			return 1;
		if (select(last + 1, (fd_set *)(void *)set, NULL, NULL, NULL) < 0) {
			if (errno == EINTR)
				continue;
			return 0;
		}
		for (int i = 0; i < count; i++)
			if (w[i].fd >= 0 && set[w[i].fd / BITS] & 1ul << (w[i].fd % BITS))
				receive(&w[i]);
	}
}

/* Ends what is left of the workers, and returns the number of bytes that lack. */
static size_t finish(struct worker w[], int count, int killing)
{
	size_t left = 0;

	for (int i = 0; i < count; i++) {
		if (killing)
			kill(w[i].pid, SIGKILL);
		if (w[i].fd >= 0)
			close(w[i].fd);
	}
	for (int i = 0; i < count; i++) {
		while (waitpid(w[i].pid, NULL, 0) < 0 && errno == EINTR)
			;
		left += w[i].left;
	}
	return left;
}

int pipe_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	int started = 0, why = 0, last = 0;
	size_t first = 0;

	if (workers < 1 || (n > 0 && (!task || !seeds || !results))) {
		errno = EINVAL;
		return -1;
	}
	if (n == 0)
		return 0;
	size_t count = (size_t)workers < n ? (size_t)workers : n;
	struct worker *w = calloc(count, sizeof *w);

	if (!w)
		return -1;
	fflush(NULL);
	for (; started < (int)count && !why; started += !why) {
		size_t share = n / count + ((size_t)started < n % count);

		w[started].next = (char *)(results + first);
		w[started].left = share * sizeof *results;
		if (start(w, started, task, seeds + first, share) < 0)
			why = errno;
		else if (w[started].fd > last)
			last = w[started].fd;
		first += share;
	}
	size_t words = (size_t)last / BITS + 1;
	unsigned long *set = why ? NULL : malloc(words * sizeof *set);

	if (!why && (!set || !receive_all(w, started, set, words)))
		why = errno;
	free(set);
	if (finish(w, started, why != 0) > 0 && !why)
		why = ECHILD;
	free(w);
	errno = why;
	return why ? -1 : 0;
}
