/* Races between the processes of a map, of whatever kind: see race.h, races.h.
 *
 * What is found is chance: which accesses are held up, and who comes by meanwhile. So a
 * small map is called again and again, each time with other delays. These also bring
 * out what a race does: a task that is done twice, a result that is lost, a hang.
 */
#include <stdlib.h>

#include "clock.h"
#include "map.h"
#include "races.h"

#define SECONDS_A_MAP 0.8

enum { TASKS = 24, BINS = 3, MOST_WORKERS = 4 };

static double seconds_to_look(double usual)
{
	const char *wanted = getenv("RACE_SECONDS");
	double seconds = wanted == NULL ? 0 : strtod(wanted, NULL);
	return seconds > 0 ? seconds : usual;
}

/* A lost task or a wrong result is kept, but it may be what a race leads to: that would tell
 * more, so it is looked for as long as there is time. */
static bool goes_on(struct test *t, struct verdict *first, double end)
{
	if (!verdict_open(&t->verdict)) {
		bool symptom = t->verdict.diagnosis == WRONG_RESULT || t->verdict.diagnosis == LOST_TASK ||
		               t->verdict.diagnosis == REPEATED_TASK;
		if (t->verdict.kind != VERDICT_FAILED || !symptom)
			return false;
		if (verdict_open(first))
			*first = t->verdict;
		t->verdict = (struct verdict){ 0 };
	}
	return clock_wall() < end;
}

void races_look(struct test *t, double seconds, race_round_fn *round, const void *what)
{
	if (!suite_has_variant(t, SUITE_RACE)) {
		verdict_set(&t->verdict, VERDICT_NOT_MEASURED,
		            "Races are found in code that was compiled with -fsanitize=thread, and this "
		            "compiler could not do that. gcc and clang can, on x86-64 and arm64.");
		return;
	}
	struct verdict first = { 0 };
	const double end = clock_wall() + seconds_to_look(seconds);
	for (uint32_t seed = t->seed | 1; goes_on(t, &first, end); seed += 2) {
		round(t, what, seed);
		if (t->verdict.diagnosis != RACE) /* which says it itself */
			verdict_before(&t->verdict, "While accesses to shared memory were held up (SEED=%u): ",
			               seed);
	}
	if (verdict_open(&t->verdict))
		t->verdict = first;
}

/* All workers are there before any goes on, and then they come to the same place at once. */
static void call_once(struct test *t, const void *kind, uint32_t seed)
{
	const struct map_kind *of = kind;
	struct map_plan plan = {
		.kind = of, .n = TASKS, .chunk = 1 + seed / 2 % 3, .calls = 1,
		.nbins = of->form == MAP_HISTOGRAM ? BINS : 0,
		.workers = 2 + (int)(seed / 2) % (MOST_WORKERS - 1),
		.values = VALUES_CHEAP, .meet_at = 1, .at_once = true, .race_seed = seed,
	};
	struct map *map = map_create_from(t, &plan);
	if (map_succeeds(t, map, NULL))
		map_judge(t, map);
	map_free(map);
}

void map_test_races(struct test *t, const struct map_kind *kind)
{
	races_look(t, SECONDS_A_MAP, call_once, kind);
}
