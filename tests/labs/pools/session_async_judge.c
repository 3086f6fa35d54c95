/* Calls of a session that waited too long, or not long enough: see session.h. Nothing here
 * is decided by how long something took, but by tasks that the test held back: a call that
 * came back only after nobody had moved for a while, and the test had let them go, had
 * waited for them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "session_shared.h"

/* With a time-out a call may stand still for that long, and a little longer where the
 * machine is slow. */
bool session_may_wait(const struct session *s)
{
	const double margin_seconds = 0.5;
	if (s->calls == 0 || s->calls > SESSION_CALLS)
		return false;
	const struct session_call *c = &s->call[s->calls - 1];
	return !c->returned && c->patience == CALL_HAS_TIMEOUT &&
		   clock_wall() < c->start + c->timeout + margin_seconds;
}

static const char *how_not_to_block(const struct session_call *c)
{
	if (strncmp(c->text, "async_ready", 11) == 0)
		return "Look whether the result is ready, and return: no wait, no read that blocks, and no "
			   "lock that anybody holds while a task runs.";
	if (strncmp(c->text, "async_free", 10) == 0)
		return "Mark the result as not wanted any more, and let whoever finishes it free it.";
	return "Put the work where a worker, or a thread of yours, takes it when there is time, and "
		   "return. If that place is full, let it grow: it has no limit.";
}

static bool stood_still(const struct test *t, const struct session *s, const struct session_call *c)
{
	return s->stalled_inside && c == &s->call[s->stalled - 1] &&
		   t->outcome.scene.when == SCENE_AT_STALL;
}

void session_judge_stall(struct test *t, const struct session *s, const struct session_call *c)
{
	if (!stood_still(t, s, c) || c->patience == CALL_MAY_WAIT)
		return;
	if (c->patience == CALL_MUST_NOT_WAIT)
		verdict_fail(
			&t->verdict, BLOCKED_CALL, how_not_to_block(c),
			"%s did not return while the workers were in tasks that take long: it came back "
			"only when the test let these end. Expected: it returns at once.",
			session_place_of(s, c));
	verdict_fail(
		&t->verdict, WRONG_TIMEOUT,
		"The time-out is in seconds, with a fraction, and 0 means not at all: time_t, "
		"struct timespec and poll want other units. And whoever is woken for something else "
		"waits for the rest of the time, not for all of it again.",
		"%s did not come back when its time was up, but only when the test let the tasks "
		"end, more than half a second later. Expected: -1 with ETIMEDOUT after %g s.",
		session_place_of(s, c), c->timeout);
}

/* As a refusal, or as a success, it would be told in other words. */
void session_judge_timeout(struct test *t, const struct session *s, const struct session_call *c)
{
	if (!c->waits)
		return;
	bool may_time_out = c->expected == TO_DO_EITHER && c->error == ETIMEDOUT;
	if (c->expected != TO_FAIL && !may_time_out && c->value == -1 && c->value_error == ETIMEDOUT)
		verdict_fail(&t->verdict, WRONG_TIMEOUT,
					 c->timeout < 0
						 ? "A negative time-out waits for ever: look at its sign before "
						   "you make a time of it."
						 : "Look whether the result is ready before you look whether the "
						   "time is up.",
					 "%s failed with ETIMEDOUT after %.3f s. Expected: %s.", session_place_of(s, c),
					 c->seconds,
					 c->timeout < 0 ? "with a negative time-out it waits until the result is ready"
									: "the result is ready (one that failed is, too)");
	if (c->expected == TO_FAIL && c->error == ETIMEDOUT && c->value >= 0)
		verdict_fail(&t->verdict, WRONG_RESULT,
					 "A result is ready when all of its tasks have ended, not when they have been "
					 "handed out.",
					 "%s returned %ld, as if the result were ready, while the test still held back "
					 "its tasks. Expected: -1 with ETIMEDOUT.",
					 session_place_of(s, c), c->value);
}

void session_judge_early(struct test *t, const struct session *s, const struct session_call *c)
{
	if (c->not_begun > 0)
		verdict_fail(&t->verdict, WRONG_RESULT,
					 "A result is ready when the last of its tasks has ended: count how many have, "
					 "not how many were handed out.",
					 "%s: async_get gave its results out when %zu of its %zu tasks had not even "
					 "begun. Expected: it waits for all of them.",
					 session_place_of(s, c), c->not_begun, c->n);
}
