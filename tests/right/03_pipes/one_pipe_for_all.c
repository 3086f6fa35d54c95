/* Unusual:   one pipe for all workers. They send small messages, each no longer
 *            than PIPE_BUF, which the kernel never mixes with another; a message
 *            says where its results belong. So the parent need not know who sent it,
 *            and the end of the file comes when the last worker has ended.
 */
#include "pipe_map.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { VALUES = (PIPE_BUF - sizeof(uint64_t) - sizeof(uint64_t)) / sizeof(int32_t) };

struct message {
	uint64_t first;
	uint32_t count;
	int32_t value[VALUES];
}; /* no longer than PIPE_BUF, with its padding */

/* All of the message or, where the parent is gone, nothing. */
static void send_message(int to, const struct message *m)
{
	while (write(to, m, sizeof *m) < 0)
		if (errno != EINTR)
			_exit(1);
}

static void work(int to, task_fn *task, const uint32_t *seeds, size_t first, size_t end)
{
	while (first < end) {
		struct message m;

		memset(&m, 0, sizeof m);
		m.first = first;
		while (first < end && m.count < VALUES)
			m.value[m.count++] = task(seeds[first++]);
		send_message(to, &m);
	}
	_exit(0);
}

/* One whole message, in as many pieces as read likes; false at the end. */
static bool receive_message(int from, struct message *m)
{
	for (size_t have = 0; have < sizeof *m;) {
		ssize_t moved = read(from, (char *)m + have, sizeof *m - have);

		if (moved == 0 || (moved < 0 && errno != EINTR))
			return false;
		if (moved > 0)
			have += (size_t)moved;
	}
	return true;
}

int pipe_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	int ends[2], started = 0, why = 0;
	size_t received = 0;
	struct message m;

	if (workers < 1 || (n > 0 && (!task || !seeds || !results))) {
		errno = EINVAL;
		return -1;
	}
	if (n == 0)
		return 0;
	if ((size_t)workers > n)
		workers = (int)n;
	fflush(NULL);
	pid_t *pids = malloc((size_t)workers * sizeof *pids);

	if (!pids)
		return -1;
	if (pipe(ends) < 0) {
		why = errno;
		free(pids);
		errno = why;
		return -1;
	}
	for (size_t first = 0; started < workers; started++) {
		size_t end = first + (n - first) / (size_t)(workers - started);

		pids[started] = fork();
		if (pids[started] < 0) {
			why = errno;
			break;
		}
		if (pids[started] == 0) {
			close(ends[0]);
			work(ends[1], task, seeds, first, end);
		}
		first = end;
	}
	close(ends[1]);
	for (int i = 0; why && i < started; i++)
		kill(pids[i], SIGKILL);
	while (!why && receive_message(ends[0], &m)) {
		memcpy(results + m.first, m.value, m.count * sizeof *results);
		received += m.count;
	}
	close(ends[0]);
	for (int i = 0; i < started; i++)
		while (waitpid(pids[i], NULL, 0) < 0 && errno == EINTR)
			;
	free(pids);
	if (!why && received < n)
		why = ECHILD;
	errno = why;
	return why ? -1 : 0;
}
