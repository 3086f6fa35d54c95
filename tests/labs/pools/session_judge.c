/* What a session made of its calls, held against what was expected: see session.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "fence.h"
#include "hang.h"
#include "map_shared.h"
#include "session_shared.h"
#include "shared.h"

/* --- a session --------------------------------------------------------------------------- */

/* The arrays lie behind the struct, the widest elements first. */
static void lay_out(struct session *s, size_t tasks)
{
	s->results = (int32_t *)(s + 1);
	s->call_of = (uint16_t *)(s->results + tasks);
	s->times = (atomic_uchar *)(s->call_of + tasks);
	s->who = s->times + tasks;
}

struct session *session_with_tasks(struct test *t, void (*program)(struct session *s),
                                   size_t tasks)
{
	size_t each = sizeof(int32_t) + sizeof(uint16_t) + 2 * sizeof(atomic_uchar);
	size_t size = sizeof(struct session) + tasks * each;
	struct session *s = shared_alloc(size);
	s->program = program;
	s->tasks = tasks;
	s->size = size;
	s->first_seed = test_random(t, (uint32_t)tasks);
	s->random = test_random(t, (uint32_t)tasks + 1) | 1;
	lay_out(s, tasks);
	return s;
}

struct session *session_new(struct test *t, void (*program)(struct session *s))
{
	return session_with_tasks(t, program, SESSION_TASKS);
}

void session_free(struct session *s)
{
	shared_free(s, s->size);
}

static const struct session_call *last_call(const struct session *s)
{
	return s->calls > 0 ? &s->call[s->calls - 1] : NULL;
}

const char *session_place_of(const struct session *s, const struct session_call *c)
{
	static char text[SESSION_TEXT + 48];
	if (c == NULL)
		return "the program";
	snprintf(text, sizeof text, s->calls > 1 ? "%.*s (call %d of the test)" : "%.*s",
	         SESSION_TEXT - 1, c->text, (int)(c - s->call) + 1);
	return text;
}

const char *session_place(const struct session *s)
{
	return session_place_of(s, last_call(s));
}

/* --- one call ---------------------------------------------------------------------------------- */

/* The outcome, as if this had been the only call. */
static void judge_value(struct test *t, const struct session *s, const struct session_call *c)
{
	static struct outcome as_if;
	as_if = t->outcome;
	as_if.value = c->value;
	as_if.error = c->value_error;
	const char *place = session_place_of(s, c);
	session_judge_timeout(t, s, c);
	if (c->expected == TO_FAIL && c->error == EINVAL && c->value == -1 && c->value_error == ECHILD)
		verdict_fail(&t->verdict, BAD_ARGUMENT,
		             "Look at the arguments first, before anything is handed to a worker: NULL is "
		             "refused with -1 and EINVAL.",
		             "%s was handed on to a worker, which died of it: the call returned -1 with "
		             "ECHILD. Expected: -1 with EINVAL.",
		             place);
	if (c->expected == TO_SUCCEED)
		judge_refusal(&t->verdict, &as_if, place);
	else if (c->expected == TO_FAIL || c->value == -1)
		judge_failure(&t->verdict, &as_if, c->error, place, "where it should fail");
}

int32_t session_right_result(const struct session *s, const struct session_call *c, size_t i)
{
	int32_t value = session_value(s, c->first + i);
	return c->other_task ? ~value : value;
}

