/* adaptive_map over a grid of task costs and sizes, against the loop and against the
 * parallel map.
 *
 * What a parallel map costs depends on the machine: two processes were started in 0.1
 * ms on some and in 5 ms on others, and beside a busy neighbour the second one may
 * come after the first has done everything. So the parallel map of this test is a model:
 * it computes for GRID_START_SECONDS, as two processes take to start where that is
 * neither cheap nor dear, and then as long as the largest slice would. Near the
 * crossover, at 1 ms of work, both ways then take about the same, so that either is a
 * good choice; ten times less or more work, and only one is.
 *
 * All of it runs in one process, which makes its CPU time the measure: neighbours
 * cannot spoil it. At each point the three ways take turns in random order.
 *
 *   inside        in the median of GRID_FEW rounds, or of GRID_ROUNDS
 *   outside       in the median of GRID_ROUNDS at some point
 *   not measured  the same, but the caller was without a CPU so often that its code
 *                 may have been misled
 */
#ifndef GRID_H
#define GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GRID_START_SECONDS 500e-6
enum { GRID_WORKERS = 2, GRID_POINTS = 18, GRID_FEW = 7, GRID_ROUNDS = 21 };

struct grid_point {
	double cost;  /* seconds of a task */
	size_t n;
	size_t rounds;
	struct grid_round {
		double serial, parallel, adaptive; /* seconds of CPU time */
		double waited;      /* of the wall time of all three, the part without a CPU */
		bool went_parallel; /* adaptive_map called the parallel map */
	} round[GRID_ROUNDS];
};

/* Lies in shared memory. */
struct grid {
	uint32_t seed; /* of the order of turns */
	struct grid_point point[GRID_POINTS];

	/* what ended it early: */
	long value;    /* was returned, and not 0, */
	int error;     /* with this errno, */
	size_t wrong_n;  /* or a result was wrong, for so many tasks */
};

enum grid_state { GRID_GO_ON, GRID_INSIDE, GRID_OUTSIDE, GRID_NOT_MEASURED };

/* A point, judged: medians over its rounds. */
struct grid_result {
	enum grid_state state;
	double serial, parallel, adaptive, allowed; /* seconds */
	double part;        /* of what is allowed was taken: the median of the paired rounds */
	double waited;      /* 0 to 1 */
	bool went_parallel; /* mostly */
};

struct grid_result grid_judge(const struct grid_point *point);

/* The body of the supervised call: measures each point until it is judged. Ends at
 * the first that is not inside. */
void grid_run(void *grid);

#endif
