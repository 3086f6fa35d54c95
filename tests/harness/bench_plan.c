/* The benchmark's plan: sizes, rounds, orders. */
#define _GNU_SOURCE
#include <check.h>
#include <string.h>

#include "plan.h"

static const size_t largest[] = { 10, 11, 12, 999, 1000, 20001, 999999, 1000000 };
enum { LARGEST = sizeof largest / sizeof *largest };

START_TEST(sizes_go_from_1_to_the_largest)
{
	for (int i = 0; i < LARGEST; i++) {
		size_t n[PLAN_SIZES];
		int count = plan_sizes(largest[i], n);
		ck_assert_int_le(count, PLAN_SIZES);
		ck_assert_uint_eq(n[0], 1);
		ck_assert_uint_eq(n[count - 1], largest[i]);
		for (int k = 1; k < count; k++)
			ck_assert_uint_lt(n[k - 1], n[k]);
	}
}
END_TEST

/* A crossover needs neighbours: none is more than 3.4 times as large as the one before. */
START_TEST(sizes_are_close)
{
	size_t n[PLAN_SIZES];
	int count = plan_sizes(PLAN_MOST, n);
	ck_assert_int_ge(count, 20);
	for (int k = 1; k < count; k++)
		ck_assert(n[k] * 10 <= n[k - 1] * 34);
}
END_TEST

START_TEST(long_calls_have_fewer_rounds)
{
	for (int rounds = 1; rounds <= PLAN_ROUNDS; rounds++) {
		int before = rounds;
		for (size_t n = 1; n <= PLAN_MOST; n *= 10) {
			int part = plan_rounds(n, rounds);
			ck_assert(part >= 1 && part <= before);
			ck_assert(part % 2 == 1 || rounds == 2); /* a median is one of them */
			ck_assert(part >= 3 || part == rounds || part == rounds - 1);
			before = part;
		}
	}
	ck_assert_int_eq(plan_rounds(1, 31), 31);
	ck_assert_int_eq(plan_rounds(PLAN_MOST, 31), 7);
	ck_assert_int_eq(plan_rounds(PLAN_MOST, 3), 3);
	ck_assert_int_eq(plan_rounds(PLAN_MOST, 1), 1);
}
END_TEST

/* As many as planned, and as far apart as can be. */
START_TEST(rounds_are_spread_over_the_run)
{
	for (int rounds = 1; rounds <= PLAN_ROUNDS; rounds++) {
		for (size_t n = 1; n <= PLAN_MOST; n *= 10) {
			int count = 0, last = -1, part = plan_rounds(n, rounds);
			for (int round = 0; round < rounds; round++) {
				if (!plan_in_round(n, round, rounds))
					continue;
				ck_assert_int_le(round - last, (rounds + part - 1) / part);
				last = round;
				count++;
			}
			ck_assert_int_eq(count, part);
			ck_assert_int_eq(last, rounds - 1);
		}
	}
}
END_TEST

/* Each is there once, and each comes to each place about as often. */
START_TEST(orders_are_random)
{
	enum { WAYS = 9, TIMES = 9000 };
	int at[WAYS][WAYS] = { { 0 } };
	unsigned state = 1;
	for (int time = 0; time < TIMES; time++) {
		int order[WAYS];
		plan_order(order, WAYS, &state);
		for (int place = 0; place < WAYS; place++) {
			ck_assert(order[place] >= 0 && order[place] < WAYS);
			at[order[place]][place]++;
		}
	}
	for (int way = 0; way < WAYS; way++)
		for (int place = 0; place < WAYS; place++)
			ck_assert_msg(at[way][place] > 800 && at[way][place] < 1200, "%d at %d: %d times", way,
			              place, at[way][place]);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("bench: plan");
	tcase_add_test(t, sizes_go_from_1_to_the_largest);
	tcase_add_test(t, sizes_are_close);
	tcase_add_test(t, long_calls_have_fewer_rounds);
	tcase_add_test(t, rounds_are_spread_over_the_run);
	tcase_add_test(t, orders_are_random);
	Suite *suite = suite_create("bench: plan");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
