/* The crossover from measured times: see estimate.h.
 *
 * Everything here is a median of something. A mean would follow a single round
 * in which the machine was busy with something else; a minimum would follow the
 * single round in which one of the two had luck.
 */
#include "estimate.h"

#include <math.h>
#include <stdlib.h>

#define SHORTEST_SECONDS 1e-9 /* a clock may say 0 */
#define FAR_TOO_SHORT 4 /* times */

/* --- medians -------------------------------------------------------------------- */

/* The value with `below` others before it in order. Its place is found by counting,
 * which needs no copy: the arrays are short. */
static double ranked(const double values[], size_t count, size_t below)
{
	for (size_t i = 0; i < count; i++) {
		size_t less = 0, equal = 0;
		for (size_t j = 0; j < count; j++) {
			less += values[j] < values[i];
			equal += values[j] == values[i];
		}
		if (less <= below && below < less + equal)
			return values[i];
	}
	return values[0]; /* not reached: no value is NaN */
}

double quartile_of(const double values[], size_t count, int quarter)
{
	size_t last = count - 1, part = (size_t)quarter;
	return ranked(values, count, part <= 2 ? last * part / 4 : last - last * (4 - part) / 4);
}

double median_of(const double values[], size_t count)
{
	double lower = ranked(values, count, (count - 1) / 2);
	return count % 2 == 1 ? lower : (lower + ranked(values, count, count / 2)) / 2;
}

struct weighted {
	double value, weight;
};

static int compare(const void *a, const void *b)
{
	const struct weighted *x = a, *y = b;
	return (x->value > y->value) - (x->value < y->value);
}

/* The first value, in order, up to which half of the weight lies. Sorts them. */
static double weighted_median(struct weighted of[], size_t count)
{
	double all = 0, sum = 0;
	for (size_t i = 0; i < count; i++)
		all += of[i].weight;
	qsort(of, count, sizeof *of, compare);
	for (size_t i = 0; i < count; i++)
		if ((sum += of[i].weight) >= all / 2)
			return of[i].value;
	return of[count - 1].value;
}

/* --- lines ---------------------------------------------------------------------- */

/* The median of the slopes of all pairs, weights alike. */
static double rough_slope(const double n[], const double t[], size_t count)
{
	double slopes[LINE_POINTS * (LINE_POINTS - 1) / 2] = { 0 };
	size_t pairs = 0;
	for (size_t i = 0; i < count; i++)
		for (size_t j = i + 1; j < count; j++)
			slopes[pairs++] = (t[j] - t[i]) / (n[j] - n[i]);
	return median_of(slopes, pairs);
}

/* How far off a time may be, but for a factor. One that is far too short is not taken at
 * its word, or its slopes would outweigh all others. */
static double noise(double n, double t, double rough)
{
	return fmax(t, rough * n / FAR_TOO_SHORT);
}

/* With noise in proportion to the times, a slope is off by about their sum over
 * the distance. */
static double slope(const double n[], const double t[], size_t count)
{
	struct weighted slopes[LINE_POINTS * (LINE_POINTS - 1) / 2];
	double rough = rough_slope(n, t, count);
	size_t pairs = 0;
	for (size_t i = 0; i < count; i++)
		for (size_t j = i + 1; j < count; j++) {
			double off = noise(n[i], t[i], rough) + noise(n[j], t[j], rough);
			slopes[pairs++] = (struct weighted){ (t[j] - t[i]) / (n[j] - n[i]),
				                                 fabs(n[j] - n[i]) / off };
		}
	return weighted_median(slopes, pairs);
}

/* What a point tells of a is off by a part of its whole time, a + b n. That is taken
 * from the line and not from the point, or a single point that is far too low would
 * outweigh all others. */
static double intercept(const double n[], const double t[], size_t count, double b)
{
	struct weighted weighted[LINE_POINTS];
	double rests[LINE_POINTS] = { 0 };
	for (size_t i = 0; i < count; i++)
		rests[i] = t[i] - b * n[i];
	double a = fabs(median_of(rests, count));
	for (size_t i = 0; i < count; i++)
		weighted[i] = (struct weighted){ rests[i], 1 / (SHORTEST_SECONDS + a + fabs(b) * n[i]) };
	return weighted_median(weighted, count);
}

