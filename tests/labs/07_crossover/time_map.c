/* Lab 07, time_map: what it hands on, and what it does when that fails. */
#define _GNU_SOURCE
#include <errno.h>

#include "judge.h"
#include "tests.h"
#include "timed.h"

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
		             timed_text(call), call->n);
	if (call->no_buffer > 0)
		verdict_fail(&t->verdict, WRONG_RESULT,
		             "Allocate room for n seeds and for n results, and hand both to the map.",
		             "%s called the map with NULL for the seeds or the results.", timed_text(call));
	if (call->wrong_seeds > 0)
		verdict_fail(&t->verdict, WRONG_RESULT,
		             "Set seeds[i] = i before the first call. If that is what you do: is there "
		             "room for n results of 4 bytes each?",
		             "%s called the map with seeds[%zu] = %u. Expected: the seeds 0 to n - 1, so "
		             "%zu.", timed_text(call), call->wrong_index, call->wrong_seed,
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
		if (timed_succeeds(t, call)) {
			judge_arguments(t, call);
			timed_judge_calls(t, call);
			judge_leftovers(&t->verdict, &t->outcome);
		}
		timed_free(call);
	}
}

/* --- failures ------------------------------------------------------------------------ */

static void check_failure(struct test *t, int fails_at, int error)
{
	struct timed *call = timed_create(100, 3);
	call->fails_at = fails_at;
	call->error = error;
	if (verdict_open(&t->verdict) && timed_call(t, call)) {
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
	if (verdict_open(&t->verdict) && timed_call(t, call))
		judge_failure(&t->verdict, &t->outcome, EINVAL, timed_text(call),
		              no_map ? "with no map" : "with nothing to repeat");
	timed_free(call);
}

void time_map_rejects_bad_arguments(struct test *t)
{
	reject(t, true, 3);
	reject(t, false, 0);
	reject(t, false, -1);
}
