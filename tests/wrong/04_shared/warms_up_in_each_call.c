/* Mistake:   before each map it starts and awaits five sets of workers that do
 *            nothing, to "warm up" the machine: whatever n is, that costs six
 *            times as much as starting them once.
 * Test:      map_is_faster
 * Diagnosis: late-crossover
 */
#define _GNU_SOURCE
#include "shared_map.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct board {
	atomic_size_t next;       /* the first task that nobody has taken yet */
	atomic_size_t finished;   /* tasks whose results are in place */
	atomic_bool out_of_range; /* somebody met a result without a bin */
};

/* What the workers need to know. Each gets its copy with the fork. */
struct job {
	task_fn *task;
	const uint32_t *seeds;
	size_t n;
	int workers;
	size_t chunk;         /* of tasks, for dynamic sharing */
	struct board *board;  /* shared */
	int32_t *results;     /* shared: n of them, or */
	atomic_ullong *bins;  /* shared: nbins of them */
	size_t nbins;
};

typedef void body_fn(const struct job *job, int rank);

/* --- sharing and forking --------------------------------------------------- */

static size_t board_size(size_t behind)
{
	return sizeof(struct board) + behind;
}

/* A zeroed board with so many bytes behind it; NULL with errno. */
static struct board *board_create(size_t behind)
{
	void *memory = mmap(NULL, board_size(behind), PROT_READ | PROT_WRITE,
	                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return memory == MAP_FAILED ? NULL : memory;
}

static void wait_for(pid_t pid)
{
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		; /* a signal handler of the caller ran: the worker still does */
}

/* Starts all workers. Returns how many could be, with errno where not all. */
static int start_all(const struct job *job, body_fn *body, pid_t pids[])
{
	fflush(NULL); /* or each child inherits what the caller has not written yet */
	for (int rank = 0; rank < job->workers; rank++) {
		pids[rank] = fork();
		if (pids[rank] == 0) {
			body(job, rank);
			_exit(0);
		}
		if (pids[rank] == -1)
			return rank;
	}
	return job->workers;
}

enum { WARM_UPS = 5 };

static void warm_up(int workers)
{
	for (int i = 0; i < WARM_UPS * workers; i++) {
		pid_t pid = fork();
		if (pid == 0)
			_exit(0);
		if (pid > 0 && i % workers == workers - 1)
			while (wait(NULL) > 0)
				;
	}
}

/* Runs the body in all workers and waits for them. Returns 0 if every task was
 * finished, or an errno. */
static int run(const struct job *job, body_fn *body)
{
	int error = 0;
	pid_t *pids = calloc((size_t)job->workers, sizeof *pids);
	if (pids == NULL)
		return ENOMEM;
	warm_up(job->workers);
	int started = start_all(job, body, pids);
	if (started < job->workers)
		error = errno;
	for (int rank = 0; error != 0 && rank < started; rank++)
		kill(pids[rank], SIGKILL);
	for (int rank = 0; rank < started; rank++)
		wait_for(pids[rank]);
	free(pids);
	if (error == 0 && atomic_load(&job->board->finished) < job->n)
		error = ECHILD;
	return error;
}

/* Never more workers than tasks. */
static int enough_workers(size_t n, int workers)
{
	return (size_t)workers < n ? workers : (int)n;
}

static int as_status(int error)
{
	errno = error;
	return error == 0 ? 0 : -1;
}

/* Slices as even as can be: the first n % workers get one task more. */
static size_t slice_start(const struct job *job, int rank)
{
	size_t workers = (size_t)job->workers, which = (size_t)rank, more = job->n % workers;
	return job->n / workers * which + (which < more ? which : more);
}

/* --- the maps --------------------------------------------------------------- */

static void map_tasks(const struct job *job, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++)
		job->results[i] = job->task(job->seeds[i]);
	atomic_fetch_add_explicit(&job->board->finished, end - first, memory_order_relaxed);
}

static void map_slice(const struct job *job, int rank)
{
	map_tasks(job, slice_start(job, rank), slice_start(job, rank + 1));
}

