/* Whole runs of rounds on simulated machines: with noise, outliers, CPUs that drift and
 * throttle, and neighbours. A solution is as fast as the test says, so that each wrong
 * verdict is known for one; the generator's seed is fixed.
 */
#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "rounds.h"

enum { TEST_SECONDS = 300, RUNS = 2000, SOON = 20 };

/* --- a machine ------------------------------------------------------------------- */

struct world {
	int workers;
	double speedup, ceiling; /* on a free machine */
	double noise;            /* of every time: its standard deviation, as a part of it */
	double outliers;         /* the chance of a run to take 3 to 10 times as long */
	double drift;            /* how much slower the CPUs are in the last round than in the first */
	double throttled;        /* the chance of a round to be 2.4 times slower, all of it */
	double neighbours;       /* the chance of a run to share a CPU with somebody */
};

static uint64_t state;

/* In [0, 1); splitmix64: Steele, Lea and Flood, 2014. */
static double chance(void)
{
	uint64_t x = state += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return (double)((x ^ (x >> 31)) >> 11) * 0x1p-53;
}

/* Around 1; the sum of twelve is normal enough, and has no tail to speak of. */
static double noisy(const struct world *w)
{
	double sum = -6;
	for (int i = 0; i < 12; i++)
		sum += chance();
	double factor = 1 + w->noise * sum;
	return chance() < w->outliers ? factor * (3 + 7 * chance()) : factor;
}

/* A run in several processes. Where a neighbour sits on one of their CPUs all the time,
 * it takes as long as the serial loop, or twice as long if it was no faster anyway. */
static double parallel_run(const struct world *w, double serial, double speedup, double *others)
{
	double seconds = serial / speedup * noisy(w);
	if (chance() < w->neighbours) {
		seconds = speedup > 1.3 ? serial * noisy(w) : 2 * seconds;
		*others += seconds / 2;
	}
	return seconds;
}

static struct round make_round(const struct world *w, size_t which)
{
	double serial = 0.010 * (1 + w->drift * (double)which / ROUNDS_IN_ALL);
	struct round round = { 0 };
	if (chance() < w->throttled)
		serial *= 2.4;
	round.serial = serial * noisy(w);
	round.serial_cpu = 0.99 * round.serial;
	if (chance() < w->neighbours) { /* for a part of the time, or all of it */
		double waited = round.serial * chance();
		round.serial += waited;
		round.others += waited;
	}
	round.student = parallel_run(w, serial, w->speedup, &round.others);
	round.bare = parallel_run(w, serial, w->ceiling, &round.others);
	round.wall = round.serial + round.student + round.bare;
	return round;
}

/* --- many runs of it ------------------------------------------------------------- */

struct tally {
	int faster, not_faster, not_measured;
	int soon; /* decided within SOON rounds */
};

static enum rounds_state run(const struct world *w, size_t *count)
{
	struct round rounds[ROUNDS_IN_ALL];
	enum rounds_state end;
	*count = 0;
	do {
		rounds[*count] = make_round(w, *count);
		++*count;
		end = rounds_judge(rounds, *count, w->workers).state;
	} while (end == ROUNDS_GO_ON);
	return end;
}

static struct tally simulate(const struct world *w, int runs)
{
	struct tally tally = { 0 };
	state = 4711;
	for (int i = 0; i < runs; i++) {
		size_t count;
		enum rounds_state end = run(w, &count);
		tally.faster += end == ROUNDS_FASTER;
		tally.not_faster += end == ROUNDS_NOT_FASTER;
		tally.not_measured += end == ROUNDS_NOT_MEASURED;
		tally.soon += end != ROUNDS_NOT_MEASURED && count <= SOON;
	}
	return tally;
}

/* As good as bare forks, nearly: it is found so, nearly always and soon. */
static void expect_faster(const struct world *w)
{
	struct tally tally = simulate(w, RUNS);
	ck_assert_int_eq(tally.not_faster, 0);
	ck_assert_int_ge(tally.faster, RUNS * 99 / 100);
	ck_assert_int_ge(tally.soon, RUNS * 99 / 100);
}

