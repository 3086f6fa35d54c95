/* The speed-up by CPU time: pure arithmetic on what processes used. */
#include <check.h>
#include <math.h>

#include "makespan.h"

enum { TEST_SECONDS = 120 };

#define TOLERANCE 1e-12

START_TEST(sum_over_the_largest_part)
{
	ck_assert_double_eq_tol(makespan_speedup((double[]){ 1, 1, 1, 1 }, 4), 4, TOLERANCE);
	ck_assert_double_eq_tol(makespan_speedup((double[]){ 1, 3, 2 }, 3), 2, TOLERANCE);
	ck_assert_double_eq_tol(makespan_speedup((double[]){ 0.003, 0.001 }, 2), 4. / 3, TOLERANCE);
}
END_TEST

/* A CPU that runs at another speed stretches all parts alike. */
START_TEST(speed_of_the_cpu_does_not_matter)
{
	double usual[] = { 0.010, 0.012, 0.005 }, slow[3];
	for (int i = 0; i < 3; i++)
		slow[i] = 2.4 * usual[i];
	ck_assert_double_eq_tol(makespan_speedup(slow, 3), makespan_speedup(usual, 3), TOLERANCE);
}
END_TEST

START_TEST(who_did_nothing_adds_nothing)
{
	ck_assert_double_eq_tol(makespan_speedup((double[]){ 0, 5, 0 }, 3), 1, TOLERANCE);
	ck_assert_double_eq_tol(makespan_speedup((double[]){ 2, 2, 0 }, 3), 2, TOLERANCE);
}
END_TEST

START_TEST(one_process_or_none)
{
	ck_assert_double_eq_tol(makespan_speedup((double[]){ 7 }, 1), 1, TOLERANCE);
	ck_assert_double_eq(makespan_speedup((double[]){ 0, 0 }, 2), 0);
	ck_assert_double_eq(makespan_speedup((double[]){ 7 }, 0), 0);
}
END_TEST

START_TEST(required)
{
	for (int workers = 1; workers <= 8; workers++)
		ck_assert_double_eq_tol(makespan_required(workers), sqrt(workers), TOLERANCE);
}
END_TEST

/* Four of nine may be anything. */
START_TEST(median_with_outliers)
{
	double good[MAKESPAN_ROUNDS] = { 1.98, 1.0, 1.97, 0, 1.95, 1.0, 2.0, 1.96, 1.1 };
	double bad[MAKESPAN_ROUNDS] = { 1.0, 2.0, 1.01, 2.0, 1.02, 1.9, 1.0, 2.0, 1.03 };
	double same[MAKESPAN_ROUNDS] = { 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5 };
	ck_assert_double_eq_tol(makespan_median(good, MAKESPAN_ROUNDS), 1.95, TOLERANCE);
	ck_assert_double_eq_tol(makespan_median(bad, MAKESPAN_ROUNDS), 1.03, TOLERANCE);
	ck_assert_double_eq_tol(makespan_median(same, MAKESPAN_ROUNDS), 1.5, TOLERANCE);
	ck_assert_double_eq(makespan_median(good, 0), 0);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("speed_makespan");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_test(t, sum_over_the_largest_part);
	tcase_add_test(t, speed_of_the_cpu_does_not_matter);
	tcase_add_test(t, who_did_nothing_adds_nothing);
	tcase_add_test(t, one_process_or_none);
	tcase_add_test(t, required);
	tcase_add_test(t, median_with_outliers);
	Suite *suite = suite_create("speed_makespan");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
