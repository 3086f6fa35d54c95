/* Lab 06: results that are freed early, and those of a pool that has ended. */
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>

#include "tests.h"

/* --- freed before they are ready --------------------------------------------------- */

static void free_early(struct session *s)
{
	struct session_result held[2], queued[4];
	struct pool *pool = session_create(s, 2);
	for (int round = 0; round < 4; round++) {
		async_hold(s, pool, 2, held);
		for (int i = 0; i < 4; i++)
			queued[i] =
				i % 2 == 0 ? session_map_async(s, pool, 40, 3) : session_apply_async(s, pool);
		session_free_result(s, held[0]); /* it is running */
		session_free_result(s, queued[round]);
		struct session_result same = session_apply_async(s, pool); /* it may get this place */
		struct session_result later = session_map_async(s, pool, 25, 1);
		session_release(s, s->calls - 1);
		session_take(s, same);
		session_take(s, later);
		for (int i = 0; i < 4; i++)
			if (i != round)
				session_take(s, queued[i]);
		session_take(s, held[1]);
	}
	session_free_result(s, (struct session_result){ NULL, 0 });
	session_apply(s, pool);
	session_close(s, pool);
}

void frees_before_ready(struct test *t)
{
	struct session *s = session_new(t, free_early);
	if (async_run(t, s))
		judge_leftovers(&t->verdict, &t->outcome);
	verdict_before(&t->verdict, "Results were freed before they were ready, a running one and a "
								"queued one; of the others: ");
	session_free(s);
}

/* --- memory ------------------------------------------------------------------------ */

enum { BEFORE = 200, CALLS = 1000, SMALL = 10 };

/* Memory that malloc has given out and nobody has freed, in the caller's process. */
static double allocated(void)
{
	struct mallinfo2 info = mallinfo2();
	return (double)(info.uordblks + info.hblkhd);
}

static void queue_and_free(struct session *s, struct pool *pool, int count)
{
	for (int i = 0; i < count; i++) {
		struct session_result r =
			i % 2 == 0 ? session_apply_async(s, pool) : session_map_async(s, pool, SMALL, 0);
		if (i % 4 < 3)
			session_get(s, r, -1);
		session_free_result(s, r);
	}
	session_apply(s, pool); /* behind all those that nobody waited for */
}

static void queue_a_thousand(struct session *s)
{
	struct pool *pool = session_create(s, 1);
	queue_and_free(s, pool, BEFORE);
	double before = allocated();
	queue_and_free(s, pool, CALLS);
	s->measured[0] = allocated() - before;
	session_close(s, pool);
}

void results_leak_nothing(struct test *t)
{
	struct session *s = session_new(t, queue_a_thousand);
	bool open = async_run(t, s);
	if (open && s->measured[0] >= 8.0 * CALLS)
		verdict_fail(
			&t->verdict, LEAKED_MEMORY,
			"async_free frees all that belongs to the result: its seeds, its results, its "
			"place in the queue. If it is not ready, whoever finishes it does that. "
			"`make memcheck` names the line.",
			"After %d more results were made and freed, some before they were ready, the "
			"caller's process held %.0f bytes more of malloc's memory: %.0f bytes for each. "
			"Expected: as much as before.",
			CALLS, s->measured[0], s->measured[0] / CALLS);
	if (open)
		judge_leftovers(&t->verdict, &t->outcome);
	session_free(s);
}

/* --- pool_close -------------------------------------------------------------------- */

enum { QUEUED = 20 };

static void expect_all_begun(struct session *s)
{
	size_t begun = 0;
	for (int i = 0; i < s->calls; i++)
		begun += session_begun(s, i);
	if (begun < s->given)
		session_complain(
			s, LOST_TASK,
			"pool_close tells the workers that nothing more will come; they end when the "
			"queue is empty, not before.",
			"pool_close returned when %zu of %zu queued tasks had not been run. Expected: "
			"it first lets the workers finish all that is queued.",
			s->given - begun, s->given);
}

static void expect_success_of_all(struct session *s, const struct session_result r[], int count)
{
	for (int i = 0; i < count; i++) {
		if (session_ready(s, r[i]) != 1)
			session_complain(s, WRONG_RESULT, "When the queue is empty all results are ready.",
							 "%s returned 0 after pool_close. Expected: 1.", session_place(s));
		session_get(s, r[i], i % 2 == 0 ? -1 : 0);
	}
}

/* Some tasks take a while, so that most are still in the queue; and the results are read
 * when another pool may have taken the memory of this one. */
