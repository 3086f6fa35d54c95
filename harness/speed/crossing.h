/* From which n on the student's way is faster, and whether that is early enough.
 *
 * Both the estimate from the paired rounds and the crossing of the fitted lines
 * (estimate.h) must lie beyond the bound before the crossover is called late; the
 * kit's own bare processes, measured in the same rounds, must have crossed over before
 * the bound, and well before the student's way; and the machine must have been free. An
 * early one needs no such care: nobody is faster at three sizes in a row by chance.
 */
#ifndef CROSSING_H
#define CROSSING_H

#include <stdbool.h>

#include "contest.h"

enum { CROSSING_AHEAD = 2 }; /* bare processes cross over at less than 1/2 of a late n */

enum crossing_state { CROSSING_UNCLEAR, CROSSING_EARLY, CROSSING_LATE };

struct crossing {
	enum crossing_state state;
	double n;         /* of tasks; where it lies beyond the sizes, where the lines cross;
	                   * INFINITY: never */
	double bound;     /* that n is held against */
	double pays_from; /* what the machine allows at best */
	double bare_n;    /* of the kit's bare forks */
	double others;    /* the share of the CPUs that other programs used meanwhile */
	double stolen;    /* and the machine's host */
	size_t largest;   /* the largest size that was measured */
};

/* Judges the sizes of a contest. */
struct crossing crossing_judge(const struct contest *contest);

/* Whether the contest shall measure its sizes once more. */
bool crossing_wants_more(const struct contest *contest);

#endif
