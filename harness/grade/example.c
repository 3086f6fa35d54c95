/* The book's example: see example.h.
 *
 * The seeds come in blocks, each mapped and added up, so that 2^32 of them need
 * no 32 GiB of memory; serial and parallel do exactly the same work per block.
 */
#define _GNU_SOURCE
#include "example.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "judge.h"
#include "program.h"
#include "reference.h"
#include "run_workers.h"
#include "serial.h"
#include "shared.h"

enum { BLOCK = 1 << 15, MAP_BLOCK = 1 << 22, BAR_WIDTH = 40 };

typedef int serial_map_fn(task_fn *, const uint32_t *, size_t, int32_t *);
typedef int run_workers_fn(int, worker_fn *, void *, int[]);
typedef int parallel_map_fn(task_fn *, const uint32_t *, size_t, int32_t *, int);
typedef int chunked_map_fn(task_fn *, const uint32_t *, size_t, int32_t *, int, size_t);
typedef struct pool *pool_create_fn(int);
typedef int pool_map_fn(struct pool *, task_fn *, const uint32_t *, size_t, int32_t *, size_t);
typedef int pool_close_fn(struct pool *);

/* In the caller's process and its children. */
static serial_map_fn *the_map;
static task_fn *the_task;
static struct pool *the_pool;
static const char *the_label;

static int kit_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results)
{
	for (size_t i = 0; i < n; i++)
		results[i] = task(seeds[i]);
	return 0;
}

/* Maps seeds first to end - 1, block by block. Returns 0, or -1 as the map does. */
static int add_up(struct example *example, uint64_t first, uint64_t end, uint64_t *sum)
{
	static uint32_t seeds[BLOCK];
	static int32_t results[BLOCK];
	while (first < end) {
		size_t n = end - first < BLOCK ? (size_t)(end - first) : BLOCK;
		for (size_t i = 0; i < n; i++)
			seeds[i] = (uint32_t)(first + i);
		if (the_map(the_task, seeds, n, results) != 0)
			return -1;
		for (size_t i = 0; i < n; i++)
			*sum += (uint64_t)results[i];
		atomic_fetch_add(&example->done, n);
		first += n;
	}
	return 0;
}

static int slice(int rank, int workers, void *context)
{
	struct example *example = context;
	uint64_t count = (uint64_t)workers, which = (uint64_t)rank;
	uint64_t first = example->n / count * which + example->n % count * which / count;
	uint64_t end = example->n / count * (which + 1) + example->n % count * (which + 1) / count;
	return add_up(example, first, end, &example->part[rank]) != 0;
}

/* With a map that shares out the work itself: in few large blocks, since it starts
 * its workers anew for each. */
static int map_all(struct example *example, plugin_fn *map)
{
	uint32_t *seeds = malloc(MAP_BLOCK * sizeof *seeds);
	int32_t *results = malloc(MAP_BLOCK * sizeof *results);
	int status = seeds == NULL || results == NULL ? -1 : 0;
	for (uint64_t first = 0; status == 0 && first < example->n; first += MAP_BLOCK) {
		uint64_t left = example->n - first;
		size_t n = left < MAP_BLOCK ? (size_t)left : MAP_BLOCK;
		for (size_t i = 0; i < n; i++)
			seeds[i] = (uint32_t)(first + i);
		if (example->pool)
			status = ((pool_map_fn *)map)(the_pool, the_task, seeds, n, results, 0);
		else if (example->chunk > 0)
			status = ((chunked_map_fn *)map)(reference_square, seeds, n, results,
			                                 example->workers, example->chunk);
		else
			status = ((parallel_map_fn *)map)(reference_square, seeds, n, results,
			                                  example->workers);
		for (size_t i = 0; status == 0 && i < n; i++)
			example->part[0] += (uint64_t)results[i];
		atomic_fetch_add(&example->done, n);
	}
	free(seeds);
	free(results);
	return status;
}

