/* Lab 01, wall_seconds: does it measure wall time, whatever is done to the date? */
#define _GNU_SOURCE
#include <time.h>

#include "judge.h"
#include "shared.h"
#include "tests.h"

typedef double wall_seconds_fn(void);

enum { INTERVALS = 12 };

/* Each interval is read by the student's clock between two readings of ours. */
struct clock_call {
	struct reading {
		double before, student, after;
	} start[INTERVALS], end[INTERVALS];
};

static double our_clock(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void pass_time(int interval)
{
	double until = our_clock() + 0.0005 * (1 + interval);
	if (interval % 2 == 0) /* half of them asleep: a clock of CPU time stands still */
		nanosleep(&(struct timespec){ .tv_nsec = 500000 * (1 + interval) }, NULL);
	while (our_clock() < until)
		;
}

static void call_wall_seconds(void *arg)
{
	struct clock_call *call = arg;
	wall_seconds_fn *function = (wall_seconds_fn *)plugin_function("wall_seconds");
	call_begin();
	for (int i = 0; i < INTERVALS; i++) {
		for (int end = 0; end < 2; end++) {
			struct reading *reading = end ? &call->end[i] : &call->start[i];
			reading->before = our_clock();
			reading->student = function();
			reading->after = our_clock();
			if (!end)
				pass_time(i);
		}
	}
	call_end(call->start[0].student == -1 ? -1 : 0);
}

/* A right clock reads a difference between these two bounds; 20 us more are
 * allowed on each side, for rounding and for clocks that are not slewed. */
static bool in_bounds(const struct clock_call *call, int i, double *least, double *most)
{
	double seconds = call->end[i].student - call->start[i].student;
	*least = call->end[i].before - call->start[i].after;
	*most = call->end[i].after - call->start[i].before;
	return seconds >= *least - 20e-6 && seconds <= *most + 20e-6;
}

static bool read_clock(struct test *t, struct clock_call *shared, double step)
{
	struct call call = { .body = call_wall_seconds, .arg = shared,
		                 .faults = { .clock_step_seconds = step } };
	test_call(t, &call);
	return !judge_not_started(&t->verdict, &t->outcome, "wall_seconds") &&
	       judge_ending(&t->verdict, &call, &t->outcome);
}

void wall_seconds_measures_wall_time(struct test *t)
{
	struct clock_call *shared = shared_alloc(sizeof *shared);
	double least, most;
	if (read_clock(t, shared, 0))
		for (int i = 0; i < INTERVALS; i++)
			if (!in_bounds(shared, i, &least, &most))
				verdict_fail(&t->verdict, WRONG_RESULT,
				             "Read clock_gettime(CLOCK_MONOTONIC) and return tv_sec + tv_nsec * "
				             "1e-9, as a double.",
				             "Between two calls of wall_seconds, %s, %.6f s went by, and it "
				             "counted %.6f s. Expected: wall time in seconds, to the "
				             "microsecond.",
				             i % 2 == 0 ? "partly asleep" : "awake", least,
				             shared->end[i].student - shared->start[i].student);
	shared_free(shared, sizeof *shared);
}

void wall_seconds_is_monotonic(struct test *t)
{
	enum { STEP_SECONDS = 3600 };
	struct clock_call *shared = shared_alloc(sizeof *shared);
	double least, most;
	if (read_clock(t, shared, STEP_SECONDS))
		for (int i = 0; i < INTERVALS; i++)
			if (!in_bounds(shared, i, &least, &most))
				verdict_fail(&t->verdict, WRONG_RESULT,
				             "Use CLOCK_MONOTONIC instead of the time of day.",
				             "Somebody set the date back by an hour between two calls of "
				             "wall_seconds, and it counted %.1f s where %.4f s went by. "
				             "Expected: a clock that only goes forward.",
				             shared->end[i].student - shared->start[i].student, least);
	shared_free(shared, sizeof *shared);
}
