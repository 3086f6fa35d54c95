/* Rounds of a test that looks for races between processes. */
#ifndef RACES_H
#define RACES_H

#include "suite.h"

/* Makes one supervised call of `what` with this seed, not 0, and judges it. */
typedef void race_round_fn(struct test *t, const void *what, uint32_t seed);

/* Makes rounds until one decides the verdict, or the time is up: RACE_SECONDS of the
 * environment (make race), or else `seconds`. With RACE_ROUNDS in the environment, so many. Decides "not measured" where the plug-in
 * could not be compiled for it. */
void races_look(struct test *t, double seconds, race_round_fn *round, const void *what);

/* The limits of a round: who is held up at every step takes long, and hangs all the same
 * if nobody moves any more. (Fields of struct limits.) */
#define RACES_LIMITS { .wall_seconds = 4, .most_seconds = 60, .cpu_seconds = 20 }

/* How many workers a round with this seed has: 2 to 4, or RACE_WORKERS of the environment. */
int races_workers(uint32_t seed);

#endif
