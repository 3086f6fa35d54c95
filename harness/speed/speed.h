/* From a contest to a verdict, in words.
 *
 * Passed, failed and not measured alike, the message prints what was measured, what
 * is required, and what this machine has to give.
 */
#ifndef SPEED_H
#define SPEED_H

#include <stdbool.h>

#include "contest.h"
#include "verdict.h"

/* How many workers a speed test uses here: the usable CPUs, CONTEST_WORKERS_MOST of
 * them at most. */
int speed_workers(void);

/* Whether anything can be faster here: with one usable CPU nothing can, and the
 * verdict is "not measured", with the reason. */
bool speed_possible(struct verdict *verdict);

/* Judges the makespans (makespan.h) of so many rounds with so many workers: has the
 * work been shared out? `function` is the student's. */
void speed_judge_makespan(struct verdict *verdict, const double speedups[], size_t rounds,
                          int workers, const char *function);

/* Judges a contest that the student's function did to its end. */
void speed_judge(struct verdict *verdict, const struct contest *contest, const char *function);

#endif
