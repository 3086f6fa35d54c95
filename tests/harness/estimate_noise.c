/* The crossover on a machine that is not alone: outliers, drift, throttling, noise.
 * Each leaves the estimate where it is.
 */
#define _GNU_SOURCE
#include "simulated.h"

START_TEST(outliers)
{
	for (int trial = 0; trial < 100; trial++) {
		simulate(START_SECONDS, TASK_SECONDS / 2);
		add_noise(0.02);
		add_outliers(0.2);
		expect_crossover(1.1, 1.5);
	}
}
END_TEST

/* The machine gets slower and slower, to half its speed: in the order of the
 * rounds, each through all sizes, and in the order of the sizes. */
START_TEST(drift)
{
	for (size_t i = 0; i < SIZES; i++)
		for (size_t r = 0; r < ROUNDS; r++)
			scale_round(i, r, 1 + (double)(r * SIZES + i) / (SIZES * ROUNDS - 1));
	expect_crossover(1.1, 1.5);
	simulate(START_SECONDS, TASK_SECONDS / 2);
	for (size_t i = 0; i < SIZES; i++)
		for (size_t r = 0; r < ROUNDS; r++)
			scale_round(i, r, 1 + (double)(i * ROUNDS + r) / (SIZES * ROUNDS - 1));
	expect_crossover(1.1, 2);
}
END_TEST

/* Medians of serial and of parallel may come from different halves then; ratios
 * of the same round do not. */
START_TEST(throttling)
{
	for (int trial = 0; trial < 100; trial++) {
		simulate(START_SECONDS, TASK_SECONDS / 2);
		add_noise(0.02);
		for (size_t i = 0; i < SIZES; i++)
			for (size_t r = 0; r < ROUNDS; r++)
				scale_round(i, r, uniform() < 0.5 ? 2.4 : 1);
		expect_crossover(1.1, CROSSOVER_AGREE);
	}
}
END_TEST

START_TEST(pairs_see_what_medians_do_not)
{
	const double s[] = { 1, 2.4, 2.4 }, p[] = { 1.1, 2.6, 0.9 };
	struct samples one = { 10, s, p, 3 };
	ck_assert(median_of(s, 3) > median_of(p, 3));
	ck_assert(samples_log_ratio(&one) < 0);
	ck_assert(fabs(samples_log_ratio(&one) + log(2.6 / 2.4)) < 1e-12);
}
END_TEST

/* Noise of 10%, one time in ten far off, half of the rounds slow, and everything
 * slower in the end: the estimate stays where it is. */
START_TEST(random_trials)
{
	double worst = 1;
	for (int trial = 0; trial < 1000; trial++) {
		simulate(START_SECONDS, TASK_SECONDS / 2);
		add_noise(0.1);
		add_outliers(0.1);
		for (size_t i = 0; i < SIZES; i++)
			for (size_t r = 0; r < ROUNDS; r++)
				scale_round(i, r, (uniform() < 0.5 ? 2.4 : 1) * (1 + (double)r / ROUNDS));
		struct crossover_estimate e = crossover_estimate(sizes, SIZES);
		ck_assert(e.found);
		worst = fmax(worst, fmax(e.n / CROSSOVER, CROSSOVER / e.n));
	}
	ck_assert_msg(worst < 1.5, "off by a factor of %g", worst);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("estimate: noise");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, outliers);
	tcase_add_test(t, drift);
	tcase_add_test(t, throttling);
	tcase_add_test(t, pairs_see_what_medians_do_not);
	tcase_add_test(t, random_trials);
	Suite *suite = suite_create("estimate: noise");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
