/* Unusual:   the chunks that are left stand in a queue, a pipe with their numbers:
 *            the parent writes, the workers read. A semaphore sees to it that one
 *            worker reads at a time, so that nobody gets half of a number; it is
 *            never held in a task.
 */
#include "shared_map.h"

#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct shared {
	sem_t reading;
	atomic_size_t done; /* tasks */
	atomic_int no_bin;
};

struct job {
	task_fn *task;
	const uint32_t *seeds;
	size_t n, chunk, nbins;
	int workers, is_static;
	int queue[2];
	struct sigaction before; /* what the caller does on SIGPIPE */
	struct shared *shared;
	void *output; /* behind it: results or bins */
};

typedef void chunk_fn(const struct job *j, size_t first, size_t end);

static void map_chunk(const struct job *j, size_t first, size_t end)
{
	int32_t *results = j->output;

	for (size_t i = first; i < end; i++)
		results[i] = j->task(j->seeds[i]);
}

static void count_chunk(const struct job *j, size_t first, size_t end)
{
	_Atomic uint64_t *bins = j->output;
	uint64_t *own = calloc(j->nbins + 1, sizeof *own);

	if (!own)
		_exit(1);
	for (size_t i = first; i < end; i++) {
		int32_t result = j->task(j->seeds[i]);

		if (result >= 0 && (size_t)result < j->nbins)
			own[result]++;
		else
			j->shared->no_bin = 1;
	}
	for (size_t bin = 0; bin < j->nbins; bin++)
		bins[bin] += own[bin];
	free(own);
}

/* Returns whether there was one more. */
static int read_number(const struct job *j, size_t *number)
{
	size_t got = 0;
	ssize_t bytes = 1;

	while (sem_wait(&j->shared->reading) < 0)
		;
	while (got < sizeof *number && bytes != 0) {
		bytes = read(j->queue[0], (char *)number + got, sizeof *number - got);
		if (bytes < 0 && errno != EINTR)
			break;
		if (bytes > 0)
			got += (size_t)bytes;
	}
	sem_post(&j->shared->reading);
	return got == sizeof *number;
}

static void do_number(const struct job *j, size_t number, chunk_fn *do_chunk)
{
	size_t first = number * j->chunk;
	size_t end = j->n - first < j->chunk ? j->n : first + j->chunk;

	do_chunk(j, first, end);
	j->shared->done += end - first;
}

static void work(const struct job *j, size_t rank, chunk_fn *do_chunk)
{
	size_t number;

	close(j->queue[1]);
	sigaction(SIGPIPE, &j->before, NULL);
	if (j->is_static && rank <= (j->n - 1) / j->chunk)
		do_number(j, rank, do_chunk);
	while (!j->is_static && read_number(j, &number))
		do_number(j, number, do_chunk);
}

/* Ends early with EPIPE when there is no worker left. */
static void fill_queue(const struct job *j)
{
	enum { BLOCK = 512 };
	size_t block[BLOCK], chunks = (j->n - 1) / j->chunk + 1;

	for (size_t next = 0; next < chunks;) {
		size_t count = 0, sent = 0;

		while (count < BLOCK && next < chunks)
			block[count++] = next++;
		while (sent < count * sizeof *block) {
			ssize_t bytes = write(j->queue[1], (char *)block + sent, count * sizeof *block - sent);

			if (bytes < 0 && errno != EINTR)
				return;
			if (bytes > 0)
				sent += (size_t)bytes;
		}
	}
}

static int start_fill_and_wait(struct job *j, chunk_fn *do_chunk, pid_t *pids)
{
	int started = 0, why = 0;

	while (started < j->workers && !why) {
		pids[started] = fork();
		if (pids[started] == 0) {
			work(j, (size_t)started, do_chunk);
			_exit(0);
		}
		if (pids[started] < 0)
			why = errno;
		else
			started++;
	}
	close(j->queue[0]);
	if (!why && !j->is_static)
		fill_queue(j);
	close(j->queue[1]);
	for (int i = 0; why && i < started; i++)
		kill(pids[i], SIGKILL);
	for (int i = 0; i < started; i++)
		while (waitpid(pids[i], NULL, 0) < 0 && errno == EINTR)
			;
	return why || j->shared->done == j->n ? why : ECHILD;
}

/* A worker that dies may be the last reader: no reason for SIGPIPE to end the caller. */
static int run_with(struct job *j, chunk_fn *do_chunk)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	pid_t *pids = malloc((size_t)j->workers * sizeof *pids);

	if (!pids)
		return ENOMEM;
	fflush(NULL); /* before the pipe: it may get a number that stdio knows as stdout's */
	if (pipe(j->queue) < 0) {
		int why = errno;
		free(pids);
		return why;
	}
	sigaction(SIGPIPE, &ignore, &j->before);
	sem_init(&j->shared->reading, 1, 1);
	int why = start_fill_and_wait(j, do_chunk, pids);
	sigaction(SIGPIPE, &j->before, NULL);
	free(pids);
	if (!why && j->shared->no_bin)
		why = ERANGE;
	return why;
}

static int run(struct job *j, int workers, chunk_fn *do_chunk, void *output, size_t bytes)
{
	size_t size = sizeof *j->shared + bytes;

	j->workers = (size_t)workers < j->n ? workers : (int)j->n;
	j->is_static = j->chunk == 0;
	if (j->is_static)
		j->chunk = (j->n - 1) / (size_t)j->workers + 1; /* a slice, whose number is the rank */
	j->shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (j->shared == MAP_FAILED)
		return -1;
	j->output = j->shared + 1;
	int why = run_with(j, do_chunk);
	if (!why && bytes > 0)
		memcpy(output, j->output, bytes);
	munmap(j->shared, size);
	errno = why;
	return why ? -1 : 0;
}

static int refuse(void)
{
	errno = EINVAL;
	return -1;
}

int shared_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	struct job j = { .task = task, .seeds = seeds, .n = n };

	if (workers < 1 || (n > 0 && (!task || !seeds || !results)))
		return refuse();
	return n == 0 ? 0 : run(&j, workers, map_chunk, results, n * sizeof *results);
}

int shared_map_dynamic(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
                       int workers, size_t chunk)
{
	struct job j = { .task = task, .seeds = seeds, .n = n, .chunk = chunk };

	if (workers < 1 || chunk == 0 || (n > 0 && (!task || !seeds || !results)))
		return refuse();
	return n == 0 ? 0 : run(&j, workers, map_chunk, results, n * sizeof *results);
}

int shared_histogram(task_fn *task, const uint32_t *seeds, size_t n, int workers, uint64_t bins[],
                     size_t nbins)
{
	struct job j = { .task = task, .seeds = seeds, .n = n, .nbins = nbins };

	if (workers < 1 || (n > 0 && (!task || !seeds)) || (nbins > 0 && !bins))
		return refuse();
	if (n == 0) {
		for (size_t bin = 0; bin < nbins; bin++)
			bins[bin] = 0;
		return 0;
	}
	return run(&j, workers, count_chunk, bins, nbins * sizeof *bins);
}
