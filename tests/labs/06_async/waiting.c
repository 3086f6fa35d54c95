/* Lab 06: how long a call waits, and for what. */
#include <errno.h>

#include "tests.h"

/* --- time-outs --------------------------------------------------------------------- */

#define ASKED_SECONDS 0.2
#define TOO_EARLY     0.25 /* of what was asked: as where units are mixed up */

static void judge_last_wait(struct session *s)
{
	const struct session_call *c = &s->call[s->calls - 1];
	if (c->seconds < TOO_EARLY * c->timeout)
		session_complain(
			s, WRONG_TIMEOUT,
			"The time-out is a double, in seconds: keep its fraction until it is in "
			"the unit that your wait wants, and wait again if you are woken early.",
			"%s came back after %.4f s. Expected: %g s, because the test held the task "
			"back.",
			session_place_of(s, c), c->seconds, c->timeout);
}

static void time_out(struct session *s, struct session_result r, double seconds)
{
	session_expect(s, TO_FAIL, ETIMEDOUT);
	session_wait(s, r, seconds);
	judge_last_wait(s);
	session_get(s, r, seconds);
	judge_last_wait(s);
	session_wait_any(s, &r, 1, seconds);
	judge_last_wait(s);
	session_expect(s, TO_SUCCEED, 0);
}

static void find_ready(struct session *s, struct session_result r, double seconds)
{
	session_wait(s, r, seconds);
	session_get(s, r, seconds);
	session_wait_any(s, &r, 1, seconds);
}

/* A negative time-out, while a task takes long. */
static void wait_for_ever(struct session *s, struct pool *pool)
{
	enum { NAP_MS = 30 };
	const double negative[] = { -1, -1e-3, -1e9 };
	session_do(s, (struct session_work){ .doing = DO_NAP, .amount = NAP_MS });
	for (int i = 0; i < 3; i++) {
		struct session_result r = session_apply_async(s, pool);
		if (i == 0)
			session_wait(s, r, negative[i]);
		if (i == 2)
			session_wait_any(s, &r, 1, negative[i]);
		session_get(s, r, negative[i]);
		session_free_result(s, r);
	}
	session_do(s, (struct session_work){ .doing = DO_NOTHING });
}

/* Other results become ready every few milliseconds, for ten times as long as is asked: who
 * begins to wait anew at each of them comes back when all are. */
static void time_out_among_others(struct session *s)
{
	enum { OTHERS = 150, NAP_MS = 20 };
	struct session_result held, other = { NULL, 0 };
	struct pool *pool = session_create(s, 2);
	async_hold(s, pool, 1, &held);
	session_do(s, (struct session_work){ .doing = DO_NAP, .amount = NAP_MS });
	for (int i = 0; i < OTHERS; i++) {
		other = session_apply_async(s, pool);
		session_free_result(s, other);
	}
	session_expect(s, TO_FAIL, ETIMEDOUT);
	session_wait(s, held, ASKED_SECONDS);
	session_expect(s, TO_SUCCEED, 0);
	if (session_begun(s, other.call) > 0)
		session_complain(
			s, WRONG_TIMEOUT,
			"Compute the time at which to give up once, before the loop, and wait for "
			"the rest of it after each wake-up.",
			"async_wait(r1, %g) came back after %.1f s: %d other results became ready "
			"meanwhile, one every %d ms. Expected: -1 with ETIMEDOUT after %g s, whatever "
			"happens to others.",
			ASKED_SECONDS, s->call[s->calls - 1].seconds, OTHERS, NAP_MS, ASKED_SECONDS);
	session_terminate(s, pool);
	session_free_result(s, held);
}

static void wait_with_timeouts(struct session *s)
{
	struct session_result held;
	struct pool *pool = session_create(s, 1);
	async_hold(s, pool, 1, &held);
	time_out(s, held, 0);
	time_out(s, held, 1e-5);
	time_out(s, held, ASKED_SECONDS);
	session_release(s, SESSION_CALLS);
	find_ready(s, held, 3600);
	find_ready(s, held, 0);
	find_ready(s, held, -1);
	session_free_result(s, held);
	wait_for_ever(s, pool);
	session_close(s, pool);
}

void waits_as_long_as_asked(struct test *t)
{
	async_run_program(t, wait_with_timeouts, 0);
	async_run_program(t, time_out_among_others, 0);
}

/* --- any of several ---------------------------------------------------------------- */