/* As in the book, making the pool and closing it are part of the time. */
static int map_in_pool(struct example *example, plugin_fn *map, pool_create_fn *create,
                       pool_close_fn *end)
{
	the_pool = create(example->workers);
	int status = the_pool == NULL ? -1 : map_all(example, map);
	return status == 0 ? end(the_pool) : status;
}

static void call_map(struct example *example)
{
	plugin_fn *map = plugin_function(example->map), *create = NULL, *end = NULL;
	if (example->pool) {
		create = plugin_function("pool_create");
		end = plugin_function("pool_close");
	}
	call_begin();
	double start = clock_wall();
	int value = example->pool ? map_in_pool(example, map, (pool_create_fn *)create,
	                                        (pool_close_fn *)end)
	                          : map_all(example, map);
	example->seconds = clock_wall() - start;
	call_end(value);
}

static void call_example(void *arg)
{
	struct example *example = arg;
	the_map = kit_map;
	the_task = reference_square;
	if (example->own_map) {
		the_map = (serial_map_fn *)plugin_function("serial_map");
		the_task = (task_fn *)plugin_function("random_square");
	}
	if (example->map != NULL) {
		call_map(example);
		return;
	}
	run_workers_fn *run = NULL;
	int statuses[EXAMPLE_WORKERS];
	if (example->workers > 0)
		run = (run_workers_fn *)plugin_function("run_workers");

	call_begin();
	double start = clock_wall();
	int value = run == NULL ? add_up(example, 0, example->n, &example->part[0])
	                        : run(example->workers, slice, example, statuses);
	example->seconds = clock_wall() - start;
	call_end(value);
}

static void show_progress(void *arg)
{
	static const char bar[] = "########################################";
	struct example *example = arg;
	program_stop_if_told();
	if (!isatty(STDERR_FILENO))
		return;
	int done = (int)((double)atomic_load(&example->done) / (double)example->n * BAR_WIDTH);
	fprintf(stderr, "\r%-9s [%-*.*s] %3d%%", the_label, BAR_WIDTH, done, bar,
	        done * 100 / BAR_WIDTH);
}

static void judge_run(const struct call *call, const struct outcome *o, struct verdict *v)
{
	const struct example *example = call->arg;
	const char *function = example->map != NULL      ? example->map
	                       : example->workers > 0 ? "run_workers"
	                                              : "serial_map";
	if (judge_not_started(v, o, function) || !judge_ending(v, call, o))
		return;
	judge_refusal(v, o, function);
	if (o->value != 0)
		verdict_fail(v, WRONG_RESULT, "Run make check first.",
		             "%s returned %ld. Expected: 0, since every worker succeeded.", function,
		             o->value);
}

bool example_run(struct example *example, const char *plugin, const char *label,
                 struct verdict *verdict)
{
	struct example *shared = shared_alloc(sizeof *shared);
	struct outcome outcome;
	struct call call = {
		.plugin = plugin,
		.body = call_example,
		.arg = shared,
		.limits = { .wall_seconds = 5, .cpu_seconds = 1e9, .most_seconds = 1e9,
		            .processes = 2 * EXAMPLE_WORKERS },
		.terminal = true,
		.progress = show_progress,
	};
	*shared = *example;
	the_label = label;
	supervise(&call, &outcome);
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%*s\r", BAR_WIDTH + 20, "");
	judge_run(&call, &outcome, verdict);
	*example = *shared;
	shared_free(shared, sizeof *shared);
	for (int i = 0; i < EXAMPLE_WORKERS; i++)
		example->sum += example->part[i];
	return verdict_open(verdict);
}

uint64_t example_sum(uint64_t n)
{
	static const struct {
		uint64_t n, sum;
	} known[] = { { 100, 2806 },          { 200000, 5714797 },   { 500000, 14259019 },
		          { 1000000, 28524147 },  { 2000000, 57068469 }, { 5000000, 142607647 },
		          { 10000000, 285170439 } };
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].n == n)
			return known[i].sum;
	return reference_sum(0, n);
}
