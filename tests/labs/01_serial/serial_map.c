/* Lab 01, serial_map: every task once, in order, and nothing else. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fence.h"
#include "judge.h"
#include "probe.h"
#include "reference.h"
#include "shared.h"
#include "task.h"
#include "tests.h"

typedef int serial_map_fn(task_fn *, const uint32_t *, size_t, int32_t *);

enum { MAP_MOST = 1000 };

struct map_call {
	size_t n;
	bool no_task, no_seeds, no_results; /* pass NULL */
	uint32_t seeds[MAP_MOST];
	int32_t results[MAP_MOST];
	long broken;
	pid_t caller;
	struct probe_log *log; /* behind this struct, as shared as it is */
};

static size_t map_call_size(void)
{
	return sizeof(struct map_call) + probe_log_size(2 * MAP_MOST);
}

/* Seeds that are no indices, each different, so that order and counts can be told. */
static struct map_call *map_call_create(struct test *t, size_t n)
{
	struct map_call *call = shared_alloc(map_call_size());
	call->n = n;
	for (size_t i = 0; i < n; i++)
		call->seeds[i] = test_random(t, (uint32_t)n) + 7919u * (uint32_t)i;
	call->log = probe_init(call + 1, 2 * MAP_MOST);
	return call;
}

static void call_serial_map(void *arg)
{
	struct map_call *call = arg;
	serial_map_fn *function = (serial_map_fn *)plugin_function("serial_map");
	int32_t *results = fence_alloc(call->n * sizeof *results);
	uint32_t *seeds = fence_alloc(call->n * sizeof *seeds);
	memcpy(seeds, call->seeds, call->n * sizeof *seeds);

	call->caller = getpid();
	call_begin();
	int value = function(call->no_task ? NULL : probe_task, call->no_seeds ? NULL : seeds,
	                     call->n, call->no_results ? NULL : results);
	call_end(value);
	call->broken = fence_broken(results);
	memcpy(call->results, results, call->n * sizeof *results);
	fence_free(seeds);
	fence_free(results);
}

static const char *map_text(const struct map_call *call)
{
	static char text[96];
	snprintf(text, sizeof text, "serial_map(%s, %s, %zu, %s)", call->no_task ? "NULL" : "task",
	         call->no_seeds ? "NULL" : "seeds", call->n, call->no_results ? "NULL" : "results");
	return text;
}

/* Makes the call; returns whether it came back with 0. */
static bool map(struct test *t, struct map_call *shared)
{
	struct call call = { .body = call_serial_map, .arg = shared, .text = map_text(shared),
		                 .limits = { .cpu_seconds = 1 } };
	test_call(t, &call);
	if (judge_not_started(&t->verdict, &t->outcome, "serial_map") ||
	    !judge_ending(&t->verdict, &call, &t->outcome))
		return false;
	judge_refusal(&t->verdict, &t->outcome, map_text(shared));
	if (t->outcome.value != 0)
		verdict_fail(&t->verdict, WRONG_RESULT, "End the function with return 0.",
		             "%s returned %ld. Expected: 0.", map_text(shared), t->outcome.value);
	return verdict_open(&t->verdict);
}

static void judge_map_bounds(struct test *t, const struct map_call *call)
{
	judge_fence(&t->verdict, call->broken, "results", call->n, sizeof *call->results);
}

static void judge_map_tasks(struct test *t, const struct map_call *call)
{
	for (size_t i = 0; i < call->n; i++) {
		size_t times = probe_times_run(call->log, call->seeds[i]);
		if (times == 0)
			verdict_fail(&t->verdict, LOST_TASK,
			             probe_entries(call->log) == 0
			                 ? "Call the function that you were given: task(seeds[i])."
			                 : "Check the first and the last index of your loop.",
			             "With n = %zu, the task for seeds[%zu] was never run. Expected: "
			             "once each.", call->n, i);
		if (times > 1)
			verdict_fail(&t->verdict, REPEATED_TASK,
			             "Call the task once and keep its result in a variable.",
			             "With n = %zu, the task for seeds[%zu] was run %zu times. Expected: "
			             "once each.", call->n, i, times);
	}
	if (probe_entries(call->log) > call->n)
		verdict_fail(&t->verdict, REPEATED_TASK, "Run the task for the seeds given, and no other.",
		             "With n = %zu, tasks were run %zu times, for seeds that were not given.",
		             call->n, probe_entries(call->log));
}

