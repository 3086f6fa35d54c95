/* What the estimates are made of: medians, quartiles, and lines through points. */
#define _GNU_SOURCE
#include "simulated.h"

/* --- medians ---------------------------------------------------------------------- */

START_TEST(medians)
{
	const double odd[] = { 9, 1, 5 }, even[] = { 4, 1, 3, 100 }, tied[] = { 2, 7, 2, 2, 0 };
	const double pairs[] = { 1, 1, 3, 3 }, huge[] = { INFINITY, -INFINITY, 1 };
	ck_assert(median_of(odd, 3) == 5);
	ck_assert(median_of(odd, 2) == 5);
	ck_assert(median_of(odd, 1) == 9);
	ck_assert(median_of(even, 4) == 3.5);
	ck_assert(median_of(tied, 5) == 2);
	ck_assert(median_of(pairs, 4) == 2);
	ck_assert(median_of(huge, 3) == 1);
}
END_TEST

START_TEST(median_leaves_the_array)
{
	const double before[] = { 3, 1, 2, 5, 4 };
	double values[5];
	memcpy(values, before, sizeof values);
	ck_assert(median_of(values, 5) == 3);
	ck_assert_int_eq(memcmp(values, before, sizeof values), 0);
}
END_TEST

START_TEST(quartiles)
{
	const double values[] = { 5, 1, 3, 2, 4 }, four[] = { 40, 10, 30, 20 };
	for (int quarter = 0; quarter <= 4; quarter++) {
		ck_assert(quartile_of(values, 5, quarter) == quarter + 1);
		ck_assert(quartile_of(values, 1, quarter) == 5);
	}
	ck_assert(quartile_of(four, 4, 1) == 10 && quartile_of(four, 4, 3) == 40);
	ck_assert(quartile_of(four, 2, 1) == 10 && quartile_of(four, 2, 3) == 40);
}
END_TEST

/* --- lines ------------------------------------------------------------------------ */

START_TEST(line_through_clean_points)
{
	double n[SIZES], t[SIZES];
	for (size_t i = 0; i < SIZES; i++) {
		n[i] = (double)n_of(i);
		t[i] = 3 + 2 * n[i];
	}
	for (size_t count = 2; count <= SIZES; count++) {
		struct line line = line_fit(n, t, count);
		expect_near(line.a, 3, 1 + 1e-6);
		expect_near(line.b, 2, 1 + 1e-9);
	}
	struct line line = line_fit(n, t, 1);
	ck_assert(line.a == 0 && line.b == 2.3);
	line = line_fit(n, t, 0);
	ck_assert(line.a == 0 && line.b == 0);
}
END_TEST

/* Least squares would give the last point's wish. */
START_TEST(line_with_two_wild_points)
{
	double n[10], t[10];
	for (size_t i = 0; i < 10; i++) {
		n[i] = (double)(i + 1) * 100;
		t[i] = 50 + n[i];
	}
	t[3] *= 10;
	t[9] *= 10;
	struct line line = line_fit(n, t, 10);
	expect_near(line.a, 50, 1.1);
	expect_near(line.b, 1, 1.1);
}
END_TEST

/* The cost of starting is below the noise of the large sizes by far, and the slope
 * of the small ones is nothing but noise: each from where it can be seen. */
START_TEST(line_with_noise_in_proportion)
{
	for (int trial = 0; trial < 200; trial++) {
		double n[SIZES], t[SIZES];
		for (size_t i = 0; i < SIZES; i++) {
			n[i] = (double)n_of(i);
			t[i] = (START_SECONDS + TASK_SECONDS * n[i]) * exp(0.05 * normal());
		}
		struct line line = line_fit(n, t, SIZES);
		expect_near(line.a, START_SECONDS, 1.25);
		expect_near(line.b, TASK_SECONDS, 1.25);
	}
}
END_TEST

/* Many small sizes, close together, tell nothing of b; a few large ones do. */
START_TEST(line_with_many_small_sizes)
{
	enum { SMALL = 20 };
	for (int trial = 0; trial < 200; trial++) {
		double n[SMALL + 3], t[SMALL + 3];
		for (size_t i = 0; i < SMALL + 3; i++) {
			n[i] = i < SMALL ? 10 + (double)i : 1e5 * (double)(i - SMALL + 1);
			t[i] = (START_SECONDS + TASK_SECONDS * n[i]) * exp(0.05 * normal());
		}
		expect_near(line_fit(n, t, SMALL + 3).b, TASK_SECONDS, 1.3);
	}
}
END_TEST

START_TEST(line_of_more_points_than_it_takes)
{
	double n[LINE_POINTS + 20], t[LINE_POINTS + 20];
	for (size_t i = 0; i < LINE_POINTS + 20; i++) {
		n[i] = (double)i + 1;
		t[i] = i < LINE_POINTS ? 7 * n[i] : 1e9;
	}
	expect_near(line_fit(n, t, LINE_POINTS + 20).b, 7, 1 + 1e-9);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("estimate: lines");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, medians);
	tcase_add_test(t, median_leaves_the_array);
	tcase_add_test(t, quartiles);
	tcase_add_test(t, line_through_clean_points);
	tcase_add_test(t, line_with_two_wild_points);
	tcase_add_test(t, line_with_noise_in_proportion);
	tcase_add_test(t, line_with_many_small_sizes);
	tcase_add_test(t, line_of_more_points_than_it_takes);
	Suite *suite = suite_create("estimate: lines");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
