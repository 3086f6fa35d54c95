/* What a count of rare events says of their rate. */
#include <check.h>
#include <math.h>

#include "proportion.h"

enum { TEST_SECONDS = 120 };

/* Of no event: (1 - p)^n = 0.05, which is near 3 / n. */
START_TEST(no_event)
{
	ck_assert_double_eq_tol(proportion_upper_bound(0, 1), 0.95, 1e-9);
	ck_assert_double_eq_tol(proportion_upper_bound(0, 10), 1 - pow(0.05, 0.1), 1e-9);
	ck_assert_double_eq_tol(proportion_upper_bound(0, 1000), 3. / 1000, 1e-5);
	ck_assert_double_eq_tol(proportion_upper_bound(0, 1000000), 3. / 1000000, 1e-8);
}
END_TEST

/* One of two: 1 - p^2 = 0.05. */
START_TEST(some_events)
{
	ck_assert_double_eq_tol(proportion_upper_bound(1, 2), sqrt(0.95), 1e-9);
	ck_assert_double_eq_tol(proportion_upper_bound(9, 10), pow(0.95, 0.1), 1e-9);
	ck_assert_double_eq_tol(proportion_upper_bound(1, 10), 0.3942, 1e-4); /* tables */
	ck_assert_double_eq_tol(proportion_upper_bound(500, 1000), 0.5265, 1e-3);
}
END_TEST

START_TEST(all_events)
{
	ck_assert_double_eq(proportion_upper_bound(0, 0), 1);
	ck_assert_double_eq(proportion_upper_bound(5, 5), 1);
	ck_assert_double_eq(proportion_upper_bound(6, 5), 1);
}
END_TEST

/* More events say more, more trials less. */
START_TEST(order)
{
	for (size_t count = 0; count < 20; count++) {
		double bound = proportion_upper_bound(count, 40);
		ck_assert(bound > (double)count / 40 && bound < 1);
		ck_assert(bound < proportion_upper_bound(count + 1, 40));
		ck_assert(bound > proportion_upper_bound(count, 41));
	}
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("speed_proportion");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_test(t, no_event);
	tcase_add_test(t, some_events);
	tcase_add_test(t, all_events);
	tcase_add_test(t, order);
	Suite *suite = suite_create("speed_proportion");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
