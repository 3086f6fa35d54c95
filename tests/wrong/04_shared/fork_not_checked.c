/* Mistake:   does not see that fork failed: the worker is missing, and -1 is
 *            taken for a pid.
 * Test:      undoes_a_failed_start
 * Diagnosis: ignored-failure
 */
#include "shared_map.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* In shared memory, one for each worker, and written by that worker alone. */
struct worker {
	pid_t pid;
	size_t finished;  /* tasks */
	int out_of_range;
};

enum kind { MAP_SLICES, MAP_CHUNKS, COUNT };

struct job {
	enum kind kind;
	task_fn *task;
	const uint32_t *seeds;
	size_t n, chunk, nbins;
	int count;               /* of workers */
	struct worker *workers;  /* shared, and behind them: */
	atomic_size_t *next;
	int32_t *results;
	uint64_t *rows;          /* count rows of nbins bins each */
	size_t bytes;            /* of all that */
};

static void *map_shared(size_t bytes)
{
	return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static void work(const struct job *j, int rank)
{
	struct worker *self = &j->workers[rank];
	size_t share = (j->n + (size_t)j->count - 1) / (size_t)j->count;
	size_t i = share * (size_t)rank, end = i + share;

	for (;;) {
		if (j->kind == MAP_CHUNKS) {
			i = atomic_fetch_add(j->next, j->chunk);
			end = i + j->chunk;
		}
		if (i >= j->n)
			return;
		if (end > j->n)
			end = j->n;
		for (; i < end; i++) {
			int32_t result = j->task(j->seeds[i]);

			if (j->kind != COUNT)
				j->results[i] = result;
			else if (result >= 0 && (size_t)result < j->nbins)
				j->rows[(size_t)rank * j->nbins + (size_t)result]++;
			else
				self->out_of_range = 1;
			self->finished++;
		}
		if (j->kind != MAP_CHUNKS)
			return;
	}
}

/* Returns 0 or an errno. */
static int start_and_wait(const struct job *j)
{
	int started = 0;
	size_t finished = 0;

	fflush(NULL);
	for (; started < j->count; started++) {
		pid_t pid = fork();

		if (pid == 0) {
			work(j, started);
			_exit(0);
		}
		j->workers[started].pid = pid;
	}
	for (int rank = 0; rank < started; rank++) {
		while (waitpid(j->workers[rank].pid, NULL, 0) == -1 && errno == EINTR)
			;
		finished += j->workers[rank].finished;
	}
	return finished < j->n ? ECHILD : 0;
}

/* The workers, the counter and so many bytes of data. */
static int set_up(struct job *j, int workers, size_t data)
{
	j->count = (size_t)workers < j->n ? workers : (int)j->n;
	size_t head = (size_t)j->count * sizeof *j->workers;
	j->bytes = head + sizeof *j->next + data;
	j->workers = map_shared(j->bytes);
	if (j->workers == MAP_FAILED)
		return -1;
	j->next = (atomic_size_t *)(j->workers + j->count);
	j->results = (int32_t *)(j->next + 1);
	j->rows = (uint64_t *)(j->next + 1);
	return 0;
}

static int clean_up(struct job *j, int error)
{
	munmap(j->workers, j->bytes);
	errno = error;
	return error == 0 ? 0 : -1;
}

static int map(struct job *j, int32_t *results, int workers)
{
	if (workers < 1 || (j->n > 0 && (!j->task || !j->seeds || !results))) {
		errno = EINVAL;
		return -1;
	}
	if (j->n == 0)
		return 0;
	if (set_up(j, workers, j->n * sizeof *results) == -1)
		return -1;
	int error = start_and_wait(j);
	if (error == 0)
		memcpy(results, j->results, j->n * sizeof *results);
	return clean_up(j, error);
}

int shared_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	struct job j = { .kind = MAP_SLICES, .task = task, .seeds = seeds, .n = n };

	return map(&j, results, workers);
}

int shared_map_dynamic(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
                       int workers, size_t chunk)
{
	struct job j = { .kind = MAP_CHUNKS, .task = task, .seeds = seeds, .n = n };

	if (chunk == 0) {
		errno = EINVAL;
		return -1;
	}
	j.chunk = chunk < n ? chunk : n;
	return map(&j, results, workers);
}

int shared_histogram(task_fn *task, const uint32_t *seeds, size_t n, int workers, uint64_t bins[],
                     size_t nbins)
{
	struct job j = { .kind = COUNT, .task = task, .seeds = seeds, .n = n, .nbins = nbins };

	if (workers < 1 || (n > 0 && (!task || !seeds)) || (nbins > 0 && !bins)) {
		errno = EINVAL;
		return -1;
	}
	if (n == 0) {
		memset(bins, 0, nbins * sizeof *bins);
		return 0;
	}
	if (set_up(&j, workers, (size_t)workers * nbins * sizeof *bins) == -1)
		return -1;
	int error = start_and_wait(&j);
	for (int rank = 0; error == 0 && rank < j.count; rank++)
		if (j.workers[rank].out_of_range)
			error = ERANGE;
	for (size_t bin = 0; error == 0 && bin < nbins; bin++) {
		bins[bin] = 0;
		for (size_t rank = 0; rank < (size_t)j.count; rank++)
			bins[bin] += j.rows[rank * nbins + bin];
	}
	return clean_up(&j, error);
}
