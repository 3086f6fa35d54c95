/* Unusual:   stdio on the pipes. fread and fwrite of single bytes (size 1) say how
 *            many they moved, also when a signal interrupted them; then clearerr,
 *            and on with the rest. The streams have no buffer: stdio throws away
 *            what is in it when a write is interrupted.
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
	FILE *from;
	size_t first, count;
};

static int write_all(FILE *to, const char *at, size_t left)
{
	while (left > 0) {
		size_t moved;

		errno = 0;
		moved = fwrite(at, 1, left, to);
		at += moved;
		left -= moved;
		if (left > 0 && ferror(to) && errno != EINTR)
			return -1;
		clearerr(to);
	}
	return 0;
}

/* Returns 0 when all came, -1 where the end did. */
static int read_all(FILE *from, char *at, size_t left)
{
	while (left > 0) {
		size_t moved;

		errno = 0;
		moved = fread(at, 1, left, from);
		at += moved;
		left -= moved;
		if (left > 0 && (feof(from) || (ferror(from) && errno != EINTR)))
			return -1;
		clearerr(from);
	}
	return 0;
}

static void work(const struct worker *w, FILE *to, task_fn *task, const uint32_t *seeds,
                 int32_t *results)
{
	for (size_t i = w->first; i < w->first + w->count; i++)
		results[i] = task(seeds[i]);
	_exit(write_all(to, (const char *)(results + w->first), w->count * sizeof *results) < 0);
}

static int start(struct worker all[], int rank, task_fn *task, const uint32_t *seeds,
                 int32_t *results)
{
	struct worker *w = &all[rank];
	int ends[2], why;

	if (pipe(ends) < 0)
		return errno;
	FILE *from = fdopen(ends[0], "r");
	FILE *to = from ? fdopen(ends[1], "w") : NULL;

	if (to) {
		setvbuf(from, NULL, _IONBF, 0);
		setvbuf(to, NULL, _IONBF, 0);
	}
	if (!to || (w->pid = fork()) < 0) {
		why = errno;
		from ? fclose(from) : close(ends[0]);
		to ? fclose(to) : close(ends[1]);
		return why;
	}
	if (w->pid == 0) {
		close(ends[0]);
		for (int i = 0; i < rank; i++)
			close(fileno(all[i].from));
		work(w, to, task, seeds, results);
	}
	fclose(to);
	w->from = from;
	return 0;
}

int pipe_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	if (workers < 1 || (n > 0 && (!task || !seeds || !results))) {
		errno = EINVAL;
		return -1;
	}
	if (n == 0)
		return 0;
	int count = (size_t)workers < n ? workers : (int)n, started = 0, why = 0, lacking = 0;
	struct worker *all = calloc((size_t)count, sizeof *all);

	if (!all)
		return -1;
	fflush(NULL);
	for (size_t first = 0; started < count && !why; started += !why) {
		all[started].first = first;
		all[started].count = (n - first) / (size_t)(count - started);
		first += all[started].count;
		why = start(all, started, task, seeds, results);
	}
	for (int i = 0; why && i < started; i++)
		kill(all[i].pid, SIGKILL);
	for (int i = 0; i < started; i++) {
		struct worker *w = &all[i];

		if (!why && read_all(w->from, (char *)(results + w->first), w->count * sizeof *results) < 0)
			lacking = 1;
		fclose(w->from);
	}
	for (int i = 0; i < started; i++)
		while (waitpid(all[i].pid, NULL, 0) < 0 && errno == EINTR)
			;
	free(all);
	if (!why && lacking)
		why = ECHILD;
	errno = why;
	return why ? -1 : 0;
}
