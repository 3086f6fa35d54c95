/* Lab 07, time_map: the best of so many calls.
 *
 * The map that is timed is the kit's: it notes what it was handed and, each time,
 * how long it took by its own clock. The student's figure is held against that, so
 * that it makes no difference how fast the machine is.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "crossover.h"
#include "judge.h"
#include "shared.h"
#include "tests.h"

typedef double time_map_fn(map_fn *, void *, task_fn *, size_t, int);

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

/* --- in the caller ------------------------------------------------------------- */

static struct timed *the_call;

static int32_t any_task(uint32_t seed)
{
	return (int32_t)seed;
}

static void look_at_seeds(struct timed *call, const uint32_t *seeds, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (seeds[i] != i) {
			call->wrong_index = i;
			call->wrong_seed = seeds[i];
			call->wrong_seeds++;
			return;
		}
	}
}

static void look_at_arguments(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
                              void *context)
{
	struct timed *call = the_call;
	call->wrong_task += task != any_task;
	call->wrong_context += context != call;
	call->wrong_n += n != call->n;
	call->no_buffer += n > 0 && (seeds == NULL || results == NULL);
	if (n != call->n || seeds == NULL || results == NULL)
		return;
	look_at_seeds(call, seeds, n);
	for (size_t i = 0; i < n; i++)
		results[i] = -1;
}

static void sleep_for(double seconds)
{
	struct timespec rest = { (time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9) };
	while (nanosleep(&rest, &rest) == -1 && errno == EINTR)
		;
}

static int the_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
                   void *context)
{
	struct timed *call = the_call;
	double start = clock_wall();
	int number = call->calls++;
	look_at_arguments(task, seeds, n, results, context);
	if (number < CALLS_NOTED && call->sleeps[number] > 0)
		sleep_for(call->sleeps[number]);
	if (number < CALLS_NOTED)
		call->seconds[number] = clock_wall() - start;
	if (number + 1 == call->fails_at) {
		errno = call->error;
		return -1;
	}
	return 0;
}

static void call_time_map(void *arg)
{
	struct timed *call = the_call = arg;
	time_map_fn *function = (time_map_fn *)plugin_function("time_map");
	call_begin();
	call->returned = function(call->no_map ? NULL : the_map, call, any_task, call->n,
	                          call->repeats);
	call_end(call->returned < 0 ? -1 : 0);
}

/* --- in the judge ---------------------------------------------------------------- */

static const char *call_text(const struct timed *call)
{
	static char text[80];
	snprintf(text, sizeof text, "time_map(%s, context, task, %zu, %d)",
	         call->no_map ? "NULL" : "map", call->n, call->repeats);
	return text;
}

/* Makes the call. Returns whether it came back. */
static bool make(struct test *t, struct timed *call)
{
	struct call supervised = { .body = call_time_map, .arg = call, .text = call_text(call),
		                       .limits = { .cpu_seconds = 2, .most_seconds = 20 } };
	test_call(t, &supervised);
	return !judge_not_started(&t->verdict, &t->outcome, "time_map") &&
	       judge_ending(&t->verdict, &supervised, &t->outcome);
}

/* The same, and it must succeed. */
static bool succeed(struct test *t, struct timed *call)
{
	if (make(t, call))
		judge_refusal(&t->verdict, &t->outcome, call_text(call));
	if (verdict_open(&t->verdict) && !(call->returned >= 0))
		verdict_fail(&t->verdict, WRONG_RESULT, "Return seconds, or -1 where the map fails.",
		             "%s returned %g. Expected: seconds.", call_text(call), call->returned);
	return verdict_open(&t->verdict);
}

static struct timed *timed_create(size_t n, int repeats)
{
	struct timed *call = shared_alloc(sizeof *call);
	call->n = n;
	call->repeats = repeats;
	return call;
}

static void timed_free(struct timed *call)
{
	shared_free(call, sizeof *call);
}

static void judge_calls(struct test *t, const struct timed *call)
{
	bool may_skip = call->n == 0 && call->calls == 0; /* of nothing there is nothing to measure */
	if (call->calls != call->repeats && !may_skip)
		verdict_fail(&t->verdict, WRONG_RESULT,
		             "A loop from 0 to before `repeats`, with one call of map in it.",
		             "%s called the map %d times. Expected: repeats, %d times.", call_text(call),
		             call->calls, call->repeats);
}

