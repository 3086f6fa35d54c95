/* One call of time_map with the kit's map, as the tests of time_map make it.
 *
 * The map notes what it was handed and, each time, how long it took by its own clock.
 * The student's figure is held against that, so that it makes no difference how fast
 * the machine is.
 */
#ifndef TIMED_H
#define TIMED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "suite.h"

enum { CALLS_NOTED = 16 };

/* What the map does, and what it saw. */
struct timed {
	size_t n;
	int repeats;
	bool no_map;
	double sleeps[CALLS_NOTED]; /* seconds, in each call */
	int fails_at;               /* this call fails (1: the first), */
	int error;                  /* with this errno */

	double returned;            /* by time_map */
	int calls;
	double seconds[CALLS_NOTED];
	int wrong_task, wrong_context, wrong_n, no_buffer; /* calls that were handed something else */
	int wrong_seeds;            /* calls with a seed that is not its index: */
	size_t wrong_index;
	uint32_t wrong_seed;
};

struct timed *timed_create(size_t n, int repeats);
void timed_free(struct timed *call);

/* "time_map(map, context, task, 10, 3)"; in one static buffer. */
const char *timed_text(const struct timed *call);

/* Makes the call. Returns whether it came back; timed_succeeds also: with seconds. */
bool timed_call(struct test *t, struct timed *call);
bool timed_succeeds(struct test *t, struct timed *call);

/* Was the map called as often as asked? */
void timed_judge_calls(struct test *t, const struct timed *call);

#endif
