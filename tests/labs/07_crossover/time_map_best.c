/* Lab 07, time_map: is it the best of the calls, in seconds of wall time? */
#define _GNU_SOURCE
#include <stdio.h>

#include "tests.h"
#include "timed.h"

enum { TRIALS = 3 };
static const double rounding_seconds = 20e-6; /* clocks of microseconds, or slewed ones */

static double shortest(const struct timed *call, double *next)
{
	double best = call->seconds[0];
	*next = 1e9;
	for (int i = 1; i < call->repeats; i++) {
		double seconds = call->seconds[i];
		*next = seconds < best ? best : seconds < *next ? seconds : *next;
		best = seconds < best ? seconds : best;
	}
	return best;
}

/* Between the best call and the next one lies a gap. A right figure is at its lower
 * end; whoever is held up between the map's clock and their own is given other trials. */
static bool is_best(const struct timed *call)
{
	double next, best = shortest(call, &next), room = (next - best) / 2;
	if (call->repeats == 1)
		room = best / 2;
	return call->returned >= best - rounding_seconds &&
	       call->returned <= best + room + rounding_seconds;
}

static const char *what_it_is(const struct timed *call)
{
	double sum = 0, worst = 0, next, best = shortest(call, &next), value = call->returned;
	for (int i = 0; i < call->repeats; i++) {
		sum += call->seconds[i];
		worst = call->seconds[i] > worst ? call->seconds[i] : worst;
	}
	double mean = sum / call->repeats, near = best / 8;
	if (value > 100 * worst)
		return "The unit is seconds, as double.";
	if (value < best / 2)
		return "Read a clock of wall time, CLOCK_MONOTONIC, before and after each call: clock() "
		       "counts the CPU time of the caller, which sleeps while its workers work.";
	if (value > sum - near)
		return "Measure each call by itself, and keep the smallest.";
	if (value > worst - near)
		return "Keep the smallest, not the largest.";
	if (value > mean - near && value < mean + near)
		return "Not the mean: what disturbs a call can only make it longer, so the shortest is "
		       "nearest to the truth.";
	return "Compare each call with the best so far, the first and the last one, too.";
}

static void judge_best(struct test *t, const struct timed *call)
{
	char seconds[CALLS_NOTED * 12] = "";
	int used = 0;
	double next;
	for (int i = 0; i < call->repeats && i < CALLS_NOTED; i++)
		used += snprintf(seconds + used, sizeof seconds - (size_t)used, "%s%.1f",
		                 i > 0 ? ", " : "", call->seconds[i] * 1e3);
	verdict_fail(&t->verdict, WRONG_RESULT, what_it_is(call),
	             "By the map's own clock its %d call%s took %s ms, and %s returned %.6g s. Expected: "
	             "the shortest, %.6f s.",
	             call->repeats, call->repeats > 1 ? "s" : "", seconds, timed_text(call),
	             call->returned, shortest(call, &next));
}

/* Calls that sleep so many milliseconds each; failed is what fails all trials. */
static void check_best(struct test *t, const int milliseconds[], int repeats)
{
	for (int trial = 1; trial <= TRIALS && verdict_open(&t->verdict); trial++) {
		struct timed *call = timed_create(4, repeats);
		for (int i = 0; i < repeats; i++)
			call->sleeps[i] = milliseconds[i] * 1e-3;
		bool good = timed_succeeds(t, call);
		if (good)
			timed_judge_calls(t, call);
		good = good && is_best(call);
		if (!good && verdict_open(&t->verdict) && trial == TRIALS)
			judge_best(t, call);
		timed_free(call);
		if (good)
			return;
	}
}

void time_map_returns_the_best(struct test *t)
{
	static const int in_the_middle[] = { 9, 3, 15, 6 }, first[] = { 3, 10, 6 };
	static const int last[] = { 10, 6, 3 };
	check_best(t, in_the_middle, 4);
	check_best(t, first, 3);
	check_best(t, last, 3);
}

void time_map_measures_wall_time(struct test *t)
{
	static const int one[] = { 5 };
	check_best(t, one, 1);
}
