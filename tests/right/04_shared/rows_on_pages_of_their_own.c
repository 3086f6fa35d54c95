/* Unusual:   what a worker writes lies on pages that no other worker writes to:
 *            its record, and its row of bins. Static sharing in strides: worker 0
 *            has the tasks 0, workers, 2 workers, and so on.
 */
#include "shared_map.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* In shared memory, a page or more for each worker, written by that worker alone. */
struct worker {
	pid_t pid;
	size_t finished;  /* tasks */
	int out_of_range;
	uint64_t row[];   /* its bins */
};

enum kind { MAP_SLICES, MAP_CHUNKS, COUNT };

struct job {
	enum kind kind;
	task_fn *task;
	const uint32_t *seeds;
	size_t n, chunk, nbins;
	int count;               /* of workers */
	size_t stride;           /* bytes from one worker's pages to the next one's */
	char *workers;           /* shared, and behind them: */
	atomic_size_t *next;
	int32_t *results;
	size_t bytes;            /* of all that */
};

static void *map_shared(size_t bytes)
{
	return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static struct worker *worker(const struct job *j, int rank)
{
	return (struct worker *)(void *)(j->workers + j->stride * (size_t)rank);
}

static void work(const struct job *j, int rank)
{
	struct worker *self = worker(j, rank);
	size_t step = j->kind == MAP_CHUNKS ? 1 : (size_t)j->count;
	size_t i = (size_t)rank, end = j->n;

	for (;;) {
		if (j->kind == MAP_CHUNKS) {
			i = atomic_fetch_add(j->next, j->chunk);
			end = j->n < i + j->chunk ? j->n : i + j->chunk;
		}
		if (i >= j->n)
			return;
		for (; i < end; i += step) {
			int32_t result = j->task(j->seeds[i]);

			if (j->kind != COUNT)
				j->results[i] = result;
			else if (result >= 0 && (size_t)result < j->nbins)
				self->row[result]++;
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
	int started = 0, error = 0;
	size_t finished = 0;

	fflush(NULL);
	for (; started < j->count && error == 0; started++) {
		pid_t pid = fork();

		if (pid == 0) {
			work(j, started);
			_exit(0);
		}
		if (pid == -1)
			error = errno;
		worker(j, started)->pid = pid;
	}
	if (error != 0)
		started--; /* the last one is none */
	for (int rank = 0; error != 0 && rank < started; rank++)
		kill(worker(j, rank)->pid, SIGKILL);
	for (int rank = 0; rank < started; rank++) {
		while (waitpid(worker(j, rank)->pid, NULL, 0) == -1 && errno == EINTR)
			;
		finished += worker(j, rank)->finished;
	}
	return error == 0 && finished < j->n ? ECHILD : error;
}

/* The workers with their rows, the counter and so many bytes of data. */
static int set_up(struct job *j, int workers, size_t data)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t record = sizeof(struct worker) + j->nbins * sizeof(uint64_t);

	j->count = (size_t)workers < j->n ? workers : (int)j->n;
	j->stride = (record + page - 1) / page * page;
	size_t head = j->stride * (size_t)j->count;
	j->bytes = head + sizeof *j->next + data;
	j->workers = map_shared(j->bytes);
	if (j->workers == MAP_FAILED)
		return -1;
	j->next = (atomic_size_t *)(void *)(j->workers + head);
	j->results = (int32_t *)(j->next + 1);
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
		if (nbins > 0)
			memset(bins, 0, nbins * sizeof *bins);
		return 0;
	}
	if (set_up(&j, workers, 0) == -1)
		return -1;
	int error = start_and_wait(&j);
	for (int rank = 0; error == 0 && rank < j.count; rank++)
		if (worker(&j, rank)->out_of_range)
			error = ERANGE;
	for (size_t bin = 0; error == 0 && bin < nbins; bin++) {
		bins[bin] = 0;
		for (int rank = 0; rank < j.count; rank++)
			bins[bin] += worker(&j, rank)->row[bin];
	}
	return clean_up(&j, error);
}
