/* One call of a map: see map.h. */
#define _GNU_SOURCE
#include "map.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fence.h"
#include "hang.h"
#include "makespan.h"
#include "map_shared.h"
#include "shared.h"

enum { SQUARE_BINS = 82, MANY_FDS = 40 };

typedef int plain_fn(task_fn *, const uint32_t *, size_t, int32_t *, int);
typedef int chunked_fn(task_fn *, const uint32_t *, size_t, int32_t *, int, size_t);
typedef int histogram_fn(task_fn *, const uint32_t *, size_t, int, uint64_t[], size_t);

/* --- in the caller --------------------------------------------------------- */

static bool makes_bins(const struct map_plan *plan)
{
	return plan->kind->form == MAP_HISTOGRAM;
}

static size_t output_size(const struct map_plan *plan)
{
	return makes_bins(plan) ? plan->nbins * sizeof(uint64_t) : plan->n * sizeof(int32_t);
}

static int call_function(plugin_fn *function, const struct map_plan *plan, const uint32_t *seeds,
                         void *output)
{
	task_fn *task = plan->no_task ? NULL : map_task;
	if (plan->no_seeds)
		seeds = NULL;
	if (plan->no_output)
		output = NULL;
	switch (plan->kind->form) {
	case MAP_CHUNKED:
		return ((chunked_fn *)function)(task, seeds, plan->n, output, plan->workers, plan->chunk);
	case MAP_HISTOGRAM:
		return ((histogram_fn *)function)(task, seeds, plan->n, plan->workers, output,
		                                  plan->nbins);
	default:
		return ((plain_fn *)function)(task, seeds, plan->n, output, plan->workers);
	}
}

/* A caller like any other, but with few or many descriptors. */
static void set_descriptors(enum map_descriptors descriptors)
{
	if (descriptors == FDS_NO_0 || descriptors == FDS_NO_0_1_2)
		close(STDIN_FILENO);
	if (descriptors == FDS_NO_1 || descriptors == FDS_NO_0_1_2)
		close(STDOUT_FILENO);
	if (descriptors == FDS_NO_0_1_2)
		close(STDERR_FILENO);
	for (int i = 0; descriptors == FDS_MANY && i < MANY_FDS; i++)
		if (open("/dev/null", O_RDWR) == -1)
			return;
	for (int fd = 10; descriptors == FDS_MANY && fd < MANY_FDS; fd += 3)
		close(fd);
}

/* What this call's workers have burned; the next call's begin anew. */
static void note_burned(struct map *map, int call)
{
	double seconds[MAP_PROCESSES] = { 0 };
	int processes = map->processes < MAP_PROCESSES ? map->processes : MAP_PROCESSES;
	for (int i = 0; i < processes; i++) {
		seconds[i] = map->process[i].cpu_seconds;
		map->process[i].cpu_seconds = 0;
	}
	map->speedup[call] = makespan_speedup(seconds, (size_t)processes);
	map->processes = 0;
	workload_init(&map->load, map->load.workers, map->load.tasks);
}

/* In the next call, whose workers are others. */
static void meet_again(struct map *map)
{
	rendezvous_init(&map->meeting, map->meeting.expected);
	atomic_store(&map->at_the_start, 0);
}

static void call_map(void *arg)
{
	struct map *map = the_map = arg;
	const struct map_plan *plan = &map->plan;
	size_t size = output_size(plan);
	plugin_fn *function = plugin_function(plan->kind->function);
	void *output = fence_alloc(size);
	uint32_t *seeds = fence_alloc(plan->n * sizeof *seeds);
	for (size_t i = 0; i < plan->n; i++)
		seeds[i] = map_seed(map, i);

	if (!map_prepare_self())
		abort();
	map->caller = getpid();
	set_descriptors(plan->descriptors);
	for (int i = 0; i < plan->calls; i++) {
		if (plan->race_seed != 0)
			meet_again(map);
		call_begin();
		int value = call_function(function, plan, seeds, output);
		call_end(value);
		if (plan->burn > 0 && i < MAP_CALLS)
			note_burned(map, i);
		if (plan->race_seed != 0 && value != 0)
			break; /* or the next one's success would hide it */
	}
	map->broken_output = fence_broken(output);
	map->broken_seeds = fence_broken(seeds);
	for (size_t i = 0; i < plan->n; i++)
		map->seeds_changed = map->seeds_changed || seeds[i] != map_seed(map, i);
	memcpy(makes_bins(plan) ? (void *)map->bins : (void *)map->results, output, size);
	fence_free(output);
	fence_free(seeds);
}

/* --- in the supervisor ------------------------------------------------------- */

static void give_up(void *arg)
{
	struct map *map = arg;
	rendezvous_give_up(&map->meeting);
	workload_give_up(&map->load);
}

/* --- in the judge ---------------------------------------------------------- */

/* The arrays lie behind the struct, the widest elements first. */
static void lay_out(struct map *map, size_t n, size_t nbins)
{
	char *next = (char *)(map + 1);
	map->bins = (uint64_t *)next;
	next += nbins * sizeof *map->bins;
	map->results = (int32_t *)next;
	next += n * sizeof *map->results;
	map->times = (atomic_uchar *)next;
}