static void judge_arguments(struct test *t, const struct timed *call)
{
	if (call->wrong_context > 0)
		verdict_fail(&t->verdict, WRONG_RESULT,
		             "The map's last argument is the context that you were given.",
		             "time_map called the map with another context than it was given itself.");
	if (call->wrong_task > 0)
		verdict_fail(&t->verdict, WRONG_RESULT, "Hand on the task that you were given.",
		             "time_map called the map with another task than it was given itself.");
	if (call->wrong_n > 0)
		verdict_fail(&t->verdict, WRONG_RESULT, "Hand on n as it is.",
		             "%s called the map with another n. Expected: %zu, the same each time.",
		             call_text(call), call->n);
	if (call->no_buffer > 0)
		verdict_fail(&t->verdict, WRONG_RESULT,
		             "Allocate room for n seeds and for n results, and hand both to the map.",
		             "%s called the map with NULL for the seeds or the results.", call_text(call));
	if (call->wrong_seeds > 0)
		verdict_fail(&t->verdict, WRONG_RESULT,
		             "Set seeds[i] = i before the first call. If that is what you do: is there "
		             "room for n results of 4 bytes each?",
		             "%s called the map with seeds[%zu] = %u. Expected: the seeds 0 to n - 1, so "
		             "%zu.", call_text(call), call->wrong_index, call->wrong_seed,
		             call->wrong_index);
}

void time_map_hands_on_its_arguments(struct test *t)
{
	static const struct {
		size_t n;
		int repeats;
	} calls[] = { { 10, 3 }, { 1, 1 }, { 1000, 7 }, { 0, 2 }, { 300000, 2 } };
	for (size_t i = 0; i < sizeof calls / sizeof *calls && verdict_open(&t->verdict); i++) {
		struct timed *call = timed_create(calls[i].n, calls[i].repeats);
		if (succeed(t, call)) {
			judge_arguments(t, call);
			judge_calls(t, call);
			judge_leftovers(&t->verdict, &t->outcome);
		}
		timed_free(call);
	}
}

/* --- is it the best, in seconds? ---------------------------------------------------- */

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
	             call->repeats, call->repeats > 1 ? "s" : "", seconds, call_text(call),
	             call->returned, shortest(call, &next));
}

/* Calls that sleep so many milliseconds each; failed is what fails all trials. */
static void check_best(struct test *t, const int milliseconds[], int repeats)
{
	for (int trial = 1; trial <= TRIALS && verdict_open(&t->verdict); trial++) {
		struct timed *call = timed_create(4, repeats);
		for (int i = 0; i < repeats; i++)
			call->sleeps[i] = milliseconds[i] * 1e-3;
		bool good = succeed(t, call);
		if (good)
			judge_calls(t, call);
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

/* --- failures ------------------------------------------------------------------------ */

static void check_failure(struct test *t, int fails_at, int error)
{
	struct timed *call = timed_create(100, 3);
	call->fails_at = fails_at;
	call->error = error;
	if (verdict_open(&t->verdict) && make(t, call)) {
		if (t->outcome.value != -1)
			verdict_fail(&t->verdict, IGNORED_FAILURE,
			             "Look at what the map returned, each time, before you look at the clock.",
			             "The map failed in call %d of 3, and time_map returned %g. Expected: -1, "
			             "with the errno of the map.", fails_at, call->returned);
		judge_failure(&t->verdict, &t->outcome, error, "time_map", "although the map failed");
		if (call->returned != -1)
			verdict_fail(&t->verdict, WRONG_RESULT, "Return -1.",
			             "The map failed, and time_map returned %g. Expected: -1.",
			             call->returned);
		judge_leftovers(&t->verdict, &t->outcome);
	}
	timed_free(call);
}

void time_map_passes_failures_on(struct test *t)
{
	check_failure(t, 1, ECHILD);
	check_failure(t, 3, EAGAIN);
	check_failure(t, 2, EMFILE);
}

static void reject(struct test *t, bool no_map, int repeats)
{
	struct timed *call = timed_create(5, repeats);
	call->no_map = no_map;
	if (verdict_open(&t->verdict) && make(t, call))
		judge_failure(&t->verdict, &t->outcome, EINVAL, call_text(call),
		              no_map ? "with no map" : "with nothing to repeat");
	timed_free(call);
}

void time_map_rejects_bad_arguments(struct test *t)
{
	reject(t, true, 3);
	reject(t, false, 0);
	reject(t, false, -1);
}
