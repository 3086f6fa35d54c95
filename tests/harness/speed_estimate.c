/* The estimate of the crossover: pure functions, on times that nobody measured. Noise
 * comes from a generator whose seed is fixed.
 */
#include <check.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "estimate.h"

enum { TEST_SECONDS = 120, SIZES = 9, ROUNDS = 15, RUNS = 200 };

#define TOLERANCE 1e-9

/* --- medians ------------------------------------------------------------------------ */

START_TEST(medians)
{
	ck_assert_double_eq(median_of((double[]){ 7 }, 1), 7);
	ck_assert_double_eq(median_of((double[]){ 3, 1, 2 }, 3), 2);
	ck_assert_double_eq(median_of((double[]){ 4, 1, 3, 2 }, 4), 2.5);
	ck_assert_double_eq(median_of((double[]){ 5, 5, 5, 1 }, 4), 5);
	ck_assert_double_eq(median_of((double[]){ 2, 1, 2, 1 }, 4), 1.5);
	ck_assert_double_eq(median_of((double[]){ INFINITY, 1, 2 }, 3), 2);
}
END_TEST

START_TEST(quartiles)
{
	const double values[] = { 5, 3, 1, 4, 2 };
	ck_assert_double_eq(quartile_of(values, 5, 1), 2);
	ck_assert_double_eq(quartile_of(values, 5, 2), 3);
	ck_assert_double_eq(quartile_of(values, 5, 3), 4);
	ck_assert_double_eq(quartile_of(values, 1, 1), 5);
	ck_assert_double_eq(quartile_of((double[]){ 1, 1, 1, 9, 9 }, 5, 1), 1);
	ck_assert_double_eq(values[0], 5); /* it is left as it is */
}
END_TEST

/* --- lines ---------------------------------------------------------------------------- */

static void expect_line(const double n[], const double t[], size_t count, double a, double b)
{
	struct line line = line_fit(n, t, count);
	ck_assert_double_eq_tol(line.a, a, TOLERANCE);
	ck_assert_double_eq_tol(line.b, b, TOLERANCE);
}

START_TEST(lines)
{
	const double n[] = { 1, 2, 4, 8, 16, 32, 64 };
	expect_line(n, (double[]){ 5, 7, 11, 19, 35, 67, 131 }, 7, 3, 2);
	expect_line(n, (double[]){ 5, 7, 11, 900, 35, 67, 131 }, 7, 3, 2); /* one may be anything */
	expect_line(n, (double[]){ 5, 7, 11, 19, 0.001, 67, 131 }, 7, 3, 2);
	expect_line(n, (double[]){ 5, 70, 11, 19, 350, 67, 131 }, 7, 3, 2); /* or two much too long */
	expect_line(n, (double[]){ 6, 6, 6, 6, 6, 6, 6 }, 7, 6, 0);
	expect_line(n, (double[]){ 5, 7 }, 2, 3, 2);
	expect_line((double[]){ 4 }, (double[]){ 12 }, 1, 0, 3);
	expect_line(n, n, 0, 0, 0);
}
END_TEST

START_TEST(more_points_than_a_line_has)
{
	double n[LINE_POINTS + 9], t[LINE_POINTS + 9];
	for (int i = 0; i < LINE_POINTS + 9; i++) {
		n[i] = i + 1;
		t[i] = i < LINE_POINTS ? 3 + 2 * n[i] : 0;
	}
	expect_line(n, t, LINE_POINTS + 9, 3, 2);
}
END_TEST

/* --- pairs ---------------------------------------------------------------------------- */

static double log_ratio(const double serial[], const double parallel[], size_t rounds)
{
	return samples_log_ratio(&(struct samples){
		.n = 10, .serial = serial, .parallel = parallel, .rounds = rounds });
}

