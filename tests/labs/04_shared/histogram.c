/* Lab 04: are the counts of shared_histogram right, also when all count at once? */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "sharing.h"

void histogram_runs_in_workers(struct test *t)
{
	map_test_processes(t, &histogram_kind);
	if (verdict_open(&t->verdict))
		map_test_together(t, &histogram_kind);
}

/* --- lost updates ---------------------------------------------------------------- */

enum { TASKS = 12000, WORKERS = 4, FEW_BINS = 3, MANY_BINS = 30000 };

/* Few bins, and all begin at once: additions task by task meet. Many bins, and all
 * have their last task at once: additions of whole tables meet, above all where a
 * table goes over to its next page, for which they wait for each other. */
static struct map *crowd(struct test *t, bool few, bool together)
{
	struct map_plan plan = {
		.kind = &histogram_kind, .n = TASKS, .workers = WORKERS, .calls = 1,
		.nbins = few ? FEW_BINS : MANY_BINS, .values = VALUES_CHEAP, .at_once = true,
		.meet_at = !together ? 0 : few ? 1 : TASKS / WORKERS,
	};
	return map_create_from(t, &plan);
}

/* The same with few tasks and bins, and a stop between any two instructions. */
static struct map *steps(struct test *t, bool together)
{
	enum { STEPPED_TASKS = 400, STEPPED_BINS = 40 };
	struct map_plan plan = {
		.kind = &histogram_kind, .n = STEPPED_TASKS, .workers = WORKERS, .calls = 1,
		.nbins = STEPPED_BINS, .values = VALUES_CHEAP, .at_once = true, .steps = true,
		.meet_at = together ? STEPPED_TASKS / WORKERS : 0,
	};
	return map_create_from(t, &plan);
}

/* Where workers can go step by step, this finds in the first rounds what else takes
 * many. The rest is then what the steps leave out: tables of many pages, and optimised
 * code, each with workers that are stopped and without. */
void histogram_loses_no_update(struct test *t)
{
	enum { STEPPED = 4, AFTER_STEPS = STEPPED + 4, WITHOUT_STEPS = 50 };
	const uint32_t rounds = map_can_step() ? AFTER_STEPS : WITHOUT_STEPS;
	bool together = true;
	for (uint32_t round = 0; round < rounds && verdict_open(&t->verdict); round++) {
		bool stepped = round < STEPPED;
		struct map *map = stepped ? steps(t, together) : crowd(t, round % 2 == 0, together);
		map->plan.stops = !stepped && round % 4 < 2; /* the stopped do not keep step with others */
		struct call disturbed = {
			.limits = { .cpu_seconds = 10 },
			.faults = { .delay_seed = test_random(t, 400 + round) | 1 },
		};
		if (map_succeeds(t, map, &disturbed))
			map_judge_output(t, map);
		verdict_before(&t->verdict, "In round %u of %u, with workers held up at random (SEED=%u): ",
		               round + 1, rounds, t->seed);
		together = rendezvous_complete(&map->meeting); /* or each round waits in vain */
		map_free(map);
	}
}

/* --- out of range ---------------------------------------------------------------- */

/* Whether a good call leaves nothing: if it does, that is the subject of other rows. */
static bool clean_when_good(struct test *t)
{
	struct verdict before = t->verdict;
	struct map *map = map_create(t, &histogram_kind, 100, 3);
	if (map_succeeds(t, map, NULL))
		judge_leftovers(&t->verdict, &t->outcome);
	bool clean = verdict_open(&t->verdict);
	t->verdict = before;
	map_free(map);
	return clean;
}

static void judge_odd_result(struct test *t, const struct map *map, bool clean)
{
	const struct map_plan *plan = &map->plan;
	judge_fence(&t->verdict, map->broken_output, "bins", plan->nbins, sizeof *map->bins);
	if (t->outcome.value != -1)
		verdict_fail(&t->verdict, WRONG_RESULT,
		             "Before you count a result, check that it is at least 0 and below nbins.",
		             "%s returned %ld, although the result of seeds[%zu] is %d, which has no bin. "
		             "Expected: -1 with ERANGE.",
		             map_text(map), t->outcome.value, plan->odd_index, plan->odd_value);
	map_judge_bins_untouched(t, map);
	judge_failure(&t->verdict, &t->outcome, ERANGE, map_text(map), "with a result out of range");
	if (clean)
		judge_leftovers(&t->verdict, &t->outcome);
}

void histogram_out_of_range(struct test *t)
{
	enum { SQUARE_BINS = 82 };
	static const struct {
		int32_t value;
		size_t index;
	} odd[] = {
		{ -1, 0 }, { SQUARE_BINS, 99 }, { INT32_MIN, 50 }, { INT32_MAX, 33 }, { SQUARE_BINS + 1, 66 },
	};
	bool clean = clean_when_good(t);
	for (size_t i = 0; i < sizeof odd / sizeof *odd && verdict_open(&t->verdict); i++) {
		struct map *map = map_create(t, &histogram_kind, 100, 3);
		map->plan.has_odd = true;
		map->plan.odd_value = odd[i].value;
		map->plan.odd_index = odd[i].index;
		if (map_call(t, map, NULL))
			judge_odd_result(t, map, clean);
		map_free(map);
	}
}
