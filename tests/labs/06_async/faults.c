/* Lab 06: workers that die, calls that fail or are interrupted, bad arguments. */
#include <errno.h>

#include "tests.h"

/* --- deaths ------------------------------------------------------------------------ */

enum { WORKERS = 3, BEHIND = 6 };

/* The dead worker had a part of this one, and it fails; when it is asked again, too. */
static void expect_death(struct session *s, struct session_result r)
{
	session_expect(s, TO_FAIL, ECHILD);
	session_get(s, r, -1);
	session_expect(s, TO_SUCCEED, 0);
	session_wait(s, r, 0);
	session_expect(s, TO_FAIL, ECHILD);
	session_get(s, r, 0);
	session_expect(s, TO_SUCCEED, 0);
	session_free_result(s, r);
}

/* Of later calls either is right. The function returned NULL, or the result fails. */
static void go_on(struct session *s, struct pool *pool)
{
	session_expect(s, TO_DO_EITHER, ECHILD);
	for (int i = 0; i < 4; i++) {
		struct session_result r =
			i % 2 == 0 ? session_map_async(s, pool, 20, 3) : session_apply_async(s, pool);
		if (r.result != NULL)
			session_take(s, r);
	}
	session_map(s, pool, 30, 1);
	if (s->other % 2 == 0)
		session_close(s, pool);
	else
		session_terminate(s, pool);
	session_expect(s, TO_SUCCEED, 0);
}

static struct session_result queue_a_death(struct session *s, struct pool *pool)
{
	bool maps = s->other % 4 >= 2;
	enum session_doing doing = s->other % 2 == 0 ? DO_DIE : DO_EXIT;
	session_do(s, (struct session_work){ .doing = doing, .index = maps ? s->random % 10 : 0 });
	struct session_result r =
		maps ? session_map_async(s, pool, 10, 2) : session_apply_async(s, pool);
	session_do(s, (struct session_work){ .doing = DO_NOTHING });
	return r;
}

/* One result is ready, one is running and held, one kills its worker, others are queued
 * behind them: all workers are held until these are, because a call that is made after a
 * death may be refused. */
static void die_among_others(struct session *s)
{
	struct session_result held[WORKERS], behind[BEHIND];
	struct pool *pool = session_create(s, WORKERS);
	struct session_result done = session_map_async(s, pool, 40, 3);
	session_wait(s, done, -1);
	async_hold(s, pool, WORKERS, held);
	struct session_result dying = queue_a_death(s, pool);
	for (int i = 0; i < BEHIND; i++)
		behind[i] = i % 2 == 0 ? session_map_async(s, pool, 12, 5) : session_apply_async(s, pool);
	for (int i = 1; i < WORKERS; i++)
		session_release_one(s, held[i].call);
	expect_death(s, dying);
	for (int i = 0; i < BEHIND; i++)
		session_take(s, behind[i]);
	session_release(s, SESSION_CALLS);
	for (int i = 0; i < WORKERS; i++)
		session_take(s, held[i]);
	session_get(s, done, 0);
	go_on(s, pool);
	session_take(s, done);
}

/* The only worker: what is queued behind can be done by nobody, unless by another. */
static void die_alone(struct session *s)
{
	struct session_result behind[BEHIND];
	struct pool *pool = session_create(s, 1);
	struct session_result dying = queue_a_death(s, pool);
	session_expect(s, TO_DO_EITHER, ECHILD); /* the worker may be dead by now */
	for (int i = 0; i < BEHIND; i++)
		behind[i] = i % 2 == 0 ? session_map_async(s, pool, 12, 5) : session_apply_async(s, pool);
	expect_death(s, dying);
	session_expect(s, TO_DO_EITHER, ECHILD);
	for (int i = 0; i < BEHIND; i++)
		if (behind[i].result != NULL)
			session_take(s, behind[i]);
	go_on(s, pool);
}

/* A worker that has no part of any result: the one that is running succeeds. */
static void die_idle(struct session *s)
{
	struct session_result held;
	struct pool *pool = session_create(s, WORKERS);
	session_do(s, (struct session_work){ .doing = DO_MEET, .amount = WORKERS });
	session_map(s, pool, WORKERS, 1);
	async_hold(s, pool, 1, &held);
	session_nap(0.030); /* the others are asleep */
	session_kill(s, (s->who[s->call[held.call].first] + 1) % WORKERS);
	session_nap(0.010);
	session_expect(s, TO_FAIL, ETIMEDOUT);
	session_get(s, held, s->other % 2 == 0 ? 0 : 0.1);
	session_expect(s, TO_SUCCEED, 0);
	session_release(s, SESSION_CALLS);
	session_take(s, held);
	go_on(s, pool);
}

void death_fails_its_results_only(struct test *t)
{
	enum { ROUNDS = 8 };
	if (!pool_good_without_faults(t))
		return;
	for (int round = 0; round < ROUNDS; round++)
		pool_judge_death(t, die_among_others, 0, round,
						 "A task ended its own worker, while other results were ready, running and "
						 "queued");
	for (int round = 0; round < 4; round++)
		pool_judge_death(t, die_alone, 0, round,
						 "A task ended its own worker, the only one of the pool");
	for (int round = 0; round < 4; round++)
		pool_judge_death(t, die_idle, 0, round,
						 "An idle worker was killed while another one worked at the only result");
}

/* --- interruptions ----------------------------------------------------------------- */

enum { LARGE = 20000, ALL_LARGE = 2 * LARGE + 2000, CROWD = 10 };

