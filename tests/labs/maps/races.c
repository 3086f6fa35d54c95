/* Races between the processes of a map, of whatever kind: see race.h, races.h.
 *
 * What is found is chance: which accesses are held up, and who comes by meanwhile. So a
 * small map is called again and again, each time with other delays. These also bring
 * out what a race does: a task that is done twice, a result that is lost, a hang.
 */
#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "clock.h"
#include "map.h"
#include "races.h"

#define SECONDS_A_MAP 0.8

enum { TASKS = 24, BINS = 3, FEWEST_WORKERS = 2, WORKERS_CHOICE = 3 };

/* A setting of the environment, or 0. */
static double setting(const char *name)
{
	const char *text = getenv(name);
	double value = text == NULL ? 0 : strtod(text, NULL);
	return value > 0 ? value : 0;
}

int races_workers(uint32_t seed)
{
	int wanted = (int)setting("RACE_WORKERS");
	return wanted > 0 ? wanted : FEWEST_WORKERS + (int)(seed / 2 % WORKERS_CHOICE);
}

/* How long to look: for some time, or some rounds. */
struct patience {
	double end;
	long rounds;
};

static struct patience patience(double usual_seconds)
{
	double seconds = setting("RACE_SECONDS"), rounds = setting("RACE_ROUNDS");
	if (rounds > 0)
		return (struct patience){ .end = HUGE_VAL, .rounds = (long)rounds };
	return (struct patience){ .end = clock_wall() + (seconds > 0 ? seconds : usual_seconds),
		                      .rounds = LONG_MAX };
}

/* A lost task or a wrong result is kept, but it may be what a race leads to: that would tell
 * more, so it is looked for as long as there is time. */
static bool goes_on(struct test *t, struct verdict *first, struct patience *left)
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
	return left->rounds-- > 0 && clock_wall() < left->end;
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
	struct patience left = patience(seconds);
	for (uint32_t seed = t->seed | 1; goes_on(t, &first, &left); seed += 2) {
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
		.workers = races_workers(seed),
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
