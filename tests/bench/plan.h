/* What `make bench` measures: which sizes, and how often each. Pure functions. */
#ifndef PLAN_H
#define PLAN_H

#include <stdbool.h>
#include <stddef.h>

enum { PLAN_SIZES = 32, PLAN_LEAST = 10, PLAN_MOST = 1000000, PLAN_ROUNDS = 31, PLAN_USUAL_ROUNDS = 21 };

/* The sizes from 1 to max, which is the last one; closest together where pools cross
 * over. Returns how many. */
int plan_sizes(size_t max, size_t n[PLAN_SIZES]);

/* In how many of so many rounds this size takes part: fewer where a call takes long,
 * but never fewer than three, if there are so many. */
int plan_rounds(size_t n, int rounds);

/* Whether it takes part in this round, from 0: its rounds are spread over the whole run,
 * so that a busy minute spoils some rounds of each size and not all of one. */
bool plan_in_round(size_t n, int round, int rounds);

/* Puts 0 to count - 1 into a random order, always the same for the same *state, which is
 * not 0 and moves on. */
void plan_order(int order[], int count, unsigned *state);

#endif
