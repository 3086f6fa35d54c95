/* Mistake:   reads the number of the next chunk under the lock, and moves it on after the
 *            unlock: another worker can read it before.
 * Test:      has_no_race
 * Diagnosis: race
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
	pthread_mutex_t lock; /* guards what follows, but for results */
	size_t next, finished;
	int out_of_range;
	uint64_t data[]; /* n results, or nbins bins */
};

/* Set before the workers are forked. */
static struct job {
	task_fn *task;
	const uint32_t *seeds;
	size_t n, chunk, nbins, workers;
} job;
static struct shared *shared;

static void lock(void)
{
	pthread_mutex_lock(&shared->lock);
}

static void unlock(void)
{
	pthread_mutex_unlock(&shared->lock);
}

static void finish(size_t count)
{
	lock();
	shared->finished += count;
	unlock();
}

static void map_range(size_t first, size_t end)
{
	int32_t *results = (int32_t *)shared->data;
	for (size_t i = first; i < end; i++)
		results[i] = job.task(job.seeds[i]); /* race: both may have taken it */
	finish(end - first);
}

static size_t slice_start(size_t rank)
{
	size_t more = job.n % job.workers;
	return job.n / job.workers * rank + (rank < more ? rank : more);
}

static void map_slice(size_t rank)
{
	map_range(slice_start(rank), slice_start(rank + 1));
}

static size_t take_chunk(void)
{
	lock();
	size_t first = shared->next; /* race */
	unlock();
	shared->next = first + job.chunk; /* race */
	return first;
}

static void map_chunks(size_t rank)
{
	(void)rank;
	for (size_t first = take_chunk(); first < job.n; first = take_chunk()) {
		size_t left = job.n - first;
		map_range(first, first + (left < job.chunk ? left : job.chunk));
	}
}

/* Counts in bins of its own; these are added to the shared ones once, at the end. */
static void count_slice(size_t rank)
{
	size_t first = slice_start(rank), end = slice_start(rank + 1);
	uint64_t *own = calloc(job.nbins + 1, sizeof *own);
	int out_of_range = 0;
	if (own == NULL)
		_exit(1);
	for (size_t i = first; i < end; i++) {
		int32_t result = job.task(job.seeds[i]);
		if (result >= 0 && (size_t)result < job.nbins)
			own[result]++;
		else
			out_of_range = 1;
	}
	lock();
	for (size_t bin = 0; bin < job.nbins; bin++)
		shared->data[bin] += own[bin];
	shared->out_of_range |= out_of_range;
	unlock();
	finish(end - first);
}

static int share(size_t size)
{
	pthread_mutexattr_t attributes;
	shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return -1;
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&shared->lock, &attributes);
	pthread_mutexattr_destroy(&attributes);
	return 0;
}

/* Returns 0 or an errno. */
static int run_workers(void (*body)(size_t rank))
{
	int error = 0;
	size_t started = 0;
	pid_t *pids = calloc(job.workers, sizeof *pids);
	if (pids == NULL)
		return ENOMEM;
	fflush(NULL);
	for (; started < job.workers; started++) {
		pids[started] = fork();
		if (pids[started] == 0) {
			body(started);
			_exit(0);
		}
		if (pids[started] == -1) {
			error = errno;
			break;
		}
	}
	for (size_t rank = 0; rank < started; rank++) {
		if (error != 0)
			kill(pids[rank], SIGKILL);
		while (waitpid(pids[rank], NULL, 0) == -1 && errno == EINTR)
			;
	}
	free(pids);
	return error;
}

static int run(void (*body)(size_t rank), void *output, size_t bytes)
{
	size_t size = sizeof *shared + bytes;
	if (share(size) == -1)
		return -1;
	int error = run_workers(body);
	if (error == 0 && shared->finished < job.n)
		error = ECHILD;
	if (error == 0 && shared->out_of_range)
		error = ERANGE;
	if (error == 0 && bytes > 0)
		memcpy(output, shared->data, bytes);
	munmap(shared, size);
	errno = error;
	return error == 0 ? 0 : -1;
}

static int set_up(task_fn *task, const uint32_t *seeds, size_t n, int workers, int no_output)
{
	if (workers < 1 || (n > 0 && (task == NULL || seeds == NULL)) || no_output) {
		errno = EINVAL;
		return -1;
	}
	job = (struct job){ .task = task, .seeds = seeds, .n = n };
	job.workers = (size_t)workers < n ? (size_t)workers : n;
	return 0;
}

int shared_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	if (set_up(task, seeds, n, workers, n > 0 && results == NULL) == -1)
		return -1;
	return n == 0 ? 0 : run(map_slice, results, n * sizeof *results);
}

int shared_map_dynamic(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
                       int workers, size_t chunk)
{
	if (set_up(task, seeds, n, workers, chunk == 0 || (n > 0 && results == NULL)) == -1)
		return -1;
	job.chunk = chunk < n ? chunk : n;
	return n == 0 ? 0 : run(map_chunks, results, n * sizeof *results);
}

int shared_histogram(task_fn *task, const uint32_t *seeds, size_t n, int workers, uint64_t bins[],
                     size_t nbins)
{
	if (set_up(task, seeds, n, workers, nbins > 0 && bins == NULL) == -1)
		return -1;
	job.nbins = nbins;
	if (n > 0)
		return run(count_slice, bins, nbins * sizeof *bins);
	for (size_t bin = 0; bin < nbins; bin++)
		bins[bin] = 0;
	return 0;
}
