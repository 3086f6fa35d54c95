/* The rules of the rounds, one by one, on rounds that nobody ran. How they do on whole
 * runs is simulated in speed_simulated.c.
 */
#include <check.h>
#include <math.h>
#include <stddef.h>

#include "rounds.h"

enum { TEST_SECONDS = 120, WORKERS = 2, MOST = ROUNDS_IN_ALL + 20 };

#define TOLERANCE 1e-12

/* A round on a free machine, on which two workers reach 1.96: so 1.4 is required. */
static struct round round_of(double speedup)
{
	return (struct round){ .serial = 1.96, .student = 1.96 / speedup, .bare = 1,
		                   .serial_cpu = 1.96, .wall = 5 };
}

/* One without a free machine: bare forks were no faster than the serial loop. */
static struct round void_round(void)
{
	struct round round = round_of(1.9);
	round.bare = round.serial;
	return round;
}

/* The rounds of a test. */
static struct round rounds[MOST];
static size_t count;

static void add(size_t times, struct round round)
{
	while (times-- > 0)
		rounds[count++] = round;
}

static struct rounds_result judge(void)
{
	return rounds_judge(rounds, count, WORKERS);
}

/* --- what counts ----------------------------------------------------------------- */

static bool counts(double ceiling, double serial_cpu_share, int workers)
{
	struct round round = { .serial = 0.01, .student = 0.005, .bare = 0.01 / ceiling,
		                   .serial_cpu = 0.01 * serial_cpu_share, .wall = 0.03 };
	return round_counts(&round, workers);
}

START_TEST(ceiling_decides_what_counts)
{
	for (int workers = 2; workers <= 8; workers++) {
		ck_assert(counts(workers, 1, workers));
		ck_assert(counts(0.81 * workers, 1, workers));
		ck_assert(counts(1.14 * workers, 1, workers));
		ck_assert(!counts(0.79 * workers, 1, workers));
		ck_assert(!counts(1.2 * workers, 1, workers));
	}
	ck_assert(!counts(1, 1, 2));
	ck_assert(!counts(2, 1, 4));
}
END_TEST

/* It waited for a CPU: then it took longer than its work, and all look fast beside it. */
START_TEST(serial_run_needs_its_cpu)
{
	ck_assert(counts(2, 0.95, 2));
	ck_assert(!counts(2, 0.9, 2));
	ck_assert(!counts(2, 0.5, 2));
}
END_TEST

/* --- won and lost ---------------------------------------------------------------- */

static void expect_after(size_t rounds_needed, double speedup, enum rounds_state state)
{
	count = 0;
	add(rounds_needed - 1, round_of(speedup));
	ck_assert_int_eq(judge().state, ROUNDS_GO_ON);
	add(1, round_of(speedup));
	ck_assert_int_eq(judge().state, state);
}

/* Five rounds won are enough, nine must be lost. */
START_TEST(the_fewest_rounds)
{
	expect_after(5, 1.41, ROUNDS_FASTER);
	expect_after(9, 1.39, ROUNDS_NOT_FASTER);
}
END_TEST

START_TEST(lead_of_five)
{
	add(4, round_of(1));
	add(8, round_of(1.9));
	ck_assert_int_eq(judge().state, ROUNDS_GO_ON);
	add(1, round_of(1.9));
	ck_assert_int_eq(judge().state, ROUNDS_FASTER);
	ck_assert_int_eq(judge().won, 9);
}
END_TEST

/* Four workers that reach 4.0 must be faster than 2.0: as fast is not enough. */
START_TEST(tie_is_not_won)
{
	struct round tie = { .serial = 4, .student = 2, .bare = 1, .serial_cpu = 4, .wall = 7 };
	for (size_t i = 0; i < 9; i++)
		rounds[i] = tie;
	struct rounds_result r = rounds_judge(rounds, 9, 4);
	ck_assert_int_eq(r.won, 0);
	ck_assert_int_eq(r.state, ROUNDS_NOT_FASTER);
	ck_assert_double_eq_tol(r.required, 2, TOLERANCE);
}
END_TEST

START_TEST(void_rounds_are_nobodys)
{
	add(4, round_of(1.9));
	add(20, void_round());
	ck_assert_int_eq(judge().state, ROUNDS_GO_ON);
	add(1, round_of(1.9));
	ck_assert_int_eq(judge().state, ROUNDS_FASTER);
	ck_assert_int_eq(judge().counted, 5);
	ck_assert_int_eq(judge().empty, 20);
}
END_TEST

/* --- the end without a verdict --------------------------------------------------- */