/* Taking a chunk is one atomic addition: two workers can never get the same one.
 * A load and a store, each atomic, would let another come between. */
static void map_chunks(const struct job *job, int rank)
{
	(void)rank;
	for (;;) {
		size_t first = atomic_fetch_add_explicit(&job->board->next, job->chunk,
		                                         memory_order_relaxed);
		if (first >= job->n)
			return;
		size_t left = job->n - first;
		map_tasks(job, first, first + (job->chunk < left ? job->chunk : left));
	}
}

static int map(struct job *job, int32_t *results, body_fn *body)
{
	size_t size = job->n * sizeof *results;
	job->board = board_create(size);
	if (job->board == NULL)
		return -1;
	job->results = (int32_t *)(job->board + 1);
	int error = run(job, body);
	if (error == 0)
		memcpy(results, job->results, size);
	munmap(job->board, board_size(size));
	return as_status(error);
}

static bool bad(task_fn *task, const uint32_t *seeds, size_t n, const void *results, int workers)
{
	return workers < 1 || (n > 0 && (task == NULL || seeds == NULL || results == NULL));
}

int shared_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	struct job job = { .task = task, .seeds = seeds, .n = n };
	if (bad(task, seeds, n, results, workers))
		return as_status(EINVAL);
	if (n == 0)
		return 0;
	job.workers = enough_workers(n, workers);
	return map(&job, results, map_slice);
}

int shared_map_dynamic(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
                       int workers, size_t chunk)
{
	struct job job = { .task = task, .seeds = seeds, .n = n };
	if (chunk == 0 || bad(task, seeds, n, results, workers))
		return as_status(EINVAL);
	if (n == 0)
		return 0;
	job.workers = enough_workers(n, workers);
	job.chunk = chunk < n ? chunk : n; /* or `next` could grow beyond SIZE_MAX */
	return map(&job, results, map_chunks);
}

/* --- the histogram ---------------------------------------------------------- */

/* Counts in bins of its own, and adds these up once at the end: what costs is not
 * the addition but that the CPUs take the word from each other. */
static void count_slice(const struct job *job, int rank)
{
	size_t first = slice_start(job, rank), end = slice_start(job, rank + 1);
	uint64_t *own = calloc(job->nbins + 1, sizeof *own);
	if (own == NULL)
		_exit(1); /* not finished: the parent will see that */
	for (size_t i = first; i < end; i++) {
		int32_t result = job->task(job->seeds[i]);
		if (result >= 0 && (size_t)result < job->nbins)
			own[result]++;
		else
			atomic_store_explicit(&job->board->out_of_range, true, memory_order_relaxed);
	}
	for (size_t bin = 0; bin < job->nbins; bin++)
		if (own[bin] > 0)
			atomic_fetch_add_explicit(&job->bins[bin], own[bin], memory_order_relaxed);
	atomic_fetch_add_explicit(&job->board->finished, end - first, memory_order_relaxed);
}

static int histogram(struct job *job, uint64_t bins[])
{
	size_t size = job->nbins * sizeof *job->bins;
	job->board = board_create(size);
	if (job->board == NULL)
		return -1;
	job->bins = (atomic_ullong *)(job->board + 1);
	int error = run(job, count_slice);
	if (error == 0 && atomic_load(&job->board->out_of_range))
		error = ERANGE;
	for (size_t bin = 0; error == 0 && bin < job->nbins; bin++)
		bins[bin] = atomic_load(&job->bins[bin]);
	munmap(job->board, board_size(size));
	return as_status(error);
}

int shared_histogram(task_fn *task, const uint32_t *seeds, size_t n, int workers, uint64_t bins[],
                     size_t nbins)
{
	struct job job = { .task = task, .seeds = seeds, .n = n, .nbins = nbins };
	if (bad(task, seeds, n, seeds, workers) || (nbins > 0 && bins == NULL))
		return as_status(EINVAL);
	if (n == 0) {
		for (size_t bin = 0; bin < nbins; bin++)
			bins[bin] = 0;
		return 0;
	}
	job.workers = enough_workers(n, workers);
	return histogram(&job, bins);
}
