/* Early, late or unclear: on contests that nobody played. Times come from lines
 * a + b n, with noise from a generator whose seed is fixed.
 *
 * Two workers that cost 100 us to start and tasks of 1 us can pay from n = 200 on; so
 * the bound is 800, and the sizes are 25, 50, ... 6,400.
 */
#include <check.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "crossing.h"

enum { TEST_SECONDS = 120, BOUND = 800, RUNS = 200 };

#define TASK 1e-6
#define START 100e-6

static struct contest contest;

/* --- made-up times --------------------------------------------------------------- */

static uint64_t state = 4711;

/* In [0, 1); splitmix64: Steele, Lea and Flood, 2014. */
static double chance(void)
{
	uint64_t x = state += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return (double)((x ^ (x >> 31)) >> 11) * 0x1p-53;
}

/* What a time is multiplied with: 5% of noise, and one of 20 is 3 to 10 times as long. */
static double noise(void)
{
	double factor = 0.95 + 0.1 * chance();
	return chance() < 0.05 ? factor * (3 + 7 * chance()) : factor;
}

/* Ways that take this long before the first task; each task costs the half of TASK. */
static void play(double student, double bare, size_t rounds)
{
	memset(&contest, 0, sizeof contest);
	contest.workers = 2;
	contest.start_seconds = START;
	contest.task_seconds = TASK;
	contest_choose_sizes(&contest);
	for (; contest.size_rounds < rounds; contest.size_rounds++) {
		for (int i = 0; i < CONTEST_SIZES; i++) {
			double n = (double)contest.size[i], slow = chance() < 0.5 ? 1 : 2.4;
			contest.serial[i][contest.size_rounds] = slow * n * TASK * noise();
			contest.student[i][contest.size_rounds] = slow * (student + n * TASK / 2) * noise();
			contest.bare[i][contest.size_rounds] = slow * (bare + n * TASK / 2) * noise();
		}
		contest.wall += 0.1;
	}
}

/* The overhead with which it is faster from n on. */
static double start_for(double n)
{
	return n * TASK / 2;
}

static void expect(enum crossing_state expected)
{
	struct crossing crossing = crossing_judge(&contest);
	ck_assert_int_eq(crossing.state, expected);
}

/* --- early ----------------------------------------------------------------------- */

START_TEST(early)
{
	for (int i = 0; i < RUNS; i++) {
		play(start_for(300), START, CONTEST_SIZE_ENOUGH);
		struct crossing c = crossing_judge(&contest);
		ck_assert_int_eq(c.state, CROSSING_EARLY);
		ck_assert(c.n > 200 && c.n < 450);
		ck_assert(c.bare_n > 130 && c.bare_n < 300);
		ck_assert_double_eq_tol(c.pays_from, 200, 1e-6);
		ck_assert_double_eq_tol(c.bound, BOUND, 1e-6);
		ck_assert_uint_eq(c.largest, 1600);
		ck_assert(!crossing_wants_more(&contest));
	}
}
END_TEST

/* Nobody is faster by chance at three sizes in a row, so nothing else is asked. */
START_TEST(early_on_any_machine)
{
	play(start_for(300), start_for(1e6), CONTEST_SIZE_ENOUGH);
	contest.others = contest.stolen = 0.5 * contest.wall * contest.workers;
	expect(CROSSING_EARLY);
	struct crossing c = crossing_judge(&contest);
	ck_assert(isinf(c.bare_n));
	ck_assert_double_eq_tol(c.others, 0.5, 1e-9);
	ck_assert_double_eq_tol(c.stolen, 0.5, 1e-9);
}
END_TEST

START_TEST(faster_at_all_sizes)
{
	play(0, START, CONTEST_SIZE_ENOUGH);
	expect(CROSSING_EARLY);
	ck_assert_double_eq(crossing_judge(&contest).n, 25);
}
END_TEST

/* --- late ------------------------------------------------------------------------ */

START_TEST(late)
{
	for (int i = 0; i < RUNS; i++) {
		play(start_for(2000), START, 15);
		struct crossing c = crossing_judge(&contest);
		ck_assert_int_eq(c.state, CROSSING_LATE);
		ck_assert(c.n > BOUND);
		ck_assert(!crossing_wants_more(&contest));
	}
}
END_TEST

START_TEST(never)
{
	play(start_for(1e6), START, 15);
	expect(CROSSING_LATE);
	ck_assert(crossing_judge(&contest).n > 8000);
}
END_TEST

START_TEST(late_needs_rounds)
{
	for (size_t rounds = 1; rounds < 9; rounds++) {
		play(start_for(2000), START, rounds);
		expect(CROSSING_UNCLEAR);
		ck_assert(crossing_wants_more(&contest));
	}
}
END_TEST

/* Half and double the bound are told apart, each time. */
START_TEST(around_the_bound)
{
	for (int i = 0; i < RUNS; i++) {
		play(start_for(BOUND / 2), START, 15);
		expect(CROSSING_EARLY);
		play(start_for(BOUND * 2), START, 15);
		expect(CROSSING_LATE);
	}
}
END_TEST

