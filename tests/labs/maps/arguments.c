/* Every map: arguments that make no sense are refused, and nothing is touched. */
#include <errno.h>

#include "map.h"

static void reject(struct test *t, const struct map_plan *plan, const char *why)
{
	struct map *map = map_create(t, plan->kind, 3, 2);
	if (verdict_open(&t->verdict)) {
		size_t nbins = map->plan.nbins;
		map->plan = *plan;
		map->plan.nbins = nbins;
		map_call(t, map, NULL);
		if (t->outcome.ending == ENDING_RETURNED && t->verdict.kind == VERDICT_FAILED)
			t->verdict = (struct verdict){ 0 }; /* what followed from the argument */
		if (t->outcome.ending == ENDING_RETURNED)
			judge_failure(&t->verdict, &t->outcome, EINVAL, map_text(map), why);
		if (t->verdict.diagnosis == WRONG_ERRNO)
			verdict_blame(&t->verdict, WRONG_ERRNO,
			              "Check the arguments first, before anything is started or written, and "
			              "set errno to EINVAL.",
			              "Called %s: ", why);
		judge_leftovers(&t->verdict, &t->outcome);
	}
	map_free(map);
}

void map_test_arguments(struct test *t, const struct map_kind *kind)
{
	const struct map_plan good = { .kind = kind, .n = 3, .workers = 2, .chunk = 1, .calls = 1 };
	struct map_plan plan = good;
	plan.workers = 0;
	reject(t, &plan, "without a worker");
	plan.workers = -1;
	reject(t, &plan, "without a worker");
	plan = good;
	plan.no_task = true;
	reject(t, &plan, "without a task");
	plan = good;
	plan.no_seeds = true;
	reject(t, &plan, "without seeds");
	plan = good;
	plan.no_output = true;
	reject(t, &plan, kind->form == MAP_HISTOGRAM ? "without bins" : "without results");
	plan = good;
	plan.chunk = 0;
	if (kind->form == MAP_CHUNKED)
		reject(t, &plan, "with chunks of no task");

	struct map *nothing = map_create(t, kind, 0, 2);
	nothing->plan.no_seeds = true;
	nothing->plan.no_output = kind->form != MAP_HISTOGRAM;
	if (verdict_open(&t->verdict) && map_succeeds(t, nothing, NULL))
		map_judge_output(t, nothing); /* with n = 0 there is nothing to point to */
	map_free(nothing);
}