static void fail_result(struct test *t, const struct session *s, const struct session_call *c,
                        size_t first, size_t different)
{
	int32_t got = s->results[c->first + first], expected = session_right_result(s, c, first);
	const char *place = session_place_of(s, c);
	if (got == FENCE_FRESH)
		verdict_fail(&t->verdict, WRONG_RESULT,
		             "Copy the results to the caller's memory when all of them have come: what a "
		             "worker writes to memory that is not shared stays in the worker.",
		             "%s: results[%zu] was never written. Expected: %d. %zu of %zu differ.",
		             place, first, expected, different, c->n);
	for (size_t i = 0; i < c->first + c->n; i++)
		if (i != c->first + first && got == session_value(s, i) && got != 0)
			verdict_fail(&t->verdict, WRONG_RESULT,
			             i >= c->first ? "Put each result where its seed stands, whichever comes first."
			                           : "Is the call over only when all of its tasks are finished, and "
			                             "does its job's place get used again only then?",
			             "%s: results[%zu] is %d, which is the result of %s. Expected: %d. %zu of %zu "
			             "differ.",
			             place, first, got,
			             i >= c->first ? "another of its seeds" : "a seed of an earlier call", expected,
			             different, c->n);
	if (got == ~expected)
		verdict_fail(&t->verdict, WRONG_RESULT,
		             "Hand the task over with each call: it may be another one each time.",
		             "%s: results[%zu] is what another task returns, which an earlier call had. "
		             "%zu of %zu differ.",
		             place, first, different, c->n);
	verdict_fail(&t->verdict, WRONG_RESULT,
	             "results[i] is what task(seeds[i]) returned: print i and both numbers, to stderr, "
	             "where you write it.",
	             "%s: results[%zu] is %d. Expected: %d. %zu of %zu differ.", place, first, got,
	             expected, different, c->n);
}

static void judge_results(struct test *t, const struct session *s, const struct session_call *c)
{
	size_t different = 0, first = 0;
	for (size_t i = c->n; i-- > 0;) {
		if (s->results[c->first + i] != session_right_result(s, c, i)) {
			different++;
			first = i;
		}
	}
	if (different > 0)
		fail_result(t, s, c, first, different);
}

/* A result that was got although its tasks were not run: those of another ran instead, or
 * somebody took it for another. */
static const char *how_to_lose_none(const struct session *s, const struct session_call *c,
                                    size_t lost)
{
	size_t repeated = 0;
	for (size_t i = 0; i < s->given; i++)
		repeated += s->times[i] > 1;
	if (c->result > 0 && repeated > 0)
		return "Another task was run several times instead: keep each call's seeds where no later "
		       "call writes.";
	if (c->result > 0 && lost == c->n)
		return "It was ready all the same: who else sets it ready, or writes to its memory? Maybe "
		       "a result that was freed earlier had the same place, and a worker still had a part "
		       "of it.";
	return lost == c->n ? "How do the workers learn that there is work?"
	                    : "Who takes the last chunk, and what if n is not a multiple of it?";
}

/* Each task once; before the results, which a task that was never run explains. */
static void judge_repeated(struct test *t, const struct session *s, const struct session_call *c)
{
	size_t repeated = 0, first = 0;
	for (size_t i = c->n; i-- > 0;) {
		repeated += s->times[c->first + i] > 1;
		first = s->times[c->first + i] > 1 ? i : first;
	}
	if (repeated > 0)
		verdict_fail(&t->verdict, REPEATED_TASK,
		             "Taking the next tasks must be one step that no other worker can come into: "
		             "hold a lock from the look to the change, or use atomic_fetch_add. And who "
		             "wakes up looks again whether there is something to take.",
		             "%s%s: the task for seeds[%zu] was run %d times, and %zu of %zu tasks more than "
		             "once. Expected: once each.",
		             session_place_of(s, c), c->returned ? "" : " did not return", first,
		             s->times[c->first + first], repeated, c->n);
}

static void judge_lost(struct test *t, const struct session *s, const struct session_call *c)
{
	size_t lost = 0, first_lost = 0;
	for (size_t i = c->n; i-- > 0;) {
		lost += s->times[c->first + i] == 0;
		first_lost = s->times[c->first + i] == 0 ? i : first_lost;
	}
	if (lost > 0 && s->strangers > 0)
		verdict_fail(&t->verdict, WRONG_RESULT,
		             "The caller's memory is not the workers'. What a pointer to it points to is "
		             "copied into memory that they share, or sent to them, before a worker sees it.",
		             "%s never ran the task for seeds[%zu], but %zu for seeds that no call had given: "
		             "a worker saw something else where seeds[i] should stand.",
		             session_place_of(s, c), first_lost, (size_t)s->strangers);
	if (lost > 0)
		verdict_fail(&t->verdict, LOST_TASK, how_to_lose_none(s, c, lost),
		             "%s never ran the task for seeds[%zu]; %zu of %zu were not run. Expected: "
		             "once each.",
		             session_place_of(s, c), first_lost, lost, c->n);
}

