/* Bare processes: see bare.h. */
#define _GNU_SOURCE
#include "bare.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bare_wake.h"
#include "reference.h"

/* Shared with the workers: of a call, its size; then its seeds and results. */
struct window {
	size_t n;
	uint32_t numbers[];
};

static struct {
	enum bare_mechanism mechanism;
	size_t workers, most_tasks;
	struct window *window; /* NULL: not started */
	const uint32_t *seeds; /* where the workers find them */
	int32_t *results;
} bare;

static size_t window_size(void)
{
	return sizeof *bare.window + bare.most_tasks * (sizeof(uint32_t) + sizeof(int32_t));
}

static void map_slice(int rank)
{
	size_t n = bare.window->n, which = (size_t)rank;
	for (size_t i = n * which / bare.workers; i < n * (which + 1) / bare.workers; i++)
		bare.results[i] = reference_square(bare.seeds[i]);
}

/* Fork, work, wait. A child has a copy of the seeds, wherever they are. */
static int map_forked(const uint32_t *seeds)
{
	pid_t pids[BARE_WORKERS_MOST];
	size_t started = 0;
	int error = 0;
	bare.seeds = seeds;
	for (; started < bare.workers; started++) {
		pids[started] = fork();
		if (pids[started] == -1) {
			error = errno;
			break;
		}
		if (pids[started] == 0) {
			map_slice((int)started);
			_exit(0);
		}
	}
	for (size_t i = 0; i < started; i++)
		while (waitpid(pids[i], NULL, 0) == -1 && errno == EINTR)
			;
	return error;
}

/* Who is there already sees only what is shared. */
static int map_woken(const uint32_t *seeds)
{
	memcpy(bare.window->numbers, seeds, bare.window->n * sizeof *seeds);
	return wake_all();
}

int bare_map(const uint32_t *seeds, size_t n)
{
	bare.window->n = n;
	return bare.mechanism == BARE_WAKE ? map_woken(seeds) : map_forked(seeds);
}

const int32_t *bare_results(void)
{
	return bare.results;
}

int bare_start(enum bare_mechanism mechanism, int workers, size_t most_tasks)
{
	bare.mechanism = mechanism;
	bare.workers = (size_t)(workers < BARE_WORKERS_MOST ? workers : BARE_WORKERS_MOST);
	bare.most_tasks = most_tasks;
	void *memory = mmap(NULL, window_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	                    -1, 0);
	if (memory == MAP_FAILED)
		return errno;
	bare.window = memory;
	bare.seeds = bare.window->numbers;
	bare.results = (int32_t *)(bare.window->numbers + most_tasks);
	int error = mechanism == BARE_WAKE ? wake_start((int)bare.workers, map_slice) : 0;
	if (error != 0)
		bare_end();
	return error;
}

void bare_end(void)
{
	if (bare.window == NULL)
		return;
	if (bare.mechanism == BARE_WAKE)
		wake_end();
	munmap(bare.window, window_size());
	bare.window = NULL;
}