static void queue_much(struct session *s)
{
	struct session_result r[4];
	struct pool *pool = session_create(s, 3);
	r[0] = session_map_async(s, pool, LARGE, 0);
	r[1] = session_apply_async(s, pool);
	r[2] = session_map_async(s, pool, LARGE, 1000);
	session_do(s, (struct session_work){ .doing = DO_NAP, .amount = 4 });
	r[3] = session_apply_async(s, pool);
	session_do(s, (struct session_work){ .doing = DO_NOTHING });
	session_wait_any(s, r, 4, 60);
	for (int i = 4; i-- > 0;) {
		session_wait(s, r[i], 60);
		session_take(s, r[i]);
	}
	r[0] = session_map_async(s, pool, 1000, 1);
	session_close(s, pool);
	session_take(s, r[0]);
}

static void queue_in_a_crowd(struct session *s)
{
	struct session_result r[CROWD];
	struct pool *pool = session_create(s, 3);
	session_do(s, (struct session_work){ .doing = DO_MEET, .amount = 3 });
	session_map(s, pool, 3, 1);
	session_do(s, (struct session_work){ .doing = DO_NOTHING });
	for (int batch = 0; batch < 3; batch++) {
		for (size_t i = 0; i < CROWD; i++)
			r[i] = i % 2 == 0 ? session_apply_async(s, pool) : session_map_async(s, pool, 1 + i, 1);
		session_wait_any(s, r, CROWD, -1);
		async_shuffle(s, r, CROWD);
		for (size_t i = 0; i < CROWD; i++)
			session_take(s, r[i]);
	}
	session_close(s, pool);
}

void survives_interruptions(struct test *t)
{
	struct session *s = session_with_tasks(t, queue_much, ALL_LARGE);
	bool good = async_run(t, s);
	session_free(s);
	if (good)
		pool_judge_interruptions(t, queue_much, ALL_LARGE, queue_in_a_crowd);
}

/* --- no memory --------------------------------------------------------------------- */

static void queue_without_memory(struct session *s)
{
	struct session_result r[3];
	session_expect(s, TO_DO_EITHER, ENOMEM);
	struct pool *pool = session_create(s, 2);
	if (pool == NULL)
		return;
	r[0] = session_apply_async(s, pool);
	r[1] = session_map_async(s, pool, 500, 7);
	r[2] = session_map_async(s, pool, LARGE, 0);
	for (int i = 0; i < 3; i++)
		if (r[i].result != NULL)
			session_take(s, r[i]);
	session_map(s, pool, 100, 0);
	session_close(s, pool);
}

static bool fail_from(struct test *t, enum failing which, const char *name, int k)
{
	struct session *s = session_with_tasks(t, queue_without_memory, ALL_LARGE);
	struct call call = { .limits = { .wall_seconds = 2, .most_seconds = 20 } };
	call.faults.fails_from[which] = k;
	call.faults.fails_with[which] = ENOMEM;
	bool ended = session_start(t, s, &call), happened = t->outcome.failed[which] > 0;
	if (ended && session_judge(t, s))
		judge_leftovers(&t->verdict, &t->outcome);
	if (happened)
		verdict_blame(
			&t->verdict, IGNORED_FAILURE,
			"Check what it returned (malloc: NULL, mmap: MAP_FAILED); undo what was done so "
			"far, and return NULL with errno = ENOMEM. What was queued before goes on.",
			"The test made %s number %d fail, and all later ones, with ENOMEM. After that: ", name,
			k);
	session_free(s);
	return happened;
}

void refuses_without_memory(struct test *t)
{
	enum { MOST = 16 };
	for (int k = 1; k <= MOST && verdict_open(&t->verdict); k++)
		if (!fail_from(t, FAIL_ALLOCATE, "malloc (or calloc)", k))
			break;
	for (int k = 1; k <= MOST && verdict_open(&t->verdict); k++)
		if (!fail_from(t, FAIL_MAP, "mmap", k))
			break;
}

/* --- bad arguments ----------------------------------------------------------------- */

static const struct session_result no_result = { NULL, 0 };

static void pass_no_result(struct session *s)
{
	session_ready(s, no_result);
	session_wait(s, no_result, 0);
	session_wait(s, no_result, -1);
	session_get(s, no_result, -1);
	session_wait_any(s, NULL, 1, 0);
	session_wait_any(s, NULL, 0, 0);
}

static void queue_nothing(struct session *s, struct pool *pool)
{
	session_apply_async(s, NULL);
	session_map_async(s, NULL, 3, 1);
	s->no_task = true;
	session_apply_async(s, pool);
	session_map_async(s, pool, 3, 1);
	s->no_task = false;
	s->no_seeds = true;
	session_map_async(s, pool, 3, 1);
	s->no_seeds = false;
}

static void get_nowhere(struct session *s, struct session_result r)
{
	s->no_results = true;
	session_get(s, r, -1);
	s->no_results = false;
	session_wait_any(s, &r, 0, 0);
}

static void pass_bad_arguments(struct session *s)
{
	struct pool *pool = session_create(s, 2);
	session_expect(s, TO_FAIL, EINVAL);
	pass_no_result(s);
	queue_nothing(s, pool);
	session_expect(s, TO_SUCCEED, 0);
	struct session_result r = session_map_async(s, pool, 20, 3);
	session_expect(s, TO_FAIL, EINVAL);
	get_nowhere(s, r);
	session_expect(s, TO_SUCCEED, 0);
	session_take(s, r);
	session_free_result(s, no_result);

	s->no_seeds = s->no_results = true; /* with n = 0 there is nothing to point to */
	r = session_map_async(s, pool, 0, 0);
	session_take(s, r);
	s->no_seeds = s->no_results = false;
	session_close(s, pool);
}

void rejects_bad_results(struct test *t)
{
	async_run_program(t, pass_bad_arguments, 0);
	if (verdict_open(&t->verdict))
		judge_leftovers(&t->verdict, &t->outcome);
}