START_TEST(void_rounds_to_the_end)
{
	ck_assert_int_eq(judge().state, ROUNDS_GO_ON); /* of no rounds at all */
	add(ROUNDS_VOID_MOST - 1, void_round());
	ck_assert_int_eq(judge().state, ROUNDS_GO_ON);
	add(1, void_round());
	ck_assert_int_eq(judge().state, ROUNDS_NOT_MEASURED);
}
END_TEST

/* Where others use a good part of the CPUs and nothing counts, a few rounds will do. */
START_TEST(no_sense_in_trying_for_long)
{
	struct round beside_others = void_round();
	beside_others.others = 0.25 * beside_others.wall * WORKERS;
	add(ROUNDS_VOID_FEW - 1, beside_others);
	ck_assert_int_eq(judge().state, ROUNDS_GO_ON);
	add(1, beside_others);
	ck_assert_int_eq(judge().state, ROUNDS_NOT_MEASURED);
	rounds[0] = round_of(1.9); /* but one of them counted */
	ck_assert_int_eq(judge().state, ROUNDS_GO_ON);
	count = 0;
	add(ROUNDS_VOID_FEW, void_round()); /* or there are no others */
	ck_assert_int_eq(judge().state, ROUNDS_GO_ON);
}
END_TEST

START_TEST(nobody_leads_to_the_end)
{
	while (count < ROUNDS_IN_ALL - 1) {
		add(1, round_of(count % 2 == 0 ? 1.9 : 1));
		ck_assert_int_eq(judge().state, ROUNDS_GO_ON);
	}
	add(1, round_of(1));
	ck_assert_int_eq(judge().state, ROUNDS_NOT_MEASURED);
	add(10, round_of(1.9)); /* too late */
	ck_assert_int_eq(judge().state, ROUNDS_NOT_MEASURED);
	ck_assert_int_eq(judge().counted, ROUNDS_IN_ALL);
}
END_TEST

static struct round shared_round(double speedup, double others, double stolen)
{
	struct round round = round_of(speedup);
	round.others = others * round.wall * WORKERS;
	round.stolen = stolen * round.wall * WORKERS;
	return round;
}

/* --- the figures ----------------------------------------------------------------- */

/* Of the rounds that count, and whatever two of five say. */
START_TEST(medians)
{
	const double speedup[] = { 1.5, 0.2, 1.8, 1.7, 19 };
	for (int i = 0; i < 5; i++)
		add(1, round_of(speedup[i]));
	add(3, void_round());
	rounds[0].bare = 1.96 / 1.7;
	rounds[1].bare = 1.96 / 2.2;
	struct rounds_result r = judge();
	ck_assert_double_eq_tol(r.speedup, 1.7, TOLERANCE);
	ck_assert_double_eq_tol(r.ceiling, 1.96, TOLERANCE);
	ck_assert_double_eq_tol(r.required, 1.4, TOLERANCE);
	ck_assert_int_eq(r.counted, 5);
	ck_assert_int_eq(r.empty, 3);
	ck_assert_int_eq(r.won, 4);
}
END_TEST

START_TEST(medians_where_nothing_counts)
{
	add(3, void_round());
	struct rounds_result r = judge();
	ck_assert_double_eq_tol(r.speedup, 1.9, TOLERANCE);
	ck_assert_double_eq_tol(r.ceiling, 1, TOLERANCE);
	ck_assert_double_eq_tol(r.required, 1, TOLERANCE);
}
END_TEST

/* Of all rounds, void or not; and ticks of the kernel that make it less than nothing. */
START_TEST(shares_of_others)
{
	add(1, shared_round(1.9, 0.3, 0));
	add(1, shared_round(1.9, -0.1, 0.5));
	add(2, void_round());
	ck_assert_double_eq_tol(judge().others, 0.05, TOLERANCE);
	ck_assert_double_eq_tol(judge().stolen, 0.125, TOLERANCE);
	rounds[0].others = 0;
	ck_assert_double_eq(judge().others, 0);
	count = 0;
	ck_assert_double_eq(judge().others, 0);
	ck_assert_double_eq(judge().speedup, 0);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("speed_rounds");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_test(t, ceiling_decides_what_counts);
	tcase_add_test(t, serial_run_needs_its_cpu);
	tcase_add_test(t, the_fewest_rounds);
	tcase_add_test(t, lead_of_five);
	tcase_add_test(t, tie_is_not_won);
	tcase_add_test(t, void_rounds_are_nobodys);
	tcase_add_test(t, void_rounds_to_the_end);
	tcase_add_test(t, no_sense_in_trying_for_long);
	tcase_add_test(t, nobody_leads_to_the_end);
	tcase_add_test(t, medians);
	tcase_add_test(t, medians_where_nothing_counts);
	tcase_add_test(t, shares_of_others);
	Suite *suite = suite_create("speed_rounds");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