struct map *map_create_from(struct test *t, const struct map_plan *plan)
{
	size_t size = sizeof(struct map) + plan->nbins * sizeof(uint64_t) +
	              plan->n * (sizeof(int32_t) + sizeof(atomic_uchar));
	struct map *map = shared_alloc(size);
	map->plan = *plan;
	map->size = size;
	map->first_seed = test_random(t, (uint32_t)plan->n);
	lay_out(map, plan->n, plan->nbins);
	return map;
}

struct map *map_create(struct test *t, const struct map_kind *kind, size_t n, int workers)
{
	struct map_plan plan = {
		.kind = kind, .n = n, .workers = workers, .chunk = 1, .calls = 1,
		.nbins = kind->form == MAP_HISTOGRAM ? SQUARE_BINS : 0,
	};
	return map_create_from(t, &plan);
}

void map_free(struct map *map)
{
	shared_free(map, map->size);
}

const char *map_text(const struct map *map)
{
	static char text[128];
	const struct map_plan *plan = &map->plan;
	const char *task = plan->no_task ? "NULL" : "task", *seeds = plan->no_seeds ? "NULL" : "seeds";
	int used = snprintf(text, sizeof text, "%s(%s, %s, %zu, ", plan->kind->function, task, seeds,
	                    plan->n);
	char *rest = text + used;
	size_t size = sizeof text - (size_t)used;
	if (makes_bins(plan))
		snprintf(rest, size, "%d, %s, %zu)", plan->workers, plan->no_output ? "NULL" : "bins",
		         plan->nbins);
	else if (plan->kind->form == MAP_CHUNKED)
		snprintf(rest, size, "%s, %d, %zu)", plan->no_output ? "NULL" : "results", plan->workers,
		         plan->chunk);
	else
		snprintf(rest, size, "%s, %d)", plan->no_output ? "NULL" : "results", plan->workers);
	return text;
}

static unsigned expected_processes(const struct map_plan *plan)
{
	size_t workers = plan->workers < 1 ? 1 : (size_t)plan->workers;
	return (unsigned)(workers < plan->n ? workers : plan->n);
}

bool map_call(struct test *t, struct map *map, const struct call *how)
{
	struct call call = { 0 };
	struct map_plan plan = map->plan;
	if (how != NULL)
		call = *how;
	call.body = call_map;
	call.text = map_text(map);
	call.arg = map;
	call.stalled = give_up;
	call.note_pipes = plan.survey;
	rendezvous_init(&map->meeting, expected_processes(&plan));
	workload_init(&map->load, expected_processes(&plan), plan.n);
	if (plan.race_seed != 0)
		test_call_race(t, &call, plan.race_seed);
	else if (plan.steps)
		test_call_variant(t, &call, SUITE_PLAIN);
	else
		test_call(t, &call);

	map->plan = plan; /* should student code have written over what they share */
	lay_out(map, plan.n, plan.nbins);
	if (judge_not_started(&t->verdict, &t->outcome, plan.kind->function))
		return false;
	return judge_ending(&t->verdict, &call, &t->outcome);
}

/* -1 with ECHILD, and no task ended its worker: the function believes that work is
 * missing. Where tasks were lost or repeated, that is why. */
static void judge_false_alarm(struct test *t, const struct map *map)
{
	if (t->outcome.value != -1 || t->outcome.error != ECHILD || map->plan.calls > 1)
		return;
	map_judge_tasks(t, map);
	verdict_before(&t->verdict,
	               "It returned -1 with ECHILD, although no task had ended its worker: ");
	verdict_fail(&t->verdict, UNEXPECTED_ERROR,
	             "How does the parent learn what is finished? What a child writes reaches it "
	             "through a pipe, or through memory mapped with MAP_SHARED before the fork.",
	             "%s returned -1 with ECHILD (No child processes), although every task was run "
	             "once, and none had ended its worker. Expected: it succeeds.",
	             map_text(map));
}

/* It failed although nothing was made to: because it waited for others than its own
 * children, or not at all, or because a name of an earlier call was in the way? */
static void judge_why_refused(struct test *t)
{
	if (t->outcome.bystanders_reaped > 0 || t->outcome.error == ECHILD)
		judge_children(&t->verdict, &t->outcome);
	if (t->outcome.error == EEXIST)
		judge_shared(&t->verdict, &t->outcome);
}

bool map_succeeds(struct test *t, struct map *map, const struct call *how)
{
	if (!map_call(t, map, how))
		return false;
	map_judge_fences(t, map); /* it may have failed because it wrote where it should not */
	if (t->outcome.value == -1)
		judge_why_refused(t);
	judge_false_alarm(t, map);
	judge_refusal(&t->verdict, &t->outcome, map_text(map));
	if (t->outcome.value != 0)
		verdict_fail(&t->verdict, WRONG_RESULT, "End the function with return 0.",
		             "%s returned %ld. Expected: 0.", map_text(map), t->outcome.value);
	return verdict_open(&t->verdict);
}

bool map_stall_explained(struct test *t, const struct map *map)
{
	struct call call = { .plugin = t->plugin, .text = map_text(map) };
	return hang_explains_stall(&t->verdict, &call, &t->outcome);
}

bool map_good_without_faults(struct test *t, const struct map_plan *plan)
{
	struct map *map = map_create_from(t, plan);
	map->plan.death = NO_DEATH;
	if (map_succeeds(t, map, NULL)) {
		map_judge(t, map);
		judge_children(&t->verdict, &t->outcome);
		judge_descriptors(&t->verdict, &t->outcome);
	}
	map_free(map);
	return verdict_open(&t->verdict);
}