static void close_early(struct session *s)
{
	struct session_result r[QUEUED];
	struct pool *pool = session_create(s, 2);
	for (int i = 0; i < QUEUED; i++) {
		session_do(s, (struct session_work){ .doing = i < 6 ? DO_NAP : DO_NOTHING, .amount = 2 });
		r[i] = i % 2 == 0 ? session_map_async(s, pool, 10, 3) : session_apply_async(s, pool);
	}
	session_close(s, pool);
	expect_all_begun(s);
	pool = session_create(s, 3);
	session_map(s, pool, 3000, 0);
	async_shuffle(s, r, QUEUED);
	expect_success_of_all(s, r, QUEUED);
	session_close(s, pool);
	expect_success_of_all(s, r, QUEUED);
	for (int i = 0; i < QUEUED; i++)
		session_free_result(s, r[i]);
}

void close_finishes_the_queue(struct test *t)
{
	struct session *s = session_new(t, close_early);
	if (async_run(t, s))
		judge_leftovers(&t->verdict, &t->outcome);
	verdict_before(&t->verdict,
				   "The pool was closed right after %d results had been queued, and "
				   "they were got after that: ",
				   QUEUED);
	session_free(s);
}

/* --- pool_terminate ---------------------------------------------------------------- */

enum { TRIES = 3, CANCELLED = 6 };

static void expect_cancelled(struct session *s, const struct session_result r[])
{
	for (int i = 0; i < CANCELLED; i++) {
		session_expect(s, TO_FAIL, ECANCELED);
		session_get(s, r[i], i % 2 == 0 ? -1 : 0);
		session_expect(s, TO_SUCCEED, 0);
		session_wait(s, r[i], i % 2 == 0 ? 0 : -1);
		session_expect(s, TO_FAIL, ECANCELED);
		session_get(s, r[i], i % 2 == 0 ? 0 : -1);
		session_expect(s, TO_SUCCEED, 0);
	}
	session_wait_any(s, r, CANCELLED, -1);
}

/* Some results are ready, some are running and will never end, others wait behind these. */
static void terminate_early(struct session *s)
{
	struct session_result done[2], r[CANCELLED];
	struct pool *pool = session_create(s, 2);
	done[0] = session_map_async(s, pool, 30, 4);
	done[1] = session_apply_async(s, pool);
	for (int i = 0; i < 2; i++)
		session_wait(s, done[i], -1);
	session_do(s, (struct session_work){ .doing = DO_DIE_AMID_ENDLESS, .index = SIZE_MAX });
	for (int i = 0; i < CANCELLED; i++)
		r[i] = i % 2 == 0 ? session_apply_async(s, pool) : session_map_async(s, pool, 9, 2);
	session_do(s, (struct session_work){ .doing = DO_NOTHING });
	while (s->number == 0 && session_begun(s, r[0].call) == 0 && s->stalled == 0)
		session_nap(0.001);
	session_terminate(s, pool);
	pool = session_create(s, 2);
	session_map(s, pool, 50, 0);
	expect_cancelled(s, r);
	session_close(s, pool);
	expect_cancelled(s, r);
	for (int i = 0; i < 2; i++)
		session_take(s, done[i]);
	for (int i = 0; i < CANCELLED; i++)
		session_free_result(s, r[i]);
}

/* Returns whether nothing took longer than allowed. */
static bool try_to_terminate(struct test *t, int number, bool last)
{
	struct session *s = session_new(t, terminate_early);
	s->number = number;
	if (async_run(t, s))
		judge_leftovers(&t->verdict, &t->outcome);
	bool in_time = t->outcome.ending != ENDING_RETURNED || pool_too_late(s) == NULL;
	if (!in_time && last)
		verdict_fail(&t->verdict, HANG,
					 "Kill the workers, whatever they do, and then wait for them.",
					 "%s took %.1f s, while tasks ran that never end. Expected: within a second.",
					 pool_too_late(s)->text, pool_too_late(s)->seconds);
	verdict_before(&t->verdict,
				   "pool_terminate ended a pool with results that were ready, some whose "
				   "tasks never end, and some queued behind these: ");
	session_free(s);
	return in_time;
}

void terminate_cancels(struct test *t)
{
	for (int number = 0; number < 2; number++) {
		bool in_time = false;
		for (int i = 1; i <= TRIES && !in_time && verdict_open(&t->verdict); i++)
			in_time = try_to_terminate(t, number, i == TRIES);
	}
}