/* Returned too early: the results were copied before they were there. */
static void judge_late(struct test *t, const struct session *s, const struct session_call *c)
{
	if (c->value == 0 && c->soon_after > c->at_return)
		verdict_fail(&t->verdict, WRONG_RESULT,
		             "A task counts as done when its result has been written, not when it is taken; "
		             "and the caller waits until all are, however often it is woken before.",
		             "%s returned 0 when only %zu of its %zu tasks had begun; the others were run "
		             "after that. Expected: it returns when all are finished.",
		             session_place_of(s, c), c->at_return, c->n);
}

static void judge_fences(struct test *t, const struct session *s, const struct session_call *c)
{
	judge_fence(&t->verdict, c->broken_results, "results", c->n, sizeof(int32_t));
	judge_fence(&t->verdict, c->broken_seeds, "seeds", c->n, sizeof(uint32_t));
	if (c->seeds_changed)
		verdict_fail(&t->verdict, WRONG_RESULT, "The seeds are const: read them only.",
		             "%s changed the caller's seeds.", session_place_of(s, c));
}

static void judge_call(struct test *t, const struct session *s, const struct session_call *c)
{
	session_judge_stall(t, s, c);
	judge_fences(t, s, c);
	judge_value(t, s, c);
	if (!c->maps || c->value == -1)
		return;
	judge_late(t, s, c);
	judge_repeated(t, s, c);
	judge_lost(t, s, c);
	session_judge_early(t, s, c);
	judge_results(t, s, c);
}

/* --- running it ---------------------------------------------------------------------------- */

#define PROGRESS_SECONDS 0.2 /* a little less than the quiet that the supervisor waits for */

/* How long ago the program last got on: a call began or came back. Calls that only look
 * are no progress. */
static double seconds_since_progress(const struct session *s)
{
	int last = (s->calls < SESSION_CALLS ? s->calls : SESSION_CALLS) - 1;
	while (last > 0 && s->call[last].returned && strncmp(s->call[last].text, "async_ready", 11) == 0)
		last--;
	if (last < 0)
		return PROGRESS_SECONDS;
	const struct session_call *c = &s->call[last];
	return clock_wall() - c->start - (c->returned ? c->seconds : 0);
}

/* In the supervisor: nobody moves, so nobody else will come to a meeting, and what waits
 * to be released waits for a call that does not return. */
static void give_up(void *arg)
{
	struct session *s = arg;
	if (session_may_wait(s) || seconds_since_progress(s) < PROGRESS_SECONDS)
		return; /* it stood still in the call before, with a time-out, and has just gone on */
	if (s->stalled == 0) {
		s->stalled = s->calls;
		s->stalled_inside = s->calls > 0 && !s->call[s->calls - 1].returned;
	}
	rendezvous_give_up(&s->meeting);
	workload_give_up(&s->load);
	session_release(s, SESSION_CALLS);
}

static void judge_strangers(struct test *t, const struct session *s)
{
	if (s->strangers > 0)
		verdict_fail(&t->verdict, OUT_OF_BOUNDS,
		             "Check the bounds of each chunk against n, above all of the last; and whoever "
		             "was woken looks again whether anything is left to take.",
		             "%zu task%s run for seeds that no call had given: something was read beyond "
		             "seeds[n - 1]. The last call was %s.",
		             (size_t)s->strangers, s->strangers == 1 ? " was" : "s were",
		             session_place(s));
}

/* A task that was run twice is a cause; that somebody waits for ever, its consequence. */
static void judge_all_repeated(struct test *t, const struct session *s)
{
	for (int i = 0; i < s->calls && i < SESSION_CALLS; i++)
		judge_repeated(t, s, &s->call[i]);
}

