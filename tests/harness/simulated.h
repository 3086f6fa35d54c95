/* Times that are simulated, so that what must come out of an estimate is known:
 * serial b n, parallel a + b n / 2, which meet at n = 2 a / b.
 *
 * Whatever is random comes from one seed, and is the same in each run. Each test
 * begins with setup(), which makes the clean times that it then spoils.
 */
#ifndef SIMULATED_H
#define SIMULATED_H

#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "estimate.h"

enum { TEST_SECONDS = 120, SIZES = 7, ROUNDS = 15 };

#define START_SECONDS 200e-6 /* a: what two processes cost */
#define TASK_SECONDS 0.5e-6  /* b */
#define CROSSOVER (2 * START_SECONDS / TASK_SECONDS)

/* The book's seven sizes. */
static inline size_t n_of(size_t i)
{
	return (size_t)(pow(10, (double)i + 1) + 0.5);
}

static double serial[SIZES][ROUNDS], parallel[SIZES][ROUNDS];
static struct samples sizes[SIZES];

/* --- what is simulated ------------------------------------------------------------ */

static uint64_t state;

/* From 0 to 1 (splitmix64). */
static inline double uniform(void)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static inline double normal(void)
{
	double sum = -6;
	for (int i = 0; i < 12; i++)
		sum += uniform();
	return sum;
}

/* Clean times; parallel costs so much to start, and so much per task. */
static inline void simulate(double start, double per_task)
{
	for (size_t i = 0; i < SIZES; i++) {
		for (size_t r = 0; r < ROUNDS; r++) {
			serial[i][r] = TASK_SECONDS * (double)n_of(i);
			parallel[i][r] = start + per_task * (double)n_of(i);
		}
		sizes[i] = (struct samples){ n_of(i), serial[i], parallel[i], ROUNDS };
	}
}

static inline void setup(void)
{
	state = 4711;
	simulate(START_SECONDS, TASK_SECONDS / 2);
}

static inline void add_noise(double relative)
{
	for (size_t i = 0; i < SIZES; i++)
		for (size_t r = 0; r < ROUNDS; r++) {
			serial[i][r] *= exp(relative * normal());
			parallel[i][r] *= exp(relative * normal());
		}
}

/* Each of this part of the times is ten times as long. */
static inline void add_outliers(double part)
{
	for (size_t i = 0; i < SIZES; i++)
		for (size_t r = 0; r < ROUNDS; r++) {
			serial[i][r] *= uniform() < part ? 10 : 1;
			parallel[i][r] *= uniform() < part ? 10 : 1;
		}
}

static inline void scale_round(size_t i, size_t r, double factor)
{
	serial[i][r] *= factor;
	parallel[i][r] *= factor;
}

/* Makes parallel so many times as fast as serial at this size. */
static inline void set_ratio(size_t i, double ratio)
{
	for (size_t r = 0; r < ROUNDS; r++)
		parallel[i][r] = serial[i][r] / ratio;
}

/* --- what is expected ------------------------------------------------------------- */

static inline void expect_near(double value, double expected, double factor)
{
	ck_assert_msg(value <= expected * factor && value >= expected / factor,
	              "%g is not within a factor of %g of %g", value, factor, expected);
}

/* Within these factors, by pairs and by lines. */
static inline struct crossover_estimate expect_crossover(double factor, double line_factor)
{
	struct crossover_estimate e = crossover_estimate(sizes, SIZES);
	ck_assert(e.found);
	ck_assert_uint_eq(e.index, 2); /* 1,000 */
	expect_near(e.n, CROSSOVER, factor);
	expect_near(e.line_n, CROSSOVER, line_factor);
	ck_assert(e.agree);
	return e;
}

static inline void expect_none(void)
{
	struct crossover_estimate e = crossover_estimate(sizes, SIZES);
	ck_assert(!e.found);
	ck_assert_uint_eq(e.index, SIZES);
	ck_assert(isinf(e.n));
}

static inline void expect_found(size_t index, double n)
{
	struct crossover_estimate e = crossover_estimate(sizes, SIZES);
	ck_assert(e.found);
	ck_assert_uint_eq(e.index, index);
	expect_near(e.n, n, 1 + 1e-9);
}

#endif
