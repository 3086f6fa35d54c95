/* A meeting: each of P workers waits until all P have started.
 *
 * It proves that they run side by side: where the second starts only after the
 * first has ended, the first waits in vain. No clock decides that: whoever
 * watches the processes gives the meeting up when nobody moves any more.
 */
#ifndef RENDEZVOUS_H
#define RENDEZVOUS_H

#include <stdatomic.h>
#include <stdbool.h>

/* Lies in shared memory. */
struct rendezvous {
	unsigned expected;       /* how many must come */
	atomic_uint arrived;     /* how many have come */
	atomic_uint state;       /* a futex word: waiting, complete or given up */
	unsigned arrived_in_time; /* when it was given up */
};

void rendezvous_init(struct rendezvous *meeting, unsigned expected);

/* For a worker: arrives, and waits for the others. Returns whether all have met;
 * false once the meeting has been given up. */
bool rendezvous_meet(struct rendezvous *meeting);

/* For the one who watches: nobody else will come. Those who wait go on. */
void rendezvous_give_up(struct rendezvous *meeting);

/* Whether all have met. */
bool rendezvous_complete(const struct rendezvous *meeting);

#endif
