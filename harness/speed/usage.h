/* Who used the CPUs since a certain moment: we ourselves, others, the machine's host.
 *
 * What is our own is counted exactly: this process, all children that it has waited for,
 * and all that descend from it and live, a pool's workers above all. The kernel's count of
 * all there is has the rest.
 */
#ifndef USAGE_H
#define USAGE_H

#include "cpus.h"

struct usage_mark {
	double wall, own;
	struct cpus_use all;
};

struct usage_mark usage_now(void);

/* Adds what happened since then, in seconds: on the clock, and of CPU time on as many CPUs
 * as there are workers. Where there are more, a part counts: what is judged is the share. */
void usage_since(const struct usage_mark *before, int workers, double *wall, double *others,
                 double *stolen);

/* CPU time that is our own so far. */
double usage_own(void);

/* Waits until nobody who descends from this process runs any more, at most so many
 * seconds: workers that look for more work for a while would take the CPU from who comes
 * next. */
void usage_settle(double at_most);

#endif
