/* Mistake:   the workers draw the numbers of chunks from one pipe, behind
 *            which stands one mark for the end. One worker takes it, and the
 *            others wait for theirs.
 * Test:      maps_in_order
 * Diagnosis: pipe-deadlock
 */
#include "pipe_map.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 60, CHUNKS = 200, END = 255 };

/* Less than PIPE_BUF: two messages are never mixed. */
struct message {
	size_t first, count;
	int32_t results[MOST];
};

static void send_chunk(int to, task_fn *task, const uint32_t *seeds, size_t first, size_t end)
{
	struct message m = { 0 };

	while (first < end) {
		m.first = first;
		m.count = end - first < MOST ? end - first : MOST;
		for (size_t i = 0; i < m.count; i++)
			m.results[i] = task(seeds[first + i]);
		first += m.count;
		while (write(to, &m, sizeof m) < 0)
			if (errno != EINTR)
				_exit(1);
	}
}

static void work(int queue, int to, task_fn *task, const uint32_t *seeds, size_t n)
{
	unsigned char chunk;
	ssize_t moved;

	while ((moved = read(queue, &chunk, 1)) != 0) {
		if (moved < 0 && errno == EINTR)
			continue;
		if (moved < 0 || chunk == END)
			break;
		send_chunk(to, task, seeds, n * chunk / CHUNKS, n * (chunk + 1u) / CHUNKS);
	}
	_exit(0);
}

/* So few bytes fit into any pipe. */
static int fill(int queue)
{
	unsigned char chunks[CHUNKS + 1];

	for (unsigned char i = 0; i < CHUNKS; i++)
		chunks[i] = i;
	chunks[CHUNKS] = END;
	while (write(queue, chunks, sizeof chunks) < 0)
		if (errno != EINTR)
			return -1;
	return 0;
}

/* Returns how many bytes of the message came. */
static size_t receive(int from, struct message *m)
{
	size_t have = 0;

	while (have < sizeof *m) {
		ssize_t moved = read(from, (char *)m + have, sizeof *m - have);

		if (moved < 0 && errno == EINTR)
			continue;
		if (moved <= 0)
			break;
		have += (size_t)moved;
	}
	return have;
}

/* Returns how many results came before the end of the file. */
static size_t receive_all(int from, int32_t *results)
{
	struct message m;
	size_t received = 0;

	while (receive(from, &m) == sizeof m) {
		memcpy(results + m.first, m.results, m.count * sizeof *results);
		received += m.count;
	}
	return received;
}

int pipe_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	int queue[2], ends[2], started = 0, why = 0;

	if (workers < 1 || (n > 0 && (!task || !seeds || !results))) {
		errno = EINVAL;
		return -1;
	}
	if (n == 0)
		return 0;
	if (n < (size_t)workers)
		workers = (int)n;
	pid_t *pids = malloc((size_t)workers * sizeof *pids);

	fflush(NULL);
	if (!pids || pipe(queue) < 0) {
		why = errno;
		free(pids);
		errno = why;
		return -1;
	}
	if (pipe(ends) < 0) {
		why = errno;
		close(queue[0]);
		close(queue[1]);
		free(pids);
		errno = why;
		return -1;
	}
	if (fill(queue[1]) < 0)
		why = errno;
	for (; !why && started < workers; started++) {
		pids[started] = fork();
		if (pids[started] == 0) {
			close(ends[0]);
			work(queue[0], ends[1], task, seeds, n);
		}
		if (pids[started] < 0) {
			why = errno;
			break;
		}
	}
	close(ends[1]);
	for (int i = 0; why && i < started; i++)
		kill(pids[i], SIGKILL);
	if (!why && receive_all(ends[0], results) < n)
		why = ECHILD;
	close(ends[0]);
	close(queue[0]);
	close(queue[1]);
	for (int i = 0; i < started; i++)
		while (waitpid(pids[i], NULL, 0) < 0 && errno == EINTR)
			;
	free(pids);
	errno = why;
	return why ? -1 : 0;
}