START_TEST(ratios_of_pairs)
{
	const double one[] = { 1, 1, 1, 1, 1 }, twice[] = { 2, 2, 2, 2, 2 };
	ck_assert_double_eq_tol(log_ratio(twice, one, 5), log(2), TOLERANCE);
	ck_assert_double_eq_tol(log_ratio(one, twice, 5), -log(2), TOLERANCE);
	ck_assert_double_eq(log_ratio(one, one, 5), 0);
	/* both of a round are slower, */
	ck_assert_double_eq_tol(log_ratio((double[]){ 2, 4.8, 2 }, (double[]){ 1, 2.4, 1 }, 3),
	                        log(2), TOLERANCE);
	/* one of the two is, in two rounds of five, */
	ck_assert_double_eq_tol(log_ratio((double[]){ 20, 2, 2, 2, 2 }, (double[]){ 1, 1, 9, 1, 1 }, 5),
	                        log(2), TOLERANCE);
	/* and a clock says 0 */
	ck_assert_double_eq(log_ratio((double[]){ 0 }, (double[]){ 0 }, 1), 0);
}
END_TEST

/* --- tables ------------------------------------------------------------------------------ */

static double serial[SIZES][ROUNDS], parallel[SIZES][ROUNDS];
static struct samples table[SIZES];

/* Sizes 10, 20, 40, ... at which parallel work is so many times as fast. */
static struct crossover_estimate estimate(const double speedup[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		table[i] = (struct samples){ (size_t)10 << i, serial[i], parallel[i], ROUNDS };
		for (int r = 0; r < ROUNDS; r++) {
			serial[i][r] = (double)table[i].n * 1e-6;
			parallel[i][r] = serial[i][r] / speedup[i];
		}
	}
	return crossover_estimate(table, count);
}

static void expect_found(const double speedup[], size_t count, size_t index, double n)
{
	struct crossover_estimate e = estimate(speedup, count);
	ck_assert(e.found);
	ck_assert_uint_eq(e.index, index);
	ck_assert_double_eq_tol(e.n, n, n * 1e-9);
}

static void expect_none(const double speedup[], size_t count)
{
	struct crossover_estimate e = estimate(speedup, count);
	ck_assert(!e.found);
	ck_assert_uint_eq(e.index, count);
	ck_assert(isinf(e.n));
}

/* Between two sizes, even in 1 / n: from 2 at n to 0.5 at 2 n it is 1 at 1.5 n. */
START_TEST(found)
{
	expect_found((double[]){ 0.25, 0.5, 2, 2, 2 }, 5, 2, 20 * 1.5);
	expect_found((double[]){ 0.5, 1, 2, 2, 2 }, 5, 2, 20); /* equal is not faster */
	expect_found((double[]){ 1.1, 1.5, 1.7, 1.8 }, 4, 0, 10);
	expect_found((double[]){ 0.1, 0.25, 0.5, 2, 2 }, 5, 3, 40 * 1.5);
	expect_found((double[]){ 0.5, 2, 2 }, 3, 1, 10 * 1.5); /* one size confirms it */
}
END_TEST

START_TEST(not_found)
{
	expect_none((double[]){ 0.1, 0.2, 0.4, 0.8 }, 4);
	expect_none((double[]){ 0.1, 0.2, 0.4, 2 }, 4); /* nothing confirms the last */
	expect_none((double[]){ 1, 1, 1, 1 }, 4);
	expect_none((double[]){ 2 }, 1);
	expect_none((double[]){ 2 }, 0);
}
END_TEST

/* Faster at a size or two is luck. */
START_TEST(luck_is_no_crossover)
{
	expect_found((double[]){ 2, 0.5, 0.5, 0.5, 2, 2, 2 }, 7, 4, 80 * 1.5);
	expect_found((double[]){ 0.5, 2, 2, 0.5, 2, 2, 2 }, 7, 4, 80 * 1.5);
	expect_none((double[]){ 2, 2, 0.5, 2, 0.5 }, 5);
}
END_TEST

/* --- the two ways to it ------------------------------------------------------------------- */

static uint64_t state = 4711;

/* In [0, 1); splitmix64: Steele, Lea and Flood, 2014. */
static double chance(void)
{
	uint64_t x = state += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return (double)((x ^ (x >> 31)) >> 11) * 0x1p-53;
}

