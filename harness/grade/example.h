/* The book's example, run with a plug-in: n seeds squared and added up. */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "supervise.h"
#include "verdict.h"

enum { EXAMPLE_WORKERS = 1024 };

struct example {
	uint64_t n;
	int workers;      /* 0: serially, in the caller */
	bool own_map;     /* with the plug-in's serial_map and random_square, not the kit's; the
	                   * pool takes this random_square, other maps the kit's */
	const char *map;  /* not NULL: with this map of the plug-in's, and so many workers, */
	size_t chunk;     /* which takes a chunk if this is not 0, */
	bool pool;        /* or a pool, which is made for it, and a chunk of 0 */

	/* what came of it */
	atomic_ullong done; /* seeds so far */
	uint64_t part[EXAMPLE_WORKERS];
	uint64_t sum;
	double seconds;
};

/* Runs the example in a supervised call with a progress bar on a terminal. The
 * memory of *example is not shared; it is copied in and out. Returns whether it
 * ran to its end; if not, the verdict says why. */
bool example_run(struct example *example, const char *plugin, const char *label,
                 struct verdict *verdict);

/* What the squares of seeds 0 to n - 1 add up to: known for the numbers that the
 * design gives, computed by the reference for others. */
uint64_t example_sum(uint64_t n);

#endif