static void judge_map_results(struct test *t, const struct map_call *call)
{
	size_t different = 0, first = 0;
	for (size_t i = call->n; i-- > 0;) {
		if (call->results[i] != reference_square(call->seeds[i])) {
			different++;
			first = i;
		}
	}
	if (different > 0 && call->results[first] == FENCE_FRESH)
		verdict_fail(&t->verdict, WRONG_RESULT, "Store what task(seeds[i]) returned at results[i].",
		             "With n = %zu, results[%zu] was never written. Expected: %d. %zu of %zu "
		             "differ.", call->n, first, reference_square(call->seeds[first]), different,
		             call->n);
	if (different > 0)
		verdict_fail(&t->verdict, WRONG_RESULT, "results[i] is what task(seeds[i]) returned.",
		             "With n = %zu, results[%zu] is %d. Expected: %d. %zu of %zu differ.",
		             call->n, first, call->results[first],
		             reference_square(call->seeds[first]), different, call->n);
}

void serial_map_in_order(struct test *t)
{
	static const size_t sizes[] = { 1, 2, 0, 1000 };
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes && verdict_open(&t->verdict); i++) {
		struct map_call *call = map_call_create(t, sizes[i]);
		if (map(t, call)) {
			judge_map_bounds(t, call);
			judge_map_tasks(t, call);
			judge_map_results(t, call);
		}
		shared_free(call, map_call_size());
	}
}

static void map_and_judge(struct test *t, size_t n,
                          void (*judge)(struct test *, const struct map_call *))
{
	struct map_call *call = map_call_create(t, n);
	if (verdict_open(&t->verdict) && map(t, call))
		judge(t, call);
	shared_free(call, map_call_size());
}

void serial_map_runs_each_task_once(struct test *t)
{
	map_and_judge(t, 101, judge_map_bounds);
	map_and_judge(t, 101, judge_map_tasks);
}

void serial_map_stays_in_bounds(struct test *t)
{
	map_and_judge(t, 1, judge_map_bounds);
	map_and_judge(t, 37, judge_map_bounds);
}

static void judge_map_processes(struct test *t, const struct map_call *call)
{
	bool elsewhere = false;
	for (size_t i = 0; i < probe_entries(call->log); i++)
		elsewhere = elsewhere || call->log->entry[i].tid != call->caller;
	if (t->outcome.forks > 0 || t->outcome.threads > 0 || elsewhere)
		verdict_fail(&t->verdict, EXTRA_PROCESSES,
		             "A plain loop is all: this is what the parallel maps are compared with.",
		             "serial_map started processes (%d) or threads (%d), or ran tasks in some. "
		             "Expected: all tasks run in the caller.",
		             t->outcome.forks, t->outcome.threads);
}

void serial_map_needs_no_process(struct test *t)
{
	map_and_judge(t, 500, judge_map_processes);
}

static void judge_map_leftovers(struct test *t, const struct map_call *call)
{
	(void)call;
	judge_leftovers(&t->verdict, &t->outcome);
}

void serial_map_leaves_nothing(struct test *t)
{
	map_and_judge(t, 10, judge_map_leftovers);
}

static void reject(struct test *t, bool no_task, bool no_seeds, bool no_results)
{
	struct map_call *shared = map_call_create(t, 3);
	struct call call = { .body = call_serial_map, .arg = shared,
		                 .limits = { .cpu_seconds = 1 } };
	shared->no_task = no_task;
	shared->no_seeds = no_seeds;
	shared->no_results = no_results;
	call.text = map_text(shared);
	test_call(t, &call);
	if (!judge_not_started(&t->verdict, &t->outcome, "serial_map") &&
	    judge_ending(&t->verdict, &call, &t->outcome))
		judge_failure(&t->verdict, &t->outcome, EINVAL, map_text(shared), "with a NULL");
	shared_free(shared, map_call_size());
}

void serial_map_rejects_bad_arguments(struct test *t)
{
	reject(t, true, false, false);
	reject(t, false, true, false);
	reject(t, false, false, true);

	struct map_call *nothing = map_call_create(t, 0);
	nothing->no_seeds = nothing->no_results = true;
	map(t, nothing); /* with n = 0 there is nothing to point to */
	shared_free(nothing, map_call_size());
}
