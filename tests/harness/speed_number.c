/* Numbers for people. */
#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "number.h"

enum { TEST_SECONDS = 120, AT_ONCE = 4 };

START_TEST(commas)
{
	ck_assert_str_eq(number_text(0), "0");
	ck_assert_str_eq(number_text(7), "7");
	ck_assert_str_eq(number_text(999), "999");
	ck_assert_str_eq(number_text(1000), "1,000");
	ck_assert_str_eq(number_text(12345), "12,345");
	ck_assert_str_eq(number_text(123456), "123,456");
	ck_assert_str_eq(number_text(10000000), "10,000,000");
	ck_assert_str_eq(number_text(UINT64_MAX), "18,446,744,073,709,551,615");
	ck_assert_uint_lt(strlen(number_text(UINT64_MAX)), NUMBER_TEXT);
}
END_TEST

/* One message holds several of them. */
START_TEST(several_at_once)
{
	char text[AT_ONCE * NUMBER_TEXT];
	snprintf(text, sizeof text, "%s %s %s %s", number_text(1), number_text(2000),
	         number_estimate(30), number_text(4));
	ck_assert_str_eq(text, "1 2,000 30 4");
}
END_TEST

/* Three digits count. */
START_TEST(estimates)
{
	ck_assert_str_eq(number_estimate(1787.3), "1,790");
	ck_assert_str_eq(number_estimate(1784.9), "1,780");
	ck_assert_str_eq(number_estimate(312), "312");
	ck_assert_str_eq(number_estimate(312.5), "313");
	ck_assert_str_eq(number_estimate(1234567), "1,230,000");
	ck_assert_str_eq(number_estimate(1e6), "1,000,000");
}
END_TEST

/* Rounded up to one digit more. */
START_TEST(estimates_below_a_power_of_ten)
{
	ck_assert_str_eq(number_estimate(999.4), "999");
	ck_assert_str_eq(number_estimate(999.6), "1,000");
	ck_assert_str_eq(number_estimate(9994), "9,990");
	ck_assert_str_eq(number_estimate(9995), "10,000");
	ck_assert_str_eq(number_estimate(999499), "999,000");
	ck_assert_str_eq(number_estimate(999500), "1,000,000");
}
END_TEST

START_TEST(small_estimates)
{
	ck_assert_str_eq(number_estimate(0), "0");
	ck_assert_str_eq(number_estimate(0.4), "0");
	ck_assert_str_eq(number_estimate(0.5), "1");
	ck_assert_str_eq(number_estimate(2.49), "2");
}
END_TEST

START_TEST(never)
{
	ck_assert_str_eq(number_estimate(INFINITY), "never");
	ck_assert_str_eq(number_estimate(NAN), "never");
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("speed_number");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_test(t, commas);
	tcase_add_test(t, several_at_once);
	tcase_add_test(t, estimates);
	tcase_add_test(t, estimates_below_a_power_of_ten);
	tcase_add_test(t, small_estimates);
	tcase_add_test(t, never);
	Suite *suite = suite_create("speed_number");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
