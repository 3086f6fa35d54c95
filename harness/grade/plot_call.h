/* Rounds of several ways at one n, timed in a supervised call.
 *
 * The ways may come from different plug-ins. All are called from one process, in
 * turn, so that what slows the machine down slows them all. Every way gets the same
 * seeds, 0 to n - 1, and its results are compared, place by place, with those of
 * the first way of the same call. Only the call is timed.
 */
#ifndef PLOT_CALL_H
#define PLOT_CALL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "figure.h"
#include "labs.h"
#include "verdict.h"

/* A plug-in: its path, and a copy of the file in memory. */
struct plot_library {
	char path[PATH_LENGTH];
	const void *image;
	size_t size;
};

/* Reads the file into memory that a caller can see. Returns 0, or -1 with errno. */
int plot_library_read(struct plot_library *library);

enum plot_kind {
	PLOT_LOOP,    /* the kit's own serial loop with its own task; needs no library */
	PLOT_SERIAL,  /* serial_map */
	PLOT_WORKERS, /* run_workers, each with its part of the seeds */
	PLOT_MAP,     /* a map that takes a number of workers */
	PLOT_CHUNKS,  /* and a chunk: an eighth of a worker's part, 1,000 at most */
	PLOT_POOL     /* pool_map, with a pool that is made before all rounds and closed after
	               * them, and that is hot: it has just had a few tasks */
};

struct plot_way {
	enum plot_kind kind;
	const char *function; /* its name */
	const struct plot_library *library;
};

struct plot_call {
	size_t n;
	int rounds, workers, ways;
	struct plot_way way[FIGURE_WAYS];
	const struct plot_library *task; /* has random_square; NULL: the kit's own */
	bool clean;                      /* nothing may be left behind */

	/* what came of it */
	atomic_int done;     /* runs so far: rounds times ways when it is through */
	int running;         /* the way that runs, or ran last */
	uint64_t sum;        /* of the first way's results */
	bool wrong;          /* a result of the way that ran last is */
	size_t wrong_index;
	int32_t got, expected;
	double seconds[FIGURE_ROUNDS][FIGURE_WAYS]; /* NAN: not measured */
};

/* Makes the call; progress is called with its memory every 50 ms. Nothing is left
 * of it afterwards. Returns whether all rounds were done; if not, the verdict says
 * why, of the way that ran last. */
bool plot_call_run(struct plot_call *call, void (*progress)(void *), struct verdict *verdict);

#endif
