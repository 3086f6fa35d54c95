/* Races between the processes of a map, of whatever kind: see race.h, races.h.
 *
 * What is found is chance: which accesses are held up, and who comes by meanwhile. So a
 * small map is called again and again, each time with other delays; a few times in each
 * supervised call, which costs more than the map. The delays also bring out what a race
 * does: a task that is done twice, a result that is lost, a hang.
 */
#include <stdlib.h>

#include "clock.h"
#include "map.h"
#include "races.h"

/* A static map shares little but its results. */
#define SECONDS_OF_STATIC 0.5
#define SECONDS_OF_OTHERS 1.0

/* However busy the machine is, so many rounds are made; and where something was wrong that a
 * race may have led to, it gets so much more time to show itself. */
enum { ROUNDS_LEAST = 10, TIMES_LONGER = 4 };

enum { CALLS = 4, TASKS = 24, BINS = 3, FEWEST_WORKERS = 2, WORKERS_CHOICE = 3 };

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
	return wanted > 0 ? wanted : FEWEST_WORKERS + (int)(seed / 4 % WORKERS_CHOICE);
}

/* After so many rounds, in so many seconds? */
static bool is_enough(int rounds, double seconds, double usual)
{
	double wanted = setting("RACE_ROUNDS"), longer = setting("RACE_SECONDS");
	if (wanted > 0)
		return rounds >= wanted;
	return rounds >= ROUNDS_LEAST && seconds >= (longer > 0 ? longer : usual);
}

static bool is_symptom(const struct verdict *verdict)
{
	return verdict->kind == VERDICT_FAILED &&
	       (verdict->diagnosis == WRONG_RESULT || verdict->diagnosis == LOST_TASK ||
	        verdict->diagnosis == REPEATED_TASK || verdict->diagnosis == UNEXPECTED_ERROR);
}

/* A lost task, a wrong result or an error is kept, but it may be what a race leads to: that
 * would tell more, so it is looked for as long as there is time. Returns whether to go on. */
static bool keep_symptom(struct test *t, struct verdict *first)
{
	if (verdict_open(&t->verdict))
		return true;
	if (!is_symptom(&t->verdict))
		return false;
	if (verdict_open(first))
		*first = t->verdict;
	t->verdict = (struct verdict){ 0 };
	return true;
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
	const double start = clock_wall();
	uint32_t seed = t->seed | 1;
	for (int rounds = 0; keep_symptom(t, &first); rounds++, seed += 2) {
		double times = verdict_open(&first) ? 1 : TIMES_LONGER;
		if (is_enough(rounds, (clock_wall() - start) / times, seconds))
			break;
		round(t, what, seed);
		if (t->verdict.diagnosis != RACE) /* which says it itself */
			verdict_before(&t->verdict, "While accesses to shared memory were held up (SEED=%u): ",
			               seed);
	}
	if (verdict_open(&t->verdict))
		t->verdict = first;
}

/* All workers are there before any goes on, and then they come to the same place at once:
 * in their first task, which in every other round is the last one, too. */
static void call_some(struct test *t, const void *kind, uint32_t seed)
{
	const struct map_kind *of = kind;
	const uint32_t round = seed / 2;
	const int workers = races_workers(seed);
	struct map_plan plan = {
		.kind = of, .n = round % 2 == 0 ? TASKS : (size_t)workers, .chunk = 1 + round / 2 % 3,
		.calls = workers <= MAP_PROCESSES / CALLS ? CALLS : 1, .nbins = of->form == MAP_HISTOGRAM ? BINS : 0, .workers = workers,
		.values = VALUES_CHEAP, .meet_at = 1, .at_once = true, .race_seed = seed,
	};
	if (plan.n < TASKS)
		plan.chunk = 1; /* one for each */
	struct call patient = { .limits = RACES_LIMITS };
	struct map *map = map_create_from(t, &plan);
	if (map_succeeds(t, map, &patient))
		map_judge(t, map);
	map_free(map);
}

void map_test_races(struct test *t, const struct map_kind *kind)
{
	double seconds = kind->form == MAP_PLAIN ? SECONDS_OF_STATIC : SECONDS_OF_OTHERS;
	races_look(t, seconds, call_some, kind);
}
