/* One call of time_map: see timed.h. */
#define _GNU_SOURCE
#include "timed.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "clock.h"
#include "crossover.h"
#include "judge.h"
#include "shared.h"

typedef double time_map_fn(map_fn *, void *, task_fn *, size_t, int);

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

const char *timed_text(const struct timed *call)
{
	static char text[80];
	snprintf(text, sizeof text, "time_map(%s, context, task, %zu, %d)",
	         call->no_map ? "NULL" : "map", call->n, call->repeats);
	return text;
}

bool timed_call(struct test *t, struct timed *call)
{
	struct call supervised = { .body = call_time_map, .arg = call, .text = timed_text(call),
		                       .limits = { .cpu_seconds = 2, .most_seconds = 20 } };
	test_call(t, &supervised);
	return !judge_not_started(&t->verdict, &t->outcome, "time_map") &&
	       judge_ending(&t->verdict, &supervised, &t->outcome);
}

bool timed_succeeds(struct test *t, struct timed *call)
{
	if (timed_call(t, call))
		judge_refusal(&t->verdict, &t->outcome, timed_text(call));
	if (verdict_open(&t->verdict) && !(call->returned >= 0))
		verdict_fail(&t->verdict, WRONG_RESULT, "Return seconds, or -1 where the map fails.",
		             "%s returned %g. Expected: seconds.", timed_text(call), call->returned);
	return verdict_open(&t->verdict);
}

struct timed *timed_create(size_t n, int repeats)
{
	struct timed *call = shared_alloc(sizeof *call);
	call->n = n;
	call->repeats = repeats;
	return call;
}

void timed_free(struct timed *call)
{
	shared_free(call, sizeof *call);
}

void timed_judge_calls(struct test *t, const struct timed *call)
{
	bool may_skip = call->n == 0 && call->calls == 0; /* of nothing there is nothing to measure */
	if (call->calls != call->repeats && !may_skip)
		verdict_fail(&t->verdict, WRONG_RESULT,
		             "A loop from 0 to before `repeats`, with one call of map in it.",
		             "%s called the map %d times. Expected: repeats, %d times.", timed_text(call),
		             call->calls, call->repeats);
}