/* --- unclear --------------------------------------------------------------------- */

/* Bare processes were late, too: so it is the machine. */
START_TEST(late_control)
{
	play(start_for(3000), start_for(2000), 15);
	expect(CROSSING_UNCLEAR);
	play(start_for(3000), start_for(1e6), 15);
	expect(CROSSING_UNCLEAR);
}
END_TEST

/* Where bare processes need as much as that in the same rounds, the bound was measured at
 * a better moment. */
START_TEST(late_as_bare_processes_are)
{
	play(start_for(1200), start_for(400), 15);
	expect(CROSSING_LATE);
	play(start_for(1200), start_for(720), 15);
	struct crossing c = crossing_judge(&contest);
	ck_assert(c.bare_n < BOUND && c.n > BOUND);
	ck_assert_int_eq(c.state, CROSSING_UNCLEAR);
}
END_TEST

START_TEST(late_beside_others)
{
	play(start_for(2000), START, 15);
	contest.others = 0.11 * contest.wall * contest.workers;
	expect(CROSSING_UNCLEAR);
	contest.others = 0.09 * contest.wall * contest.workers;
	expect(CROSSING_LATE);
	contest.stolen = 0.11 * contest.wall * contest.workers;
	expect(CROSSING_UNCLEAR);
	contest.stolen = 0;
	contest.others = -0.01; /* the kernel's ticks */
	expect(CROSSING_LATE);
	ck_assert_double_eq(crossing_judge(&contest).others, 0);
}
END_TEST

/* At two sizes more than half of the rounds were spoiled, so that by pairs it is faster
 * only behind them; lines through the lower quartiles meet where they did. */
START_TEST(estimates_that_disagree)
{
	play(start_for(300), START, CONTEST_SIZE_ROUNDS);
	for (int i = 4; i < 7; i += 2) /* n = 400 and 1,600 */
		for (int r = 0; r < 12; r++)
			contest.student[i][r] = 3 * contest.serial[i][r];
	struct crossing c = crossing_judge(&contest);
	ck_assert_int_eq(c.state, CROSSING_UNCLEAR);
	ck_assert(c.n > 2 * BOUND);
}
END_TEST

/* At one size the workers lie on one CPU, round after round; the line does not mind. It
 * counts for pools, after some rounds, and never against one. */
START_TEST(one_size_of_a_pool_spoilt)
{
	play(start_for(300), START, 10);
	for (size_t round = 0; round < contest.size_rounds; round++)
		contest.student[CONTEST_SIZES - 1][round] = 1.1 * contest.serial[CONTEST_SIZES - 1][round];
	expect(CROSSING_UNCLEAR);
	contest.mechanism = BARE_WAKE;
	expect(CROSSING_EARLY);
	ck_assert(crossing_judge(&contest).n < 600);
	contest.size_rounds = 8;
	expect(CROSSING_UNCLEAR);
}
END_TEST

START_TEST(nothing_measured)
{
	play(START, START, 0);
	struct crossing c = crossing_judge(&contest);
	ck_assert_int_eq(c.state, CROSSING_UNCLEAR);
	ck_assert(isinf(c.n));
	ck_assert(isinf(c.bare_n));
	ck_assert_double_eq(c.others, 0);
	ck_assert(crossing_wants_more(&contest));
}
END_TEST

/* --- more rounds ----------------------------------------------------------------- */

START_TEST(a_few_rounds_at_least)
{
	play(start_for(300), START, CONTEST_SIZE_FEW - 1);
	expect(CROSSING_EARLY);
	ck_assert(crossing_wants_more(&contest));
}
END_TEST

START_TEST(no_more_rounds_than_there_is_room_for)
{
	play(start_for(3000), start_for(2000), CONTEST_SIZE_ROUNDS - 1);
	ck_assert(crossing_wants_more(&contest));
	play(start_for(3000), start_for(2000), CONTEST_SIZE_ROUNDS);
	expect(CROSSING_UNCLEAR);
	ck_assert(!crossing_wants_more(&contest));
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("speed_crossing");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_test(t, early);
	tcase_add_test(t, early_on_any_machine);
	tcase_add_test(t, faster_at_all_sizes);
	tcase_add_test(t, late);
	tcase_add_test(t, never);
	tcase_add_test(t, late_needs_rounds);
	tcase_add_test(t, around_the_bound);
	tcase_add_test(t, late_control);
	tcase_add_test(t, late_as_bare_processes_are);
	tcase_add_test(t, late_beside_others);
	tcase_add_test(t, estimates_that_disagree);
	tcase_add_test(t, one_size_of_a_pool_spoilt);
	tcase_add_test(t, nothing_measured);
	tcase_add_test(t, a_few_rounds_at_least);
	tcase_add_test(t, no_more_rounds_than_there_is_room_for);
	Suite *suite = suite_create("speed_crossing");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
