/* Rounds of several ways at one n: see plot_call.h. The caller runs and times them;
 * what came of it is judged here, in the process that draws. */
#define _GNU_SOURCE
#include "plot_call.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "judge.h"
#include "plot_ways.h"
#include "shared.h"
#include "supervise.h"

#define PATIENCE_SECONDS 1.5        /* a call that does nothing hangs after this */
#define SLOWEST_TASK_SECONDS 20e-6 /* beyond that a call loops */

int plot_library_read(struct plot_library *library)
{
	struct stat status;
	int fd = open(library->path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	library->image = MAP_FAILED;
	if (fstat(fd, &status) == 0) {
		library->size = (size_t)status.st_size;
		library->image = mmap(NULL, library->size, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	close(fd);
	return library->image == MAP_FAILED ? -1 : 0;
}

/* --- in the caller ---------------------------------------------------------------- */

/* In the caller: what the first run gave. */
static int32_t *expected_results;

static double wall_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* The first run of all says what the others are compared with. */
static bool results_are_right(struct plot_call *call, const int32_t *results, bool first)
{
	if (first)
		memcpy(expected_results, results, call->n * sizeof *results);
	for (size_t i = 0; first && i < call->n; i++)
		call->sum += (uint64_t)results[i];
	if (memcmp(results, expected_results, call->n * sizeof *results) == 0)
		return true;
	size_t i = 0;
	while (results[i] == expected_results[i])
		i++;
	call->wrong = true;
	call->wrong_index = i;
	call->got = results[i];
	call->expected = expected_results[i];
	return false;
}

/* Returns what the way does, or 0 with call->wrong. */
static int time_one(struct plot_call *call, int round, int way)
{
	int32_t *results = plot_way_results(call, way);
	call->running = way;
	int value = plot_way_warm_up(call, way);
	if (value != 0)
		return value;
	memset(results, 0xff, call->n * sizeof *results);
	double start = wall_now();
	value = plot_way_run(call, way);
	double seconds = wall_now() - start;
	plot_way_cool_down(call, way);
	if (value == 0 && results_are_right(call, results, round == 0 && way == 0)) {
		call->seconds[round][way] = fmax(nearbyint(seconds * 1e9), 1) / 1e9; /* as in the file */
		atomic_fetch_add(&call->done, 1);
	}
	return value;
}

/* Serial first, then the parallel ways, each time from another one on. */
static int time_all(struct plot_call *call)
{
	for (int round = 0; round < call->rounds; round++)
		for (int i = 0; i < call->ways; i++) {
			int way = i == 0 ? 0 : 1 + (round + i) % (call->ways - 1);
			int value = time_one(call, round, way);
			if (value != 0 || call->wrong)
				return value;
		}
	return 0;
}

static void call_ways(void *arg)
{
	struct plot_call *call = arg;
	plot_ways_prepare(call);
	expected_results = malloc(call->n * sizeof *expected_results);
	if (expected_results == NULL)
		_exit(2);
	call_begin();
	int value = plot_ways_open(call, &call->running);
	if (value == 0)
		value = time_all(call);
	if (value == 0 && !call->wrong)
		value = plot_ways_close(call, &call->running);
	call_end(value);
}

/* --- in the judge ----------------------------------------------------------------- */

static void judge_results(struct verdict *v, const struct plot_call *call,
                          const struct outcome *o, const char *function)
{
	if (judge_not_started(v, o, function))
		return;
	judge_refusal(v, o, function);
	if (o->value != 0)
		verdict_fail(v, WRONG_RESULT, "", "%s returned %ld. Expected: 0.", function, o->value);
	if (call->wrong)
		verdict_fail(v, WRONG_RESULT, "", "results[%zu] was %d after %s. Expected: %d.",
		             call->wrong_index, call->got, function, call->expected);
	if (verdict_open(v) && atomic_load(&call->done) != call->rounds * call->ways)
		verdict_set(v, VERDICT_KIT_ERROR, "Not all rounds were done.");
}

static struct limits limits_of(const struct plot_call *call)
{
	double runs = call->rounds * call->ways;
	double seconds = 30 + 2 * runs * (double)call->n * SLOWEST_TASK_SECONDS;
	return (struct limits){ .wall_seconds = PATIENCE_SECONDS, .most_seconds = seconds,
		                    .cpu_seconds = seconds,
		                    .processes = (int)runs * (2 * call->workers + 8) + 64 };
}

bool plot_call_run(struct plot_call *mine, void (*progress)(void *), struct verdict *v)
{
	struct plot_call *shared = shared_alloc(sizeof *shared);
	static struct outcome outcome;
	*shared = *mine;
	for (int round = 0; round < FIGURE_ROUNDS; round++)
		for (int way = 0; way < FIGURE_WAYS; way++)
			shared->seconds[round][way] = NAN;
	struct call call = { .plugin = plot_first_library(mine)->path, .body = call_ways, .arg = shared,
		                 .limits = limits_of(mine), .progress = progress };
	supervise(&call, &outcome);
	*mine = *shared;
	shared_free(shared, sizeof *shared);
	const struct plot_way *way = &mine->way[mine->running];
	if (judge_ending(v, &call, &outcome))
		judge_results(v, mine, &outcome, way->kind == PLOT_LOOP ? "the kit's loop" : way->function);
	if (mine->clean && verdict_open(v))
		judge_leftovers(v, &outcome);
	return verdict_open(v);
}
