/* The crossover in tables of times: where it is, where there is none, and at the
 * edges. What noise does is seen in estimate_noise.c.
 */
#define _GNU_SOURCE
#include "simulated.h"

START_TEST(clean_lines)
{
	struct crossover_estimate e = expect_crossover(1.001, 1.001);
	expect_near(e.parallel.a, START_SECONDS, 1.001);
	expect_near(e.parallel.b, TASK_SECONDS / 2, 1.001);
	expect_near(e.serial.b, TASK_SECONDS, 1.001);
	ck_assert(fabs(e.serial.a) < START_SECONDS * 1e-6);
}
END_TEST

START_TEST(sizes_close_together)
{
	enum { CLOSE = 40 };
	struct samples close[CLOSE];
	double s[CLOSE], p[CLOSE];
	for (size_t i = 0; i < CLOSE; i++) {
		size_t n = (size_t)pow(10, 1 + 0.1 * (double)i);
		s[i] = TASK_SECONDS * (double)n;
		p[i] = START_SECONDS + s[i] / 2;
		close[i] = (struct samples){ n, &s[i], &p[i], 1 };
	}
	expect_near(crossover_estimate(close, CLOSE).n, CROSSOVER, 1.001);
}
END_TEST

START_TEST(ties_are_not_faster)
{
	simulate(0, TASK_SECONDS);
	expect_none();
	ck_assert(isinf(crossover_estimate(sizes, SIZES).line_n));
	set_ratio(5, 2);
	set_ratio(6, 2);
	expect_found(5, 1e5); /* equal at 100,000, where it begins */
	set_ratio(4, 1 + 1e-9);
	ck_assert_uint_eq(crossover_estimate(sizes, SIZES).index, 4);
}
END_TEST

START_TEST(a_tie_among_the_next_two)
{
	for (size_t i = 0; i < SIZES; i++)
		set_ratio(i, i < 2 ? 0.5 : i == 3 ? 1 : 2);
	ck_assert_uint_eq(crossover_estimate(sizes, SIZES).index, 4);
}
END_TEST

START_TEST(never)
{
	simulate(START_SECONDS, TASK_SECONDS);
	expect_none();
	ck_assert(isinf(crossover_estimate(sizes, SIZES).line_n));
	ck_assert(crossover_estimate(sizes, SIZES).agree);
	simulate(START_SECONDS, 2 * TASK_SECONDS);
	expect_none();
}
END_TEST

/* It would win, but far beyond the table: the line knows where. */
START_TEST(beyond_the_table)
{
	simulate(100, TASK_SECONDS / 2);
	expect_none();
	expect_near(crossover_estimate(sizes, SIZES).line_n, 2 * 100 / TASK_SECONDS, 1.01);
	ck_assert(crossover_estimate(sizes, SIZES).agree);
}
END_TEST

START_TEST(always)
{
	simulate(0, TASK_SECONDS / 2);
	expect_found(0, 10);
	ck_assert(crossover_estimate(sizes, SIZES).line_n < 10);
	ck_assert(crossover_estimate(sizes, SIZES).agree);
}
END_TEST

START_TEST(lone_lucky_size)
{
	set_ratio(0, 1.5);
	expect_crossover(1.001, 1.5);
	setup();
	simulate(START_SECONDS, TASK_SECONDS);
	set_ratio(3, 1.5);
	expect_none();
}
END_TEST

/* Two lucky ones are none, either, as long as a third could tell. */
START_TEST(two_lucky_sizes)
{
	simulate(START_SECONDS, TASK_SECONDS);
	set_ratio(2, 1.5);
	set_ratio(3, 1.5);
	expect_none();
}
END_TEST

/* What comes after these is not asked. */
START_TEST(three_sizes_are_enough)
{
	set_ratio(5, 0.5);
	expect_crossover(1.001, 1.5);
}
END_TEST

START_TEST(end_of_the_table)
{
	simulate(START_SECONDS, TASK_SECONDS);
	set_ratio(6, 2);
	expect_none(); /* the last alone */
	set_ratio(5, 2);
	ck_assert_uint_eq(crossover_estimate(sizes, SIZES).index, 5);
	ck_assert_uint_eq(crossover_estimate(sizes, 6).index, 6); /* none of six */
}
END_TEST

START_TEST(short_tables)
{
	struct crossover_estimate e = crossover_estimate(sizes, 0);
	ck_assert(!e.found && isinf(e.n) && isinf(e.line_n));
	simulate(0, TASK_SECONDS / 2);
	e = crossover_estimate(sizes, 1);
	ck_assert(!e.found && e.index == 1);
	e = crossover_estimate(sizes, 2);
	ck_assert(e.found && e.index == 0);
}
END_TEST

/* The pairs say 500,000, the lines 4,000,000; or 10,000 and 800: something is odd
 * about these times. */
START_TEST(the_two_ways_disagree)
{
	simulate(1, TASK_SECONDS / 2);
	set_ratio(5, 3);
	struct crossover_estimate e = crossover_estimate(sizes, SIZES);
	ck_assert(e.found && e.index == 5 && e.n < 1e6);
	expect_near(e.line_n, 4e6, 1.1);
	ck_assert(!e.agree);
	setup();
	set_ratio(3, 0.9);
	e = crossover_estimate(sizes, SIZES);
	ck_assert(e.found && e.index == 4 && e.n > 1e4);
	expect_near(e.line_n, CROSSOVER, 1.5);
	ck_assert(!e.agree);
}
END_TEST

START_TEST(a_clock_that_says_zero)
{
	memset(serial[0], 0, sizeof serial[0]);
	memset(parallel[0], 0, sizeof parallel[0]);
	struct crossover_estimate e = crossover_estimate(sizes, SIZES);
	ck_assert(e.found && e.index == 2);
	expect_near(e.n, CROSSOVER, 1.001);
	ck_assert(samples_log_ratio(&sizes[0]) == 0);
}
END_TEST

START_TEST(more_rounds_than_it_takes)
{
	static double s[ROUNDS_MOST + 100], p[ROUNDS_MOST + 100];
	for (size_t r = 0; r < ROUNDS_MOST + 100; r++) {
		s[r] = 2;
		p[r] = r >= 120 && r < ROUNDS_MOST ? 1 : 4;
	}
	ck_assert(samples_log_ratio(&(struct samples){ 10, s, p, ROUNDS_MOST + 100 }) > 0);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("estimate: crossover");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, clean_lines);
	tcase_add_test(t, sizes_close_together);
	tcase_add_test(t, ties_are_not_faster);
	tcase_add_test(t, a_tie_among_the_next_two);
	tcase_add_test(t, never);
	tcase_add_test(t, beyond_the_table);
	tcase_add_test(t, always);
	tcase_add_test(t, lone_lucky_size);
	tcase_add_test(t, two_lucky_sizes);
	tcase_add_test(t, three_sizes_are_enough);
	tcase_add_test(t, end_of_the_table);
	tcase_add_test(t, short_tables);
	tcase_add_test(t, the_two_ways_disagree);
	tcase_add_test(t, a_clock_that_says_zero);
	tcase_add_test(t, more_rounds_than_it_takes);
	Suite *suite = suite_create("estimate: crossover");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