/* 5% of noise, and some times are 3 to 10 times as long. */
static double noise(double outliers)
{
	double factor = 0.95 + 0.1 * chance();
	return chance() < outliers ? factor * (3 + 7 * chance()) : factor;
}

/* Sizes 25 to 6,400 of which 200 is the crossover, on CPUs that get slower by so much
 * from the first round to the last, and of which some rounds are throttled. */
static struct crossover_estimate simulate(double outliers, double drift, double throttled)
{
	for (size_t i = 0; i < SIZES; i++) {
		table[i] = (struct samples){ (size_t)25 << i, serial[i], parallel[i], ROUNDS };
		for (int r = 0; r < ROUNDS; r++) {
			double n = (double)table[i].n, slow = 1 + drift * r / ROUNDS;
			slow *= chance() < throttled ? 2.4 : 1;
			serial[i][r] = slow * n * 1e-6 * noise(outliers);
			parallel[i][r] = slow * (100e-6 + n * 0.5e-6) * noise(outliers);
		}
	}
	return crossover_estimate(table, SIZES);
}

static void expect_close(double outliers, double drift, double throttled)
{
	for (int i = 0; i < RUNS; i++) {
		struct crossover_estimate e = simulate(outliers, drift, throttled);
		ck_assert(e.found);
		ck_assert_msg(e.n > 130 && e.n < 300, "%f", e.n);
		ck_assert_msg(e.line_n > 100 && e.line_n < 400, "%f", e.line_n);
		ck_assert(e.agree);
	}
}

START_TEST(simulated)
{
	expect_close(0, 0, 0);
	expect_close(0.1, 0, 0);
	expect_close(0, 1.4, 0);
	expect_close(0, 0, 0.5);
	expect_close(0.05, 1.4, 0.5);
}
END_TEST

START_TEST(lines_that_meet)
{
	const double serial_time[] = { 25e-6, 50e-6, 100e-6 };
	struct crossover_estimate e = simulate(0, 0, 0);
	ck_assert_double_eq_tol(e.serial.b, 1e-6, 0.05e-6);
	ck_assert_double_eq_tol(e.parallel.b, 0.5e-6, 0.05e-6);
	ck_assert_double_eq_tol(e.parallel.a, 100e-6, 10e-6);
	/* parallel is below from the start, or never gets there */
	const struct samples below[] = { { 25, serial_time, serial_time, 1 },
		                             { 50, serial_time + 1, serial_time, 1 },
		                             { 100, serial_time + 2, serial_time + 1, 1 } };
	const struct samples above[] = { { 25, serial_time, serial_time + 1, 1 },
		                             { 50, serial_time, serial_time + 2, 1 } };
	ck_assert_double_ge(crossover_estimate(below, 3).line_n, 0);
	ck_assert_double_le(crossover_estimate(below, 3).line_n, 25);
	ck_assert(isinf(crossover_estimate(above, 2).line_n));
	ck_assert(crossover_estimate(above, 2).agree); /* both say never */
}
END_TEST

/* More than half of the rounds of some sizes were spoiled. */
START_TEST(estimates_that_disagree)
{
	simulate(0, 0, 0);
	for (int i = 3; i < 8; i += 2)
		for (int r = 0; r < 9; r++)
			parallel[i][r] *= 5;
	struct crossover_estimate e = crossover_estimate(table, SIZES);
	ck_assert(!e.found);
	ck_assert_msg(e.line_n > 100 && e.line_n < 400, "%f", e.line_n);
	ck_assert(!e.agree);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("speed_estimate");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_test(t, medians);
	tcase_add_test(t, quartiles);
	tcase_add_test(t, lines);
	tcase_add_test(t, more_points_than_a_line_has);
	tcase_add_test(t, ratios_of_pairs);
	tcase_add_test(t, found);
	tcase_add_test(t, not_found);
	tcase_add_test(t, luck_is_no_crossover);
	tcase_add_test(t, simulated);
	tcase_add_test(t, lines_that_meet);
	tcase_add_test(t, estimates_that_disagree);
	Suite *suite = suite_create("speed_estimate");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