enum { RUNNING = 4, ROUNDS = 24 };

/* The task of one is released; that one, and no other, is ready. */
static void expect_index(struct session *s, const struct session_result r[], int released,
						 double timeout)
{
	int index = session_wait_any(s, r, RUNNING, timeout);
	if (s->stalled > 0)
		session_leave(s); /* by now the others may be ready, too */
	if (index != released)
		session_complain(
			s, WRONG_RESULT,
			"Return the index of one that is ready, whichever comes first: none is to be "
			"waited for before the others.",
			"%s returned %d. Expected: %d: of %d tasks, each of which had a worker, the "
			"test had let only this one end.",
			session_place(s), index, released, RUNNING);
}

/* Without a time-out first: a hang is then ended, and told, as what it is. */
static void release_one_by_one(struct session *s)
{
	struct session_result r[RUNNING];
	struct pool *pool = session_create(s, RUNNING);
	async_hold(s, pool, RUNNING, r);
	for (int i = 0; i < ROUNDS; i++) {
		int next = (int)async_random(s, RUNNING);
		session_expect(s, TO_FAIL, ETIMEDOUT);
		session_wait_any(s, r, RUNNING, i % 4 == 0 ? 1e-3 : 0);
		session_expect(s, TO_SUCCEED, 0);
		session_release_one(s, r[next].call);
		expect_index(s, r, next, i < ROUNDS / 2 ? -1 : 60);
		expect_index(s, r, next, 0);
		session_take(s, r[next]);
		async_hold(s, pool, 1, &r[next]);
	}
	session_release(s, SESSION_CALLS);
	for (int i = 0; i < RUNNING; i++)
		session_take(s, r[i]);
	session_close(s, pool);
}

/* What hangs until the test gives up waits for a certain one of them. */
void waits_for_any(struct test *t)
{
	struct session *s = session_new(t, release_one_by_one);
	bool open = async_run(t, s);
	if (open && s->stalled > 0)
		verdict_fail(
			&t->verdict, HANG,
			"Look at all of them after each wake-up, and sleep only as long as none is ready.",
			"%s did not come back although one of the results was ready: only when the test "
			"let the other tasks end, too. Expected: the index of the one that is ready.",
			session_place_of(s, &s->call[s->stalled - 1]));
	session_free(s);
}

/* --- looking without waiting ------------------------------------------------------- */

static void expect_ready(struct session *s, struct session_result r, int expected)
{
	int ready = session_ready(s, r);
	if (ready != expected && s->stalled == 0)
		session_complain(
			s, WRONG_RESULT,
			"A result is ready when all of its tasks have ended, or when it failed: not "
			"before, and from then on.",
			"%s returned %d. Expected: %d, because %s.", session_place(s), ready, expected,
			expected == 0 ? "the test holds back tasks of it" : "it was waited for");
}

/* Nobody waits for it: only time goes by. */
static void poll_until_ready(struct session *s, struct session_result r)
{
	bool released = s->stalled > 0;
	while (session_ready(s, r) == 0 && (s->stalled == 0 || released))
		session_nap(0.005);
	if (s->stalled > 0 && !released)
		session_complain(
			s, WRONG_RESULT,
			"async_ready is to see what the workers have done, although nobody waits for "
			"the result.",
			"%s still returned 0 when all of its tasks had ended and nothing moved any "
			"more. Expected: 1.",
			session_place(s));
}

static void look_whether_ready(struct session *s)
{
	struct session_result held[2], queued[2];
	struct pool *pool = session_create(s, 2);
	struct session_result nothing = session_map_async(s, pool, 0, 0);
	session_wait(s, nothing, -1);
	expect_ready(s, nothing, 1);
	async_hold(s, pool, 2, held);
	queued[0] = session_map_async(s, pool, 30, 1);
	queued[1] = session_apply_async(s, pool);
	for (int i = 0; i < 2; i++) {
		expect_ready(s, held[i], 0);
		expect_ready(s, queued[i], 0);
	}
	session_release(s, SESSION_CALLS);
	poll_until_ready(s, queued[1]);
	for (int i = 0; i < 2; i++) {
		session_wait(s, queued[i], -1);
		expect_ready(s, queued[i], 1);
		session_take(s, held[i]);
		session_take(s, queued[i]);
	}
	session_free_result(s, nothing);
	session_close(s, pool);
}

void ready_never_blocks(struct test *t)
{
	async_run_program(t, look_whether_ready, 0);
}
