/* Lab 04: how the work is shared out, by slices and by chunks. */
#include "sharing.h"

/* --- static ---------------------------------------------------------------------- */

static void judge_slices(struct test *t, size_t n, int workers)
{
	size_t most = (n + (size_t)workers - 1) / (size_t)workers;
	struct map *map = map_create(t, &static_kind, n, workers);
	if (map_succeeds(t, map, NULL))
		for (int i = 0; i < map->processes && i < MAP_PROCESSES; i++)
			if (map->process[i].tasks > most)
				verdict_fail(&t->verdict, UNBALANCED,
				             "Settle before the forks which tasks each worker does: from "
				             "rank * n / workers to (rank + 1) * n / workers.",
				             "%s: one worker ran %zu tasks. Expected: at most %zu, which is "
				             "%zu / %d rounded up.",
				             map_text(map), (size_t)map->process[i].tasks, most, n, workers);
	map_free(map);
}

void map_slices_are_even(struct test *t)
{
	judge_slices(t, 100, 3);
	if (verdict_open(&t->verdict))
		judge_slices(t, 50, 4);
	if (verdict_open(&t->verdict))
		judge_slices(t, 7, 5);
}

/* --- dynamic --------------------------------------------------------------------- */

/* Workers that all start in the same instant: some tasks, with a stop between any two
 * instructions; or very many, taken by more workers than there are CPUs. */
static struct map *crowd(struct test *t, bool steps)
{
	enum { SOME = 400, MANY = 60000, WORKERS = 4 };
	struct map *map = map_create(t, &dynamic_kind, steps ? SOME : MANY, WORKERS);
	map->plan.values = VALUES_CHEAP;
	map->plan.meet_at = 1;
	map->plan.at_once = true;
	map->plan.steps = steps;
	map->plan.stops = !steps;
	return map;
}

void dynamic_takes_each_task_once(struct test *t)
{
	enum { WITH_STEPS = 6, WITHOUT_STEPS = 8 };
	const uint32_t rounds = map_can_step() ? WITH_STEPS : WITHOUT_STEPS;
	for (uint32_t round = 0; round < rounds && verdict_open(&t->verdict); round++) {
		struct map *map = crowd(t, round % 2 == 0);
		struct call disturbed = {
			.limits = { .cpu_seconds = 10 },
			.faults = { .delay_seed = round % 4 == 1 ? test_random(t, 300 + round) | 1 : 0 },
		};
		if (map_succeeds(t, map, &disturbed))
			map_judge(t, map);
		verdict_before(&t->verdict, "In round %u of %u, with workers held up at random (SEED=%u): ",
		               round + 1, rounds, t->seed);
		map_free(map);
	}
}

/* Twenty tasks of cost 100 and then many of cost 1, in simulated time (workload.h):
 * slices would give all the long ones to the first worker. */
void dynamic_balances(struct test *t)
{
	enum { TASKS = 200, HEAVY = 20, WORKERS = 3 };
	const double best = (100.0 * HEAVY + (TASKS - HEAVY)) / WORKERS, allowed = 1.15 * best;
	struct map *map = map_create(t, &dynamic_kind, TASKS, WORKERS);
	map->plan.simulated = true;
	map->plan.heavy = HEAVY;
	if (map_succeeds(t, map, NULL)) {
		double makespan = workload_makespan(&map->load);
		if (makespan > allowed)
			verdict_fail(&t->verdict, UNBALANCED,
			             "Let the workers share one counter of the tasks that are taken: "
			             "whoever is done takes the next chunk.",
			             "%s: of %d tasks the first %d took 100 times as long as the others. One "
			             "worker had %.0f units of work, of %.0f in all. Expected: at most %.0f, "
			             "which is 15%% above an equal share.",
			             map_text(map), TASKS, HEAVY, makespan, best * WORKERS, allowed);
	}
	map_free(map);
}