/* In which call somebody waits, and how much of it was done by then. */
static void tell_how_far(struct test *t, const struct session *s)
{
	const struct session_call *c = last_call(s);
	size_t done = 0;
	if (c == NULL || c->returned)
		return;
	for (size_t i = 0; i < c->n; i++)
		done += s->times[c->first + i] > 0;
	if (c->n > 0)
		verdict_before(&t->verdict, "%s did not return, and %zu of its %zu tasks had been begun: ",
		               session_place_of(s, c), done, c->n);
	else
		verdict_before(&t->verdict, "%s did not return: ", session_place_of(s, c));
}

bool session_start(struct test *t, struct session *s, const struct call *how)
{
	struct call call = { 0 };
	size_t tasks = s->tasks;
	bool in_child = s->parent_dies;
	if (how != NULL)
		call = *how;
	call.body = in_child ? session_body_in_child : session_body;
	call.arg = s;
	call.stalled = give_up;
	s->steps_plan = (struct map_plan){ .steps = s->steps, .steps_most = SESSION_STEPS,
	                                   .meet_at = 1 };
	if (s->race_seed != 0)
		test_call_race(t, &call, s->race_seed);
	else if (s->steps)
		test_call_variant(t, &call, SUITE_PLAIN);
	else
		test_call(t, &call);

	s->tasks = tasks; /* should student code have written over what they share */
	lay_out(s, tasks);
	call.text = session_place(s);
	for (int i = 0; i < s->calls && i < SESSION_CALLS; i++)
		if (s->call[i].value == -1 && s->call[i].value_error == ENOSYS) {
			const char *name = strstr(s->call[i].text, " = "); /* "r1 = pool_apply_async(...)" */
			name = name == NULL ? s->call[i].text : name + 3;
			verdict_set(&t->verdict, VERDICT_NOT_STARTED, "%.*s is not written yet.",
			            (int)strcspn(name, "("), name);
			return false;
		}
	bool hung = t->outcome.ending == ENDING_TIMED_OUT || t->outcome.ending == ENDING_LOOPED;
	if (hung) {
		judge_all_repeated(t, s);
		judge_strangers(t, s);
	}
	bool came_back = judge_ending(&t->verdict, &call, &t->outcome);
	if (hung && t->verdict.diagnosis != REPEATED_TASK && t->verdict.diagnosis != RACE &&
	    s->strangers == 0)
		tell_how_far(t, s);
	return came_back;
}

bool session_run(struct test *t, struct session *s, const struct call *how)
{
	return session_start(t, s, how) && session_judge(t, s);
}

bool session_judge(struct test *t, struct session *s)
{
	if (s->in_caller > 0)
		verdict_fail(&t->verdict, NO_PROCESSES,
		             t->outcome.threads > 0
		                 ? "A thread is in the caller's process: the tasks belong to the workers that "
		                   "pool_create forked."
		                 : "The caller hands out the tasks, waits, and copies the results; the workers "
		                   "run them.",
		             "%zu of %zu tasks were run in the caller's own process. Expected: all in the "
		             "workers.",
		             (size_t)s->in_caller, s->given);
	if (s->late > 0)
		verdict_fail(&t->verdict, WRONG_RESULT,
		             "Copy the seeds before pool_map_async returns: the caller may overwrite or free "
		             "them then, long before the last task is handed out.",
		             "The seeds were read late: %zu tasks were run for what the caller had written to "
		             "its array of seeds after pool_map_async had returned. Expected: for the seeds "
		             "that stood there when it was called.",
		             (size_t)s->late);
	for (int i = 0; i < s->calls && i < SESSION_CALLS && verdict_open(&t->verdict); i++)
		if (s->call[i].returned)
			judge_call(t, s, &s->call[i]);
	judge_strangers(t, s);
	if (s->complaint[0] != '\0' && s->diagnosis == DIAGNOSIS_NONE)
		verdict_set(&t->verdict, VERDICT_KIT_ERROR, "%s", s->complaint);
	else if (s->complaint[0] != '\0')
		verdict_fail(&t->verdict, s->diagnosis, s->next_step, "%s", s->complaint);
	return verdict_open(&t->verdict);
}
