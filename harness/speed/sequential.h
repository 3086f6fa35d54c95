/* Who of two is ahead for sure: a test that goes on until one leads.
 *
 * Each round is won or lost. When one side leads by k, it has the better chance in
 * a round, or was very lucky: with a chance p < 1/2 of winning a round, a side leads
 * by k before the other does with probability 1 / (1 + ((1 - p) / p)^k) (the
 * gambler's ruin; Feller, An Introduction to Probability Theory, volume 1). For
 * p = 0.2 and k = 5 that is 0.001, after 8.3 rounds on average.
 */
#ifndef SEQUENTIAL_H
#define SEQUENTIAL_H

#include <stdbool.h>

enum leader { LEADER_NONE, LEADER_FIRST, LEADER_SECOND };

struct sequential {
	int lead;                         /* rounds won by the first less those by the second */
	int first_needed, second_needed; /* k of each */
};

struct sequential sequential_start(int first_needed, int second_needed);

/* One more round, won by the first or the second. A tie is no round: leave it out. */
void sequential_add(struct sequential *s, bool first_won);

enum leader sequential_leader(const struct sequential *s);

/* The chance that a side which wins a round with chance p leads by k first. */
double sequential_error(double p, int k);

#endif
