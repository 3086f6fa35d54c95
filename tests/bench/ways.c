/* The ways: see ways.h. */
#define _GNU_SOURCE
#include "ways.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "clock.h"
#include "figure.h"
#include "pipe_map.h"
#include "pool.h"
#include "reference.h"
#include "run_workers.h"
#include "shared_map.h"

enum { POOL_WORKERS = 2, WARM_TASKS = 100000 };

static struct pool *pool;

/* --- the maps ------------------------------------------------------------------------ */

/* No compiler can know the task: all ways call it by its address. */
static task_fn *volatile task = reference_square;

static int serial(const struct job *job)
{
	task_fn *known = task;
	for (size_t i = 0; i < job->n; i++)
		job->results[i] = known(job->seeds[i]);
	return 0;
}

static int map_part(int rank, int workers, void *context)
{
	const struct job *job = context;
	size_t part = job->n / (size_t)workers, first = part * (size_t)rank;
	size_t end = rank == workers - 1 ? job->n : first + part;
	task_fn *known = task;
	for (size_t i = first; i < end; i++)
		job->shared[i] = known(job->seeds[i]);
	return 0;
}

/* What a fork for each worker costs at least: the shared memory is there already. */
static int fork_map(const struct job *job)
{
	int workers = (size_t)job->workers < job->n ? job->workers : (int)job->n;
	int statuses[workers];
	struct job copy = *job;
	if (run_workers(workers, map_part, &copy, statuses) != 0)
		return -1;
	memcpy(job->results, job->shared, job->n * sizeof *job->results);
	return 0;
}

static int pipes(const struct job *job)
{
	return pipe_map(task, job->seeds, job->n, job->results, job->workers);
}

static int shared(const struct job *job)
{
	return shared_map(task, job->seeds, job->n, job->results, job->workers);
}

static int hot_pool(const struct job *job)
{
	return pool_map(pool, task, job->seeds, job->n, job->results, 0);
}

static const struct way all[] = {
	{ "serial", "serial", serial, "serial", NULL, 25, 0 },
	{ "fork_per_map", "fork", fork_map, "serial", NULL, 3, 0 },
	{ "pipes", "pipes", pipes, "serial", NULL, 3, 0 },
	{ "shared", "shared", shared, "serial", NULL, 3, 0 },
	{ "pool", "pool", hot_pool, "serial", NULL, 25, 0 },
	{ "pool_after_2_ms", "idle", hot_pool, "serial", NULL, 3, WAYS_IDLE_SECONDS },
	{ "openmp", "openmp", openmp_map, "serial", NULL, 25, 0 },
	{ "python_loop", "py for", NULL, "serial", "serial", 3, 0 },
	{ "python_pool", "py map", NULL, "python_loop", "pool", 3, 0 },
};
enum { ALL = sizeof all / sizeof *all };

/* --- what only the pool has --------------------------------------------------------------- */

double ways_create_and_close(void)
{
	double start = clock_wall();
	struct pool *short_lived = pool_create(POOL_WORKERS);
	if (short_lived == NULL || pool_close(short_lived) != 0)
		bench_fail("a pool could not be made and closed: %s", strerror(errno));
	return clock_wall() - start;
}

double ways_apply(void)
{
	int32_t result;
	double start = clock_wall();
	if (pool_apply(pool, task, 1, &result) != 0 || result != reference_square(1))
		bench_fail("pool_apply failed or gave a wrong result");
	return clock_wall() - start;
}

/* A page that k processes share counts as 1/k of one in each. 0 where it is not told. */
static size_t proportional_bytes(const char *pid)
{
	char path[64], line[256];
	size_t kilobytes = 0, pss = 0;
	snprintf(path, sizeof path, "/proc/%s/smaps_rollup", pid);
	FILE *file = fopen(path, "r");
	while (file != NULL && fgets(line, sizeof line, file) != NULL)
		if (sscanf(line, "Pss: %zu", &kilobytes) == 1)
			pss = kilobytes * 1024;
	if (file != NULL)
		fclose(file);
	return pss;
}

static size_t proportional_bytes_of_all(void)
{
	char path[64], pid[24];
	size_t sum = proportional_bytes("self");
	snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
	FILE *file = fopen(path, "r");
	if (file == NULL)
		return 0;
	while (fscanf(file, "%23s", pid) == 1)
		sum += proportional_bytes(pid);
	fclose(file);
	return sum;
}

size_t ways_pool_bytes(void)
{
	uint32_t *seeds = malloc(WARM_TASKS * sizeof *seeds);
	int32_t *results = malloc(WARM_TASKS * sizeof *results);
	if (seeds == NULL || results == NULL)
		bench_fail("no memory");
	memset(seeds, 1, WARM_TASKS * sizeof *seeds); /* so that these pages are there before */
	memset(results, 1, WARM_TASKS * sizeof *results);
	size_t before = proportional_bytes_of_all();
	struct pool *measured = pool_create(POOL_WORKERS);
	if (measured == NULL ||
	    pool_map(measured, task, seeds, WARM_TASKS, results, 0) != 0)
		bench_fail("a pool of %d failed: %s", POOL_WORKERS, strerror(errno));
	size_t after = proportional_bytes_of_all();
	pool_close(measured);
	free(seeds);
	free(results);
	return before > 0 && after > before ? after - before : 0;
}

/* --- starting ------------------------------------------------------------------------------- */

static bool can_run(const struct way *way, bool python)
{
	if (way->map == openmp_map)
		return openmp_compiled;
	return way->map != NULL || python;
}

int ways_start(int workers, const struct way *ways[WAYS_MOST], struct figure *notes)
{
	int count = 0;
	pool = pool_create(workers);
	if (pool == NULL)
		bench_fail("the pool could not be made: %s", strerror(errno));
	bool python = python_start(workers);
	if (!python)
		figure_note(notes, "Python's own pool is not measured: there is no Python with numpy. "
		            "Type make setup, or install python3-numpy (python-numpy on Arch).");
	if (!openmp_compiled)
		figure_note(notes, "OpenMP is not measured: this compiler has no -fopenmp. Use gcc, or "
		            "install libomp-dev (Debian, Ubuntu), libomp-devel (Fedora) or openmp (Arch) "
		            "for clang; then make clean.");
	for (int i = 0; i < ALL; i++)
		if (can_run(&all[i], python))
			ways[count++] = &all[i];
	return count;
}

void ways_stop(void)
{
	python_stop();
	pool_close(pool);
}
