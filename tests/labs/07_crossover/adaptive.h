/* One call of adaptive_map after a plan, as the tests of adaptive.c make it. */
#ifndef ADAPTIVE_H
#define ADAPTIVE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "suite.h"

struct adaptive {
	/* the plan */
	size_t n;
	double cost_seconds;  /* of each task */
	int error;            /* not 0: the parallel map fails with this errno */
	bool no_map, no_task, no_seeds, no_results; /* pass NULL */
	int workers;          /* of the parallel map */
	uint32_t first_seed;

	/* what was seen */
	int maps;             /* calls of the parallel map with our task */
	int wrong_context;    /* and those with another context than ours */
	atomic_size_t strangers; /* tasks run for seeds that were not given */
	long broken;          /* a canary around the results: see fence_broken */
	size_t size;

	/* behind this struct, each of n elements */
	int32_t *results;
	atomic_uchar *times;  /* how often each task was run */
};

struct adaptive *adaptive_create(struct test *t, size_t n, double cost_seconds);
void adaptive_free(struct adaptive *call);

/* Makes the call. Returns whether it came back; adaptive_succeeds also: with 0. */
bool adaptive_call(struct test *t, struct adaptive *call);
bool adaptive_succeeds(struct test *t, struct adaptive *call);

/* "adaptive_map(parallel, context, task, seeds, 7, results)"; in one static buffer. */
const char *adaptive_text(const struct adaptive *call);

/* What the task at this index returns. */
int32_t adaptive_value(const struct adaptive *call, size_t index);

#endif
