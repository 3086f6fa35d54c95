/* Mistake:   its shared memory has a fixed name that is never unlinked: the next
 *            call cannot create it once more.
 * Test:      map_in_order
 * Diagnosis: leaked-shared
 */
#include "shared_map.h"

#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct state {
	sem_t lock;      /* one at a time may change: */
	size_t next;     /* the first task that nobody has */
	size_t finished; /* how many tasks are done */
	size_t misfits;  /* how many results had no bin */
};

struct call {
	task_fn *task;
	const uint32_t *seeds;
	size_t n, chunk, nbins;
	int workers;
	struct state *state; /* shared, like: */
	int32_t *results;
	uint64_t *bins;
};

static void *share(size_t size)
{
	const char *name = "/shared_map.results";
	void *memory = MAP_FAILED;

	int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		return NULL;
	if (ftruncate(fd, (off_t)size) == 0)
		memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	int error = errno;
	close(fd);
	errno = error;
	return memory == MAP_FAILED ? NULL : memory;
}

static void lock(struct state *s)
{
	while (sem_wait(&s->lock) < 0 && errno == EINTR)
		;
}

static void unlock(struct state *s)
{
	sem_post(&s->lock);
}

static void compute(const struct call *c, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		c->results[i] = c->task(c->seeds[i]);
	lock(c->state);
	c->state->finished += to - from;
	unlock(c->state);
}

static size_t border(const struct call *c, int rank)
{
	size_t share = (c->n + (size_t)c->workers - 1) / (size_t)c->workers;
	size_t at = share * (size_t)rank;

	return at < c->n ? at : c->n;
}

static void static_worker(const struct call *c, int rank)
{
	compute(c, border(c, rank), border(c, rank + 1));
}

static void dynamic_worker(const struct call *c, int rank)
{
	size_t from, to;

	(void)rank;
	do {
		lock(c->state);
		from = c->state->next;
		to = c->n - from < c->chunk ? c->n : from + c->chunk;
		c->state->next = to;
		unlock(c->state);
		compute(c, from, to);
	} while (from < to);
}

static void counting_worker(const struct call *c, int rank)
{
	size_t from = border(c, rank), to = border(c, rank + 1), misfits = 0;
	uint64_t *mine = calloc(c->nbins ? c->nbins : 1, sizeof *mine);

	if (!mine)
		_exit(EXIT_FAILURE);
	for (size_t i = from; i < to; i++) {
		int32_t result = c->task(c->seeds[i]);
		if (result < 0 || (size_t)result >= c->nbins)
			misfits++;
		else
			mine[result]++;
	}
	lock(c->state);
	for (size_t bin = 0; bin < c->nbins; bin++)
		c->bins[bin] += mine[bin];
	c->state->misfits += misfits;
	c->state->finished += to - from;
	unlock(c->state);
}

static int run(struct call *c, void (*worker)(const struct call *, int))
{
	pid_t *child = malloc((size_t)c->workers * sizeof *child);
	int running = 0, result = -1, error;

	if (!child)
		return -1;
	fflush(NULL);
	for (; running < c->workers; running++) {
		child[running] = fork();
		if (child[running] < 0)
			goto stop;
		if (child[running] == 0) {
			worker(c, running);
			_exit(EXIT_SUCCESS);
		}
	}
	result = 0;
stop:
	error = errno;
	for (int rank = 0; rank < running; rank++) {
		if (result < 0)
			kill(child[rank], SIGKILL);
		while (waitpid(child[rank], NULL, 0) < 0 && errno == EINTR)
			;
	}
	free(child);
	if (result == 0 && c->state->finished < c->n) {
		result = -1;
		error = ECHILD;
	}
	errno = error;
	return result;
}

static int bad(const struct call *c, const void *output, int workers)
{
	return workers < 1 || (c->n > 0 && (!c->task || !c->seeds || !output));
}

static int map(struct call *c, int32_t *results, int workers,
               void (*worker)(const struct call *, int))
{
	size_t bytes = c->n * sizeof *results;

	if (bad(c, results, workers)) {
		errno = EINVAL;
		return -1;
	}
	if (c->n == 0)
		return 0;
	c->workers = c->n < (size_t)workers ? (int)c->n : workers;
	c->state = share(sizeof *c->state + bytes);
	if (!c->state)
		return -1;
	sem_init(&c->state->lock, 1, 1);
	c->results = (int32_t *)(c->state + 1);
	int result = run(c, worker), error = errno;
	if (result == 0)
		memcpy(results, c->results, bytes);
	munmap(c->state, sizeof *c->state + bytes);
	errno = error;
	return result;
}

int shared_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	struct call c = { .task = task, .seeds = seeds, .n = n };

	return map(&c, results, workers, static_worker);
}

int shared_map_dynamic(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
                       int workers, size_t chunk)
{
	struct call c = { .task = task, .seeds = seeds, .n = n, .chunk = chunk };

	if (chunk == 0) {
		errno = EINVAL;
		return -1;
	}
	return map(&c, results, workers, dynamic_worker);
}

int shared_histogram(task_fn *task, const uint32_t *seeds, size_t n, int workers, uint64_t bins[],
                     size_t nbins)
{
	struct call c = { .task = task, .seeds = seeds, .n = n, .nbins = nbins };
	size_t bytes = nbins * sizeof *bins;

	if (bad(&c, seeds, workers) || (nbins > 0 && !bins)) {
		errno = EINVAL;
		return -1;
	}
	if (n == 0) {
		memset(bins, 0, bytes);
		return 0;
	}
	c.workers = n < (size_t)workers ? (int)n : workers;
	c.state = share(sizeof *c.state + bytes);
	if (!c.state)
		return -1;
	sem_init(&c.state->lock, 1, 1);
	c.bins = (uint64_t *)(c.state + 1);
	int result = run(&c, counting_worker), error = errno;
	if (result == 0 && c.state->misfits > 0) {
		result = -1;
		error = ERANGE;
	}
	if (result == 0)
		memcpy(bins, c.bins, bytes);
	munmap(c.state, sizeof *c.state + bytes);
	errno = error;
	return result;
}