static void expect_not_faster(const struct world *w)
{
	struct tally tally = simulate(w, RUNS);
	ck_assert_int_eq(tally.faster, 0);
	ck_assert_int_ge(tally.not_faster, RUNS * 99 / 100);
	ck_assert_int_ge(tally.soon, RUNS * 99 / 100);
}

/* Solutions that are faster by little less than can be, and such as gain nothing or
 * hardly anything, in such a world. */
static void expect_both(struct world w)
{
	static const double gains_nothing[] = { 0.5, 1.0, 1.1 };
	for (w.workers = 2; w.workers <= 4; w.workers += 2) {
		w.ceiling = 0.95 * w.workers;
		w.speedup = 0.9 * w.workers;
		expect_faster(&w);
		for (int i = 0; i < 3; i++) {
			w.speedup = gains_nothing[i];
			expect_not_faster(&w);
		}
	}
}

/* --- free machines --------------------------------------------------------------- */

START_TEST(quiet)
{
	expect_both((struct world){ .noise = 0.02 });
}
END_TEST

START_TEST(outliers)
{
	expect_both((struct world){ .noise = 0.03, .outliers = 0.04 });
}
END_TEST

START_TEST(drift)
{
	expect_both((struct world){ .noise = 0.03, .drift = 1.4 });
	expect_both((struct world){ .noise = 0.03, .drift = -0.6 });
}
END_TEST

START_TEST(throttling)
{
	expect_both((struct world){ .noise = 0.03, .throttled = 0.5 });
}
END_TEST

START_TEST(all_of_these)
{
	expect_both(
		(struct world){ .noise = 0.03, .outliers = 0.03, .drift = 1.4, .throttled = 0.5 });
}
END_TEST

/* --- neighbours ------------------------------------------------------------------ */

static const double neighbours[] = { 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.8, 1 };
enum { NEIGHBOURS = sizeof neighbours / sizeof *neighbours };

/* However many there are, nobody who is faster is told to be not. */
START_TEST(faster_beside_neighbours)
{
	struct world w = { .workers = 2, .speedup = 1.8, .ceiling = 1.9, .noise = 0.03 };
	for (int i = 0; i < NEIGHBOURS; i++) {
		w.neighbours = neighbours[i];
		struct tally tally = simulate(&w, RUNS);
		printf("%3.0f%%: %d faster, %d not measured\n", w.neighbours * 100, tally.faster,
		       tally.not_measured);
		ck_assert_int_eq(tally.not_faster, 0);
		if (w.neighbours <= 0.2)
			ck_assert_int_ge(tally.faster, RUNS * 99 / 100);
	}
	ck_assert_int_eq(simulate(&w, 100).not_measured, 100); /* all runs share a CPU */
}
END_TEST

/* And nobody who gains nothing wins. */
START_TEST(not_faster_beside_neighbours)
{
	struct world w = { .workers = 2, .ceiling = 1.9, .noise = 0.03 };
	for (int i = 0; i < NEIGHBOURS; i++) {
		w.neighbours = neighbours[i];
		for (w.speedup = 1.0; w.speedup < 1.15; w.speedup += 0.1)
			ck_assert_int_eq(simulate(&w, RUNS / 4).faster, 0);
	}
}
END_TEST

/* Who is about as fast as is required gets either verdict, or none; but an end. */
START_TEST(just_as_fast_as_required)
{
	struct world w = { .workers = 2, .speedup = sqrt(1.9), .ceiling = 1.9, .noise = 0.03 };
	struct tally tally = simulate(&w, RUNS);
	ck_assert_int_eq(tally.faster + tally.not_faster + tally.not_measured, RUNS);
	ck_assert_int_ge(tally.faster, RUNS / 4);
	ck_assert_int_ge(tally.not_faster, RUNS / 4);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("speed_simulated");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_test(t, quiet);
	tcase_add_test(t, outliers);
	tcase_add_test(t, drift);
	tcase_add_test(t, throttling);
	tcase_add_test(t, all_of_these);
	tcase_add_test(t, faster_beside_neighbours);
	tcase_add_test(t, not_faster_beside_neighbours);
	tcase_add_test(t, just_as_fast_as_required);
	Suite *suite = suite_create("speed_simulated");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
