/* Unusual:   puts the workers into a process group of their own, so that one kill
 *            ends all of them; and reads the pipes from the last to the first.
 */
#include "pipe_map.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct worker {
	pid_t pid;
	int pipe;
	size_t begin, end;
};

static int send_range(int to, const char *at, const char *end)
{
	while (at < end) {
		ssize_t moved = write(to, at, (size_t)(end - at));

		if (moved < 0 && errno != EINTR)
			return 1;
		at += moved < 0 ? 0 : moved;
	}
	return 0;
}

static int receive_range(int from, char *at, const char *end)
{
	while (at < end) {
		ssize_t moved = read(from, at, (size_t)(end - at));

		if (moved == 0 || (moved < 0 && errno != EINTR))
			return 1;
		at += moved < 0 ? 0 : moved;
	}
	return 0;
}

/* In the worker. */
static void work(const struct worker w[], int rank, int to, task_fn *task, const uint32_t *seeds,
                 int32_t *results)
{
	setpgid(0, rank == 0 ? 0 : w[0].pid);
	for (int other = 0; other <= rank; other++)
		close(w[other].pipe);
	for (size_t i = w[rank].begin; i < w[rank].end; i++)
		results[i] = task(seeds[i]);
	_exit(send_range(to, (char *)(results + w[rank].begin), (char *)(results + w[rank].end)));
}

static int start(struct worker w[], int rank, task_fn *task, const uint32_t *seeds,
                 int32_t *results)
{
	int ends[2], error = 0;

	if (pipe(ends) == -1)
		return errno;
	w[rank].pipe = ends[0];
	w[rank].pid = fork();
	if (w[rank].pid == 0)
		work(w, rank, ends[1], task, seeds, results);
	if (w[rank].pid == -1) {
		error = errno;
		close(ends[0]);
	} else {
		setpgid(w[rank].pid, w[0].pid); /* in both: nobody knows who comes first */
	}
	close(ends[1]);
	return error;
}

static int run(struct worker w[], int count, task_fn *task, const uint32_t *seeds, size_t n,
               int32_t *results)
{
	int started = 0, error = 0, lacking = 0;
	size_t share = (n + (size_t)count - 1) / (size_t)count;

	for (; started < count && (size_t)started * share < n; started++) {
		w[started].begin = (size_t)started * share;
		w[started].end = n - w[started].begin < share ? n : w[started].begin + share;
		error = start(w, started, task, seeds, results);
		if (error)
			break;
	}
	if (error && started > 0)
		kill(-w[0].pid, SIGKILL); /* the first is not reaped yet: the group is there */
	for (int i = started - 1; i >= 0; i--) {
		if (!error)
			lacking += receive_range(w[i].pipe, (char *)(results + w[i].begin),
			                         (char *)(results + w[i].end));
		close(w[i].pipe);
	}
	for (int i = started - 1; i >= 0; i--)
		while (waitpid(w[i].pid, NULL, 0) == -1 && errno == EINTR)
			;
	return error ? error : lacking ? ECHILD : 0;
}

int pipe_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	if (workers < 1 || (n > 0 && (!task || !seeds || !results))) {
		errno = EINVAL;
		return -1;
	}
	if (n == 0)
		return 0;
	int count = (size_t)workers < n ? workers : (int)n;
	struct worker *w = calloc((size_t)count, sizeof *w);

	if (!w)
		return -1;
	fflush(NULL);
	int error = run(w, count, task, seeds, n, results);

	free(w);
	errno = error;
	return error ? -1 : 0;
}
