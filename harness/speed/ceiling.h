/* What this machine can give in this minute: the speed-up of bare processes. */
#ifndef CEILING_H
#define CEILING_H

#include <stddef.h>

enum { CEILING_ROUNDS = 5 };

/* Runs the same work in one process and then in `workers` bare forks, CEILING_ROUNDS
 * times in turn, and returns their ceiling: near `workers` on a free machine. 0 where
 * no process could be started. Takes about 0.1 s, and
 * half a second where starting a process takes milliseconds. */
double ceiling_measure(int workers);

/* The ceiling that such rounds show, at least one: the median of serial / bare, both in
 * seconds and above 0. A median of ratios, so that a machine that changes its speed
 * from round to round changes nothing, and a round in which one of the two was held up
 * is an outlier. Rounds beyond CEILING_ROUNDS are not looked at. */
double ceiling_of(const double serial[], const double bare[], size_t rounds);

#endif
