/* Where parallel begins to win: the crossover, estimated from measured times.
 *
 * Pure functions: no clock, no process, no memory is asked for. The caller
 * measures in rounds, each serial and then parallel at the same n, and hands in
 * what came out. Two ways lead to the crossover, and the one checks the other:
 *
 *   paired ratios  the median of log(serial / parallel) over the rounds of a size.
 *                  What slows both of a pair down cancels, be it for a round or
 *                  for the whole run, and a round in which only one was hit is
 *                  an outlier of which the median takes no notice.
 *   two lines      t = a + b n through the lower quartiles of each, and where they
 *                  meet.
 */
#ifndef ESTIMATE_H
#define ESTIMATE_H

#include <stdbool.h>
#include <stddef.h>

/* The median; of an even count the mean of the two in the middle. No value is NaN;
 * count is at least 1. The array is left as it is. */
double median_of(const double values[], size_t count);

/* The value with a quarter of the others, or two or three quarters, before it in
 * order; always one of the values: of four or fewer, quarter 1 is the least and 3 the
 * greatest. Otherwise as median_of. */
double quartile_of(const double values[], size_t count, int quarter);

/* t = a + b n: a in seconds, b in seconds per task. */
struct line {
	double a, b;
};

/* The line through points with positive, different n, after Theil (1950) and Sen
 * (1968): b is the median of the slopes of all pairs, a that of what is then left.
 * The noise of a time grows with the time, so both medians are weighted by how
 * much each slope or rest is worth: b comes from large n, a from small n. One in
 * five of the points may be anything. One point gives a line through zero, none { 0, 0 };
 * points beyond LINE_POINTS are not looked at. */
enum { LINE_POINTS = 64 };
struct line line_fit(const double n[], const double t[], size_t count);

/* The rounds of one size: serial[r] and parallel[r], in seconds, are of the same
 * round. At least one round; those beyond ROUNDS_MOST are not looked at. */
enum { ROUNDS_MOST = 256 };
struct samples {
	size_t n;
	const double *serial, *parallel;
	size_t rounds;
};

/* The median of log(serial / parallel): above 0 where parallel is faster. */
double samples_log_ratio(const struct samples *samples);

struct crossover_estimate {
	double n;      /* from here on parallel is faster; INFINITY: nowhere */
	size_t index;  /* the first size at which it is; count where there is none */
	bool found;
	double line_n; /* where the two lines meet; 0 if parallel is below from the start,
	                * INFINITY if it never gets there */
	struct line serial, parallel;
	bool agree;    /* the two are within a factor of CROSSOVER_AGREE */
};

#define CROSSOVER_AGREE 4.0

/* The crossover in a table of sizes with ascending n: the first size at which
 * parallel is faster and still is at the next two. Of the last sizes but one and
 * two, at the one and two that follow; the last size alone starts none, since
 * nothing confirms it. Equal times are not faster.
 *
 * n lies between that size and the one before it, at which parallel was not
 * faster: where parallel / serial comes to 1 if it changes evenly with 1 / n, as
 * it does for a + b n over b n. (Even changes with log n would put it up to 40%
 * too high where sizes are a decade apart.) If it is the first size, n is that
 * size: the crossover may lie below the table.
 * To compare the two, what lies below or beyond the table counts as its edge. */
struct crossover_estimate crossover_estimate(const struct samples sizes[], size_t count);

#endif
