/* One call of adaptive_map: see adaptive.h. Seeds are not indices, and no two are
 * equal, so that each task knows its index, in whatever process it runs.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "adaptive.h"
#include "crossover.h"
#include "fence.h"
#include "judge.h"
#include "kit.h"
#include "shared.h"

typedef int adaptive_map_fn(map_fn *, void *, task_fn *, const uint32_t *, size_t, int32_t *);

enum { SEED_STEP = 17, MAPS_IN_PROCESSES = 30 };

/* --- in the caller and its children ---------------------------------------------- */

static struct adaptive *the_call;

static uint32_t seed_of(const struct adaptive *call, size_t index)
{
	return call->first_seed + SEED_STEP * (uint32_t)index;
}

static int32_t counted_task(uint32_t seed)
{
	size_t index = (seed - the_call->first_seed) / SEED_STEP;
	if (index >= the_call->n || seed != seed_of(the_call, index)) {
		atomic_fetch_add(&the_call->strangers, 1);
		return 0;
	}
	if (the_call->times[index] < 255)
		atomic_fetch_add(&the_call->times[index], 1);
	return kit_task(seed);
}

/* Calls with a task of the student's own, to learn what a call costs, are left alone.
 * Who calls it again and again gets no more processes: that this is slow is said
 * elsewhere. */
static int watched_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
                       void *context)
{
	struct adaptive *call = the_call;
	if (task != counted_task)
		return kit_map(task, seeds, n, results, call->workers);
	call->maps += n > 0;
	call->wrong_context += context != call;
	if (call->error != 0 && n > 0) {
		errno = call->error;
		return -1;
	}
	if (call->maps > MAPS_IN_PROCESSES)
		return kit_serial(task, seeds, n, results);
	return kit_map(task, seeds, n, results, call->workers);
}

static void call_adaptive_map(void *arg)
{
	struct adaptive *call = the_call = arg;
	adaptive_map_fn *function = (adaptive_map_fn *)plugin_function("adaptive_map");
	int32_t *results = fence_alloc(call->n * sizeof *results);
	uint32_t *seeds = fence_alloc(call->n * sizeof *seeds);
	for (size_t i = 0; i < call->n; i++)
		seeds[i] = seed_of(call, i);
	kit_calibrate();
	kit_set_cost(call->cost_seconds);

	call_begin();
	int value = function(call->no_map ? NULL : watched_map, call,
	                     call->no_task ? NULL : counted_task, call->no_seeds ? NULL : seeds,
	                     call->n, call->no_results ? NULL : results);
	call_end(value);
	call->broken = fence_broken(results);
	memcpy(call->results, results, call->n * sizeof *results);
	fence_free(seeds);
	fence_free(results);
}

/* --- in the judge ------------------------------------------------------------------- */

struct adaptive *adaptive_create(struct test *t, size_t n, double cost_seconds)
{
	size_t size = sizeof(struct adaptive) + n * (sizeof(int32_t) + sizeof(atomic_uchar));
	struct adaptive *call = shared_alloc(size);
	call->size = size;
	call->n = n;
	call->cost_seconds = cost_seconds;
	call->workers = kit_workers();
	call->first_seed = test_random(t, (uint32_t)n);
	call->results = (int32_t *)(call + 1);
	call->times = (atomic_uchar *)(call->results + n);
	return call;
}

void adaptive_free(struct adaptive *call)
{
	shared_free(call, call->size);
}

int32_t adaptive_value(const struct adaptive *call, size_t index)
{
	return kit_value(seed_of(call, index));
}

const char *adaptive_text(const struct adaptive *call)
{
	static char text[96];
	snprintf(text, sizeof text, "adaptive_map(%s, context, %s, %s, %zu, %s)",
	         call->no_map ? "NULL" : "parallel", call->no_task ? "NULL" : "task",
	         call->no_seeds ? "NULL" : "seeds", call->n, call->no_results ? "NULL" : "results");
	return text;
}

bool adaptive_call(struct test *t, struct adaptive *call)
{
	struct call supervised = { .body = call_adaptive_map, .arg = call,
		                       .text = adaptive_text(call), .limits = { .cpu_seconds = 5 } };
	test_call(t, &supervised);
	return !judge_not_started(&t->verdict, &t->outcome, "adaptive_map") &&
	       judge_ending(&t->verdict, &supervised, &t->outcome);
}

bool adaptive_succeeds(struct test *t, struct adaptive *call)
{
	if (!adaptive_call(t, call))
		return false;
	judge_refusal(&t->verdict, &t->outcome, adaptive_text(call));
	if (t->outcome.value != 0)
		verdict_fail(&t->verdict, WRONG_RESULT, "End the function with return 0.",
		             "%s returned %ld. Expected: 0.", adaptive_text(call), t->outcome.value);
	return verdict_open(&t->verdict);
}
