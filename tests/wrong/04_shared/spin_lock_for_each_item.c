/* Mistake:   takes a spin lock for every single result.
 * Test:      histogram_scales
 * Diagnosis: not-faster
 */
#include "shared_map.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct board {
	atomic_size_t next, finished;
	atomic_int out_of_range;
	pthread_spinlock_t busy; /* somebody is at the bins */
};

struct work {
	task_fn *task;
	const uint32_t *seeds;
	size_t n, chunk, nbins;
	int workers;
	struct board *board;
	int32_t *results;    /* in shared memory, behind the board */
	uint64_t *bins;      /* or these */
};

typedef void body_fn(const struct work *w, int rank);

static int fail(int why)
{
	errno = why;
	return why ? -1 : 0;
}

static size_t start_of(const struct work *w, int rank)
{
	size_t share = w->n / (size_t)w->workers, rest = w->n % (size_t)w->workers;
	size_t r = (size_t)rank;

	return r * share + (r < rest ? r : rest);
}

static void do_tasks(const struct work *w, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++)
		w->results[i] = w->task(w->seeds[i]);
	atomic_fetch_add(&w->board->finished, end - first);
}

static void do_slice(const struct work *w, int rank)
{
	do_tasks(w, start_of(w, rank), start_of(w, rank + 1));
}

static void do_chunks(const struct work *w, int rank)
{
	size_t first;

	(void)rank;
	while ((first = atomic_fetch_add(&w->board->next, w->chunk)) < w->n)
		do_tasks(w, first, w->n - first < w->chunk ? w->n : first + w->chunk);
}

static void count_slice(const struct work *w, int rank)
{
	size_t first = start_of(w, rank), end = start_of(w, rank + 1);

	for (size_t i = first; i < end; i++) {
		int32_t result = w->task(w->seeds[i]);

		pthread_spin_lock(&w->board->busy);
		if (result < 0 || (size_t)result >= w->nbins)
			w->board->out_of_range = 1;
		else
			w->bins[result]++;
		pthread_spin_unlock(&w->board->busy);
	}
	atomic_fetch_add(&w->board->finished, end - first);
}

static void wait_for(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static int run(const struct work *w, body_fn *body)
{
	int started = 0, why = 0;
	pid_t *pids = malloc((size_t)w->workers * sizeof *pids);

	if (!pids)
		return ENOMEM;
	fflush(NULL);
	while (started < w->workers && !why) {
		pid_t pid = fork();

		if (pid == 0) {
			body(w, started);
			_exit(0);
		}
		if (pid < 0)
			why = errno;
		else
			pids[started++] = pid;
	}
	for (int rank = 0; why && rank < started; rank++)
		kill(pids[rank], SIGKILL);
	for (int rank = 0; rank < started; rank++)
		wait_for(pids[rank]);
	free(pids);
	return why || w->board->finished == w->n ? why : ECHILD;
}

static int map(struct work *w, int32_t *results, body_fn *body)
{
	size_t bytes = w->n * sizeof *results, size = sizeof *w->board + bytes;
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return -1;
	w->board = memory;
	w->results = (int32_t *)(w->board + 1);
	int why = run(w, body);
	if (!why)
		memcpy(results, w->results, bytes);
	munmap(memory, size);
	return fail(why);
}

int shared_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	if (workers < 1 || (n > 0 && (!task || !seeds || !results)))
		return fail(EINVAL);
	if (n == 0)
		return 0;
	struct work w = { .task = task, .seeds = seeds, .n = n };
	w.workers = (size_t)workers < n ? workers : (int)n;
	return map(&w, results, do_slice);
}

int shared_map_dynamic(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
                       int workers, size_t chunk)
{
	if (workers < 1 || chunk == 0 || (n > 0 && (!task || !seeds || !results)))
		return fail(EINVAL);
	if (n == 0)
		return 0;
	struct work w = { .task = task, .seeds = seeds, .n = n, .chunk = chunk < n ? chunk : n };
	w.workers = (size_t)workers < n ? workers : (int)n;
	return map(&w, results, do_chunks);
}

int shared_histogram(task_fn *task, const uint32_t *seeds, size_t n, int workers, uint64_t bins[],
                     size_t nbins)
{
	if (workers < 1 || (n > 0 && (!task || !seeds)) || (nbins > 0 && !bins))
		return fail(EINVAL);
	if (n == 0) {
		for (size_t b = 0; b < nbins; b++)
			bins[b] = 0;
		return 0;
	}
	struct work w = { .task = task, .seeds = seeds, .n = n, .nbins = nbins };
	w.workers = (size_t)workers < n ? workers : (int)n;
	size_t size = sizeof *w.board + nbins * sizeof *w.bins;
	w.board = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (w.board == MAP_FAILED)
		return -1;
	pthread_spin_init(&w.board->busy, PTHREAD_PROCESS_SHARED);
	w.bins = (uint64_t *)(w.board + 1);
	int why = run(&w, count_slice);
	if (!why && w.board->out_of_range)
		why = ERANGE;
	for (size_t b = 0; !why && b < nbins; b++)
		bins[b] = w.bins[b];
	munmap(w.board, size);
	return fail(why);
}
