/* Mistake:   starts as many processes as it was asked for, also where there are
 *            fewer tasks.
 * Test:      more_workers_than_tasks
 * Diagnosis: extra-processes
 */
#include "shared_map.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct shared {
	pthread_mutex_t lock; /* guards what follows */
	size_t next, finished;
	int out_of_range;
	union {
		int32_t results[1]; /* n of them */
		uint64_t bins[1];   /* or nbins of these */
	} data;
};

/* Set before the workers are forked. */
static task_fn *the_task;
static const uint32_t *the_seeds;
static size_t tasks, chunk_size, bin_count;
static int worker_count;
static struct shared *shared;
static size_t shared_bytes;

static int share(size_t data_bytes)
{
	pthread_mutexattr_t attributes;

	shared_bytes = sizeof *shared + data_bytes;
	shared = mmap(NULL, shared_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return -1;
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&shared->lock, &attributes);
	pthread_mutexattr_destroy(&attributes);
	return 0;
}

static size_t slice_start(size_t rank)
{
	size_t workers = (size_t)worker_count;

	return tasks / workers * rank + (rank < tasks % workers ? rank : tasks % workers);
}

static void finish(size_t count)
{
	pthread_mutex_lock(&shared->lock);
	shared->finished += count;
	pthread_mutex_unlock(&shared->lock);
}

static void map_range(size_t first, size_t end)
{
	int32_t *results = shared->data.results;

	for (size_t i = first; i < end; i++)
		results[i] = the_task(the_seeds[i]);
	finish(end - first);
}

static void map_slice(size_t rank)
{
	map_range(slice_start(rank), slice_start(rank + 1));
}

static size_t take_chunk(void)
{
	pthread_mutex_lock(&shared->lock);
	size_t first = shared->next;
	shared->next += chunk_size;
	pthread_mutex_unlock(&shared->lock);
	return first;
}

static void map_chunks(size_t rank)
{
	(void)rank;
	for (size_t first = take_chunk(); first < tasks; first = take_chunk()) {
		size_t left = tasks - first;
		map_range(first, first + (left < chunk_size ? left : chunk_size));
	}
}

static void add_to_shared_bins(const uint64_t *own, int out_of_range)
{
	uint64_t *bins = shared->data.bins;

	pthread_mutex_lock(&shared->lock);
	for (size_t bin = 0; bin < bin_count; bin++)
		bins[bin] += own[bin];
	shared->out_of_range |= out_of_range;
	pthread_mutex_unlock(&shared->lock);
}

static void count_slice(size_t rank)
{
	size_t first = slice_start(rank), end = slice_start(rank + 1);
	uint64_t *own = calloc(bin_count + 1, sizeof *own);
	int out_of_range = 0;

	if (own == NULL)
		_exit(1);
	for (size_t i = first; i < end; i++) {
		int32_t result = the_task(the_seeds[i]);
		if (result >= 0 && (size_t)result < bin_count)
			own[result]++;
		else
			out_of_range = 1;
	}
	add_to_shared_bins(own, out_of_range);
	finish(end - first);
}

static void end_workers(const pid_t *pids, int started, int early)
{
	for (int rank = 0; early && rank < started; rank++)
		kill(pids[rank], SIGKILL);
	for (int rank = 0; rank < started; rank++)
		while (waitpid(pids[rank], NULL, 0) == -1 && errno == EINTR)
			;
}

/* Returns 0 or an errno. */
static int run_workers(void (*body)(size_t rank))
{
	int started, error = 0;
	pid_t *pids = calloc((size_t)worker_count, sizeof *pids);

	if (pids == NULL)
		return ENOMEM;
	fflush(NULL);
	for (started = 0; started < worker_count; started++) {
		pids[started] = fork();
		if (pids[started] == 0) {
			body((size_t)started);
			_exit(0);
		}
		if (pids[started] == -1) {
			error = errno;
			break;
		}
	}
	end_workers(pids, started, error != 0);
	free(pids);
	if (error == 0 && shared->finished != tasks)
		error = ECHILD;
	return error;
}

static int map(int32_t *results, void (*body)(size_t rank))
{
	if (share(tasks * sizeof *results) == -1)
		return -1;
	int error = run_workers(body);
	if (error == 0)
		memcpy(results, shared->data.results, tasks * sizeof *results);
	munmap(shared, shared_bytes);
	errno = error;
	return error ? -1 : 0;
}

static int set_up(task_fn *task, const uint32_t *seeds, size_t n, const void *output, int workers)
{
	if (workers < 1 || (n > 0 && (task == NULL || seeds == NULL || output == NULL))) {
		errno = EINVAL;
		return -1;
	}
	the_task = task;
	the_seeds = seeds;
	tasks = n;
	worker_count = workers;
	return 0;
}

int shared_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	if (set_up(task, seeds, n, results, workers) == -1)
		return -1;
	return n == 0 ? 0 : map(results, map_slice);
}

int shared_map_dynamic(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
                       int workers, size_t chunk)
{
	if (chunk == 0) {
		errno = EINVAL;
		return -1;
	}
	if (set_up(task, seeds, n, results, workers) == -1)
		return -1;
	chunk_size = chunk < n ? chunk : n;
	return n == 0 ? 0 : map(results, map_chunks);
}

int shared_histogram(task_fn *task, const uint32_t *seeds, size_t n, int workers, uint64_t bins[],
                     size_t nbins)
{
	if (set_up(task, seeds, n, seeds, workers) == -1)
		return -1;
	if (nbins > 0 && bins == NULL) {
		errno = EINVAL;
		return -1;
	}
	if (n == 0) {
		memset(bins, 0, nbins * sizeof *bins);
		return 0;
	}
	bin_count = nbins;
	if (share(nbins * sizeof *bins) == -1)
		return -1;
	int error = run_workers(count_slice);
	if (error == 0 && shared->out_of_range)
		error = ERANGE;
	if (error == 0)
		memcpy(bins, shared->data.bins, nbins * sizeof *bins);
	munmap(shared, shared_bytes);
	errno = error;
	return error ? -1 : 0;
}
