/* First to lead by k: the rule, and how often it is wrong. */
#include <check.h>
#include <stdint.h>

#include "sequential.h"

enum { TEST_SECONDS = 120, GAMES = 20000 };

/* Rounds won (+) and lost (-); a tie (=) is left out, as the rule asks. */
static enum leader play(int needed, const char *rounds)
{
	struct sequential game = sequential_start(needed, needed);
	for (; *rounds != '\0'; rounds++)
		if (*rounds != '=')
			sequential_add(&game, *rounds == '+');
	return sequential_leader(&game);
}

START_TEST(nobody_leads)
{
	ck_assert_int_eq(play(5, ""), LEADER_NONE);
	ck_assert_int_eq(play(5, "++++"), LEADER_NONE);
	ck_assert_int_eq(play(5, "----"), LEADER_NONE);
	ck_assert_int_eq(play(3, "+-+-+-+-+-++-+-"), LEADER_NONE);
}
END_TEST

START_TEST(one_leads)
{
	ck_assert_int_eq(play(5, "+++++"), LEADER_FIRST);
	ck_assert_int_eq(play(5, "-----"), LEADER_SECOND);
	ck_assert_int_eq(play(1, "+"), LEADER_FIRST);
	ck_assert_int_eq(play(1, "-"), LEADER_SECOND);
	ck_assert_int_eq(play(3, "--++++-++"), LEADER_FIRST);
	ck_assert_int_eq(play(3, "++--+--+---"), LEADER_SECOND);
}
END_TEST

START_TEST(what_is_decided_stays_decided)
{
	ck_assert_int_eq(play(2, "++------"), LEADER_FIRST);
	ck_assert_int_eq(play(2, "--++++++"), LEADER_SECOND);
}
END_TEST

START_TEST(ties_are_left_out)
{
	ck_assert_int_eq(play(3, "=====+=+=="), LEADER_NONE);
	ck_assert_int_eq(play(3, "=+==+=+="), LEADER_FIRST);
	ck_assert_int_eq(play(3, "--=-===="), LEADER_SECOND);
}
END_TEST

START_TEST(one_needs_more_than_the_other)
{
	struct sequential game = sequential_start(2, 3);
	sequential_add(&game, false);
	sequential_add(&game, false);
	ck_assert_int_eq(sequential_leader(&game), LEADER_NONE);
	sequential_add(&game, false);
	ck_assert_int_eq(sequential_leader(&game), LEADER_SECOND);
	game = sequential_start(2, 3);
	sequential_add(&game, true);
	sequential_add(&game, true);
	ck_assert_int_eq(sequential_leader(&game), LEADER_FIRST);
}
END_TEST

/* --- how often it is wrong ------------------------------------------------------- */

START_TEST(formula)
{
	ck_assert_double_eq_tol(sequential_error(0.2, 5), 1 / (1 + 4. * 4 * 4 * 4 * 4), 1e-12);
	ck_assert_double_eq_tol(sequential_error(0.25, 2), 0.1, 1e-12);
	ck_assert_double_eq_tol(sequential_error(0.3, 1), 0.3, 1e-12);
	ck_assert_double_eq_tol(sequential_error(0.5, 7), 0.5, 1e-12);
	ck_assert_double_eq_tol(sequential_error(0.2, 5) + sequential_error(0.8, 5), 1, 1e-12);
	ck_assert_double_eq(sequential_error(0, 5), 0);
	ck_assert_double_eq(sequential_error(1, 5), 1);
}
END_TEST

static uint64_t state;

/* In [0, 1); splitmix64: Steele, Lea and Flood, 2014. */
static double chance(void)
{
	uint64_t x = state += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return (double)((x ^ (x >> 31)) >> 11) * 0x1p-53;
}

/* Games of a side that wins a round with chance p: the share that it wins, and how many
 * rounds they take on average. */
static double wins(double p, int needed, double *rounds)
{
	int won = 0, played = 0;
	for (int i = 0; i < GAMES; i++) {
		struct sequential game = sequential_start(needed, needed);
		for (; sequential_leader(&game) == LEADER_NONE; played++)
			sequential_add(&game, chance() < p);
		won += sequential_leader(&game) == LEADER_FIRST;
	}
	*rounds = (double)played / GAMES;
	return (double)won / GAMES;
}

/* The bounds are more than four standard deviations of such a share away. */
START_TEST(as_often_as_the_formula_says)
{
	double rounds;
	state = 4711;
	ck_assert_double_eq_tol(wins(0.2, 5, &rounds), sequential_error(0.2, 5), 0.001);
	ck_assert_double_eq_tol(rounds, 8.3, 0.2);
	ck_assert_double_eq_tol(wins(0.35, 5, &rounds), sequential_error(0.35, 5), 0.006);
	ck_assert_double_eq_tol(wins(0.35, 2, &rounds), sequential_error(0.35, 2), 0.013);
	ck_assert_double_eq_tol(wins(0.5, 3, &rounds), 0.5, 0.015);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("speed_sequential");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_test(t, nobody_leads);
	tcase_add_test(t, one_leads);
	tcase_add_test(t, what_is_decided_stays_decided);
	tcase_add_test(t, ties_are_left_out);
	tcase_add_test(t, one_needs_more_than_the_other);
	tcase_add_test(t, formula);
	tcase_add_test(t, as_often_as_the_formula_says);
	Suite *suite = suite_create("speed_sequential");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
