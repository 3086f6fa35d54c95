/* What is asked of the reference pool, as ratios within one run, and what came out.
 * Pure functions of what was measured. */
#ifndef BARS_H
#define BARS_H

#include <stdbool.h>
#include <stdio.h>

#include "figure.h"

/* Measured once in each round, beside the figure. Seconds. */
struct costs {
	int rounds;
	double create_and_close[FIGURE_ROUNDS], apply[FIGURE_ROUNDS];
	int ceilings; /* measured in the rounds of the largest size, in that order */
	double ceiling[FIGURE_ROUNDS];
	double python_create; /* 0: not measured; so with the following */
	double pool_bytes, python_bytes;
};

enum bar_end { BAR_REACHED, BAR_MISSED, BAR_NOT_MEASURED };
enum bar_unit { BAR_MICROSECONDS, BAR_TIMES, BAR_PERCENT };

struct bar {
	const char *what;
	enum bar_unit unit;
	double value; /* in seconds, times or as a part of 1; NAN: not measured */
	bool or_more; /* value is only a lower bound: nothing larger was tried */
	double bound;
	bool at_least; /* else value may be at most the bound */
};

enum { BARS = 8 };
void bars_fill(const struct figure *figure, const struct costs *costs, struct bar bars[BARS]);
enum bar_end bar_end(const struct bar *bar);

/* How many of them were reached and missed, and a line for each. */
void bars_print(const struct bar bars[BARS], FILE *out);

/* The way of this name; -1 where it was not measured. */
int bars_way(const struct figure *figure, const char *name);

/* The seconds of serial work at the way's crossover, which is the price of its parallel
 * start. Where there is no crossover it is at least that of the largest size, and
 * *or_more is set. NAN for way -1. */
double bars_work(const struct figure *figure, int way, bool *or_more);

/* Speed-up at the largest size, held against the ceiling in the same rounds; NAN where
 * that was not measured. */
double bars_efficiency(const struct figure *figure, int way, const struct costs *costs);

#endif
