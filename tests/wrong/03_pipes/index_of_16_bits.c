/* Mistake:   keeps the messages small with an index of 16 bits, which starts
 *            again at 0 after 65,535.
 * Test:      maps_a_million
 * Diagnosis: wrong-result
 */
#include "pipe_map.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 60 };

/* Less than PIPE_BUF: two messages are never mixed. */
struct message {
	uint16_t first, count;
	int32_t results[MOST];
};

static void work(int to, task_fn *task, const uint32_t *seeds, size_t first, size_t end)
{
	struct message m = { 0 };

	while (first < end) {
		m.first = (uint16_t)first;
		m.count = (uint16_t)(end - first < MOST ? end - first : MOST);
		for (size_t i = 0; i < m.count; i++)
			m.results[i] = task(seeds[first + i]);
		first += m.count;
		while (write(to, &m, sizeof m) < 0)
			if (errno != EINTR)
				_exit(1);
	}
	_exit(0);
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
	int ends[2], started = 0, why = 0;

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
	if (!pids || pipe(ends) < 0) {
		why = errno;
		free(pids);
		errno = why;
		return -1;
	}
	size_t share = n / (size_t)workers, more = n % (size_t)workers, first = 0;

	for (; started < workers; started++) {
		size_t end = first + share + ((size_t)started < more);

		pids[started] = fork();
		if (pids[started] == 0) {
			close(ends[0]);
			work(ends[1], task, seeds, first, end);
		}
		if (pids[started] < 0) {
			why = errno;
			break;
		}
		first = end;
	}
	close(ends[1]);
	for (int i = 0; why && i < started; i++)
		kill(pids[i], SIGKILL);
	if (!why && receive_all(ends[0], results) < n)
		why = ECHILD;
	close(ends[0]);
	for (int i = 0; i < started; i++)
		while (waitpid(pids[i], NULL, 0) < 0 && errno == EINTR)
			;
	free(pids);
	errno = why;
	return why ? -1 : 0;
}
