/* The verdict of speed where nothing could be measured: it gives the reason that holds,
 * and says that the points stay open.
 */
#include <check.h>
#include <string.h>

#include "contests.h"
#include "speed.h"

enum { TEST_SECONDS = 120 };

static void expect_not(const char *part)
{
	ck_assert_msg(strstr(verdict.message, part) == NULL, "\"%s\" is in: %s", part,
	              verdict.message);
}

static void expect_not_measured(const char *reason)
{
	expect(VERDICT_NOT_MEASURED, "Whether it is faster cannot be told here and now: ");
	expect(VERDICT_NOT_MEASURED, reason);
	ck_assert_ptr_nonnull(strstr(verdict.next_step, "Nothing is wrong with your code"));
	ck_assert_ptr_nonnull(strstr(verdict.next_step, "these points stay open"));
}

/* --- not measured: the rounds ---------------------------------------------------- */

START_TEST(rounds_beside_others)
{
	play_void_rounds(ROUNDS_VOID_MOST - 10, 1.1);
	play_rounds(10, 1.3);
	play_void_rounds(10, 1.1);
	use_cpus(0.47, 0.02);
	judge();
	expect_not_measured("other programs used 47% of the 2 CPUs.");
	expect_not_measured("Measured: 1.30x at n = 32,768, in 10 of 70 rounds that counted. "
	                    "Required: 1.40x (this machine gave 1.96x).");
	expect_not("steal");
}
END_TEST

START_TEST(rounds_on_a_host_that_steals)
{
	play_void_rounds(ROUNDS_VOID_MOST, 1.1);
	use_cpus(0.3, 0.25);
	judge();
	expect_not_measured("25% steal: this virtual machine's host ran something else on its CPUs.");
	expect_not("other programs");
}
END_TEST

START_TEST(rounds_below_the_ceiling)
{
	play_void_rounds(ROUNDS_VOID_MOST, 1.05);
	use_cpus(0.09, 0.09);
	judge();
	expect_not_measured("ceiling 1.05 of 2: bare processes came no nearer to 2 times as fast.");
	expect_not_measured("in 0 of 60 rounds that counted");
}
END_TEST

/* The ceiling of the rounds that counted is good: it is not named as the reason. */
START_TEST(too_few_rounds_that_counted)
{
	play_rounds(20, 1.3);
	play_void_rounds(ROUNDS_VOID_MOST, 1.05);
	judge();
	expect_not_measured("in 60 of 80 rounds, bare processes did not come near to 2 times as fast.");
	expect_not_measured("Measured: 1.30x");
	expect_not("ceiling");
}
END_TEST

START_TEST(as_many_rounds_won_as_lost)
{
	while (contest.rounds < ROUNDS_IN_ALL) {
		play_rounds(1, 1.41);
		play_rounds(1, 1.39);
	}
	judge();
	expect_not_measured("some rounds say that it is as fast as is required, as many say that it is "
	                    "not.");
	expect_not_measured("Required: 1.40x (this machine gave 1.96x).");
}
END_TEST

/* --- not measured: the crossover ------------------------------------------------- */

static void expect_unclear_crossover(double student_from, double bare_from, double others,
                                     double stolen, const char *reason)
{
	setup();
	play_rounds(5, 1.8);
	play_sizes(student_from, bare_from);
	use_cpus(others, stolen);
	judge();
	expect_not_measured(reason);
	expect_not_measured("Bound: 800, which is 4 times what bare processes need here.");
}

START_TEST(unclear_crossover)
{
	expect_unclear_crossover(1600, 200, 0.3, 0, "other programs used 30% of the 2 CPUs. Measured: "
	                         "faster from n = 1,600.");
	expect_unclear_crossover(1600, 200, 0.3, 0.2, "20% steal");
	expect_unclear_crossover(3200, 1000, 0, 0,
	                         "bare processes were no faster either, up to n = 1,600. Measured: "
	                         "faster from n = 3,200.");
	expect_unclear_crossover(1200, 700, 0, 0,
	                         "bare processes were not far ahead, faster from n = 700 on. Measured: "
	                         "faster from n = 1,200.");
}
END_TEST

START_TEST(estimates_of_the_crossover_disagree)
{
	play_rounds(5, 1.8);
	play_sizes(300, 200);
	for (int r = 0; r < SIZE_ROUNDS; r++)
		contest.student[6][r] = 2 * contest.serial[6][r]; /* at one size only */
	judge();
	expect_not_measured("of two estimates of the n from which it is faster, only one keeps the "
	                    "bound.");
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("speed_open");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, rounds_beside_others);
	tcase_add_test(t, rounds_on_a_host_that_steals);
	tcase_add_test(t, rounds_below_the_ceiling);
	tcase_add_test(t, too_few_rounds_that_counted);
	tcase_add_test(t, as_many_rounds_won_as_lost);
	tcase_add_test(t, unclear_crossover);
	tcase_add_test(t, estimates_of_the_crossover_disagree);
	Suite *suite = suite_create("speed_open");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
