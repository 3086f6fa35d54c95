/* Mistake:   computes in threads of the caller. They write to pipes as they
 *            should, but a task that crashes takes the caller along.
 * Test:      runs_in_workers
 * Diagnosis: no-processes
 */
#include "pipe_map.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

struct worker {
	pthread_t thread;
	int from, to;
	task_fn *task;
	const uint32_t *seeds;
	int32_t *values; /* its own, before they are sent */
	size_t first, count;
};

static void *work(void *arg)
{
	struct worker *w = arg;
	const char *at = (const char *)w->values, *end = (const char *)(w->values + w->count);

	for (size_t i = 0; i < w->count; i++)
		w->values[i] = w->task(w->seeds[w->first + i]);
	while (at < end) {
		ssize_t moved = write(w->to, at, (size_t)(end - at));

		if (moved < 0 && errno != EINTR)
			break;
		at += moved < 0 ? 0 : moved;
	}
	close(w->to);
	return NULL;
}

static int start(struct worker *w)
{
	int ends[2];

	w->values = malloc(w->count * sizeof *w->values);
	if (!w->values || pipe(ends) < 0) {
		free(w->values);
		return -1;
	}
	w->from = ends[0];
	w->to = ends[1];
	if (pthread_create(&w->thread, NULL, work, w) != 0) {
		close(ends[0]);
		close(ends[1]);
		free(w->values);
		errno = EAGAIN;
		return -1;
	}
	return 0;
}

/* Returns whether all of it came. The pipe is read to its end in any case. */
static int finish(struct worker *w, int32_t *results)
{
	char *at = (char *)(results + w->first);
	size_t left = w->count * sizeof *results;

	while (left > 0) {
		ssize_t moved = read(w->from, at, left);

		if (moved == 0 || (moved < 0 && errno != EINTR))
			break;
		at += moved < 0 ? 0 : moved;
		left -= moved < 0 ? 0 : (size_t)moved;
	}
	pthread_join(w->thread, NULL);
	close(w->from);
	free(w->values);
	return left == 0;
}

int pipe_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	int started = 0, why = 0;
	size_t next = 0;

	if (workers < 1 || (n > 0 && (!task || !seeds || !results))) {
		errno = EINVAL;
		return -1;
	}
	if (n == 0)
		return 0;
	if (n < (size_t)workers)
		workers = (int)n;
	struct worker *all = calloc((size_t)workers, sizeof *all);

	if (!all)
		return -1;
	for (; started < workers && !why; started += !why) {
		struct worker *w = &all[started];

		w->task = task;
		w->seeds = seeds;
		w->first = next;
		w->count = (n - next) / (size_t)(workers - started);
		next += w->count;
		if (start(w) < 0)
			why = errno;
	}
	for (int i = 0; i < started; i++)
		if (!finish(&all[i], results) && !why)
			why = ECHILD;
	free(all);
	errno = why;
	return why ? -1 : 0;
}