struct line line_fit(const double n[], const double t[], size_t count)
{
	if (count == 0)
		return (struct line){ 0, 0 };
	if (count == 1)
		return (struct line){ 0, t[0] / n[0] };
	if (count > LINE_POINTS)
		count = LINE_POINTS;
	double b = slope(n, t, count);
	return (struct line){ intercept(n, t, count, b), b };
}

static double lines_meet(struct line serial, struct line parallel)
{
	if (parallel.b >= serial.b)
		return INFINITY;
	return fmax(0, (parallel.a - serial.a) / (serial.b - parallel.b));
}

/* Where half of the rounds are slow, medians of some sizes are fast and of others
 * slow, and no line goes through them; lower quartiles are all of the fast half. */
static double usual(const double seconds[], size_t rounds)
{
	return fmax(quartile_of(seconds, rounds, 1), SHORTEST_SECONDS);
}

static void fit_lines(struct crossover_estimate *e, const struct samples sizes[], size_t count)
{
	double n[LINE_POINTS] = { 0 }, serial[LINE_POINTS] = { 0 }, parallel[LINE_POINTS] = { 0 };
	if (count > LINE_POINTS)
		count = LINE_POINTS;
	for (size_t i = 0; i < count; i++) {
		n[i] = (double)sizes[i].n;
		serial[i] = usual(sizes[i].serial, sizes[i].rounds);
		parallel[i] = usual(sizes[i].parallel, sizes[i].rounds);
	}
	e->serial = line_fit(n, serial, count);
	e->parallel = line_fit(n, parallel, count);
	e->line_n = count > 1 ? lines_meet(e->serial, e->parallel) : INFINITY;
}

/* --- the crossover -------------------------------------------------------------- */

double samples_log_ratio(const struct samples *samples)
{
	double ratio[ROUNDS_MOST] = { 0 };
	size_t rounds = samples->rounds < ROUNDS_MOST ? samples->rounds : ROUNDS_MOST;
	for (size_t i = 0; i < rounds; i++)
		ratio[i] = log(fmax(samples->serial[i], SHORTEST_SECONDS)) -
		           log(fmax(samples->parallel[i], SHORTEST_SECONDS));
	return median_of(ratio, rounds);
}

/* Whether this size starts the crossover: faster here, and at the next two or as
 * many as there are, which must be one at least. */
static bool stays_faster(const struct samples sizes[], size_t count, size_t i)
{
	size_t last = i + 2 < count ? i + 2 : count - 1;
	if (last == i)
		return false;
	for (; i <= last; i++)
		if (!(samples_log_ratio(&sizes[i]) > 0))
			return false;
	return true;
}

/* parallel / serial is a / (b n) + a constant: a straight line over 1 / n. */
static double interpolate(const struct samples *before, const struct samples *at)
{
	double slower = exp(-samples_log_ratio(before)), faster = exp(-samples_log_ratio(at));
	double from = 1 / (double)before->n, to = 1 / (double)at->n;
	return 1 / (from + (to - from) * (slower - 1) / (slower - faster));
}

static double within(double n, double least, double most)
{
	return n < least ? least : n > most ? most : n;
}

static bool agree(const struct crossover_estimate *e, double least, double most)
{
	double ratio = within(e->n, least, most) / within(e->line_n, least, most);
	return ratio <= CROSSOVER_AGREE && ratio >= 1 / CROSSOVER_AGREE;
}

struct crossover_estimate crossover_estimate(const struct samples sizes[], size_t count)
{
	struct crossover_estimate e = { .n = INFINITY, .index = count, .line_n = INFINITY, .agree = true };
	if (count == 0)
		return e;
	for (size_t i = 0; i < count && !e.found; i++)
		if (stays_faster(sizes, count, i)) {
			e.found = true;
			e.index = i;
			e.n = i == 0 ? (double)sizes[0].n : interpolate(&sizes[i - 1], &sizes[i]);
		}
	fit_lines(&e, sizes, count);
	e.agree = agree(&e, (double)sizes[0].n, (double)sizes[count - 1].n);
	return e;
}
