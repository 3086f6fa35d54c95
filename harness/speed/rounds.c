/* Judging rounds of wall-clock times: see rounds.h. */
#include "rounds.h"

#include <math.h>

#include "estimate.h"
#include "sequential.h"

static const double ceiling_least = 0.80;  /* of the workers: below, the machine was not free */
static const double ceiling_most = 1.15;   /* above, the serial run was held up */
static const double serial_own_least = 0.93; /* of the serial run's time it had the CPU */
static const double free_counted = 0.50;   /* of the rounds, on a free machine */
static const double free_others = 0.10;    /* of the CPUs, used by others on a free machine */

static const double busy_others = 0.20; /* and on one where it makes no sense to try for long */

static double speedup(const struct round *round)
{
	return round->serial / round->student;
}

static double ceiling(const struct round *round)
{
	return round->serial / round->bare;
}

static double required(const struct round *round)
{
	return sqrt(ceiling(round));
}

bool round_counts(const struct round *round, int workers)
{
	double most = (double)workers;
	return ceiling(round) >= ceiling_least * most && ceiling(round) <= ceiling_most * most &&
	       round->serial_cpu >= serial_own_least * round->serial;
}

bool rounds_machine_was_free(const struct rounds_result *result)
{
	int rounds = result->counted + result->empty;
	return result->counted >= free_counted * rounds && result->others <= free_others &&
	       result->stolen <= free_others;
}

/* Whether there is no sense in trying for long. */
static bool hopeless(const struct rounds_result *result)
{
	return 4 * result->counted < result->empty && result->others > busy_others;
}

/* The median of one figure over the rounds that count, or over all if none does. */
static double middle(const struct round rounds[], size_t count, int workers, bool only_counted,
                     double (*figure)(const struct round *))
{
	double values[ROUNDS_IN_ALL];
	size_t used = 0;
	for (size_t i = 0; i < count; i++)
		if (!only_counted || round_counts(&rounds[i], workers))
			values[used++] = figure(&rounds[i]);
	return used == 0 ? 0 : median_of(values, used);
}

static void add_up_others(const struct round rounds[], size_t count, int workers,
                          struct rounds_result *result)
{
	double time = 0;
	for (size_t i = 0; i < count; i++) {
		time += rounds[i].wall * workers;
		result->others += rounds[i].others;
		result->stolen += rounds[i].stolen;
	}
	result->others = time > 0 && result->others > 0 ? result->others / time : 0;
	result->stolen = time > 0 ? result->stolen / time : 0;
}

/* Counts wins and losses. Returns whether, and how, one side came to lead. Nobody
 * falls farther behind than to the brink of defeat, so that who lost while the
 * machine was not free can still catch up. */
static enum leader play(const struct round rounds[], size_t count, int workers,
                        struct rounds_result *result)
{
	struct sequential game = sequential_start(ROUNDS_LEAD, ROUNDS_LEAD_SURE);
	for (size_t i = 0; i < count; i++) {
		if (!round_counts(&rounds[i], workers)) {
			result->empty++;
			continue;
		}
		bool won = speedup(&rounds[i]) > required(&rounds[i]), newest = i + 1 == count;
		result->counted++;
		result->won += won;
		if (won || game.lead > 1 - ROUNDS_LEAD_SURE)
			sequential_add(&game, won);
		else if (newest && rounds_machine_was_free(result))
			return LEADER_SECOND;
	}
	return sequential_leader(&game);
}

struct rounds_result rounds_judge(const struct round rounds[], size_t count, int workers)
{
	struct rounds_result result = { 0 };
	count = count < ROUNDS_IN_ALL ? count : ROUNDS_IN_ALL;
	add_up_others(rounds, count, workers, &result);
	enum leader leader = play(rounds, count, workers, &result);
	bool some = result.counted > 0;
	result.speedup = middle(rounds, count, workers, some, speedup);
	result.ceiling = middle(rounds, count, workers, some, ceiling);
	result.required = middle(rounds, count, workers, some, required);
	if (leader == LEADER_FIRST)
		result.state = ROUNDS_FASTER;
	else if (leader == LEADER_SECOND)
		result.state = ROUNDS_NOT_FASTER;
	else if (result.empty >= ROUNDS_VOID_MOST || count >= ROUNDS_IN_ALL ||
	         (hopeless(&result) && result.empty >= ROUNDS_VOID_FEW))
		result.state = ROUNDS_NOT_MEASURED;
	return result;
}
