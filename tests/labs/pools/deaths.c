/* Every pool: workers that die, and workers that are killed. */
#define _GNU_SOURCE
#include <errno.h>

#include "pools.h"

#define WITHIN_SECONDS 1.0
enum { WORKERS = 3, TRIES = 3 };

/* Who takes longer than allowed is tried again: the machine may have been busy. */
const struct session_call *pool_too_late(const struct session *s)
{
	for (int i = 0; i < s->calls; i++)
		if (s->call[i].returned && s->call[i].seconds > WITHIN_SECONDS)
			return &s->call[i];
	return NULL;
}

/* Of later calls either is right: they work, because somebody took the dead one's place,
 * or they fail with ECHILD. */
static void go_on_after_death(struct session *s, struct pool *pool)
{
	session_do(s, (struct session_work){ .doing = DO_NOTHING });
	session_expect(s, TO_DO_EITHER, ECHILD);
	session_map(s, pool, 50, 1);
	session_apply(s, pool);
	session_map(s, pool, 3000, 0);
	if (s->other % 2 == 0)
		session_close(s, pool);
	else
		session_terminate(s, pool);
}

static void die_in_a_task(struct session *s)
{
	struct pool *pool = session_create(s, WORKERS);
	session_map(s, pool, 100, 0);
	session_do(s, (struct session_work){ .doing = (enum session_doing)s->number,
	                                     .index = s->random % 40 });
	session_expect(s, TO_FAIL, ECHILD);
	if (s->other % 4 == 3)
		session_do(s, (struct session_work){ .doing = (enum session_doing)s->number });
	if (s->other % 4 == 3)
		session_apply(s, pool);
	else
		session_map(s, pool, 40, (size_t)s->other % 3);
	go_on_after_death(s, pool);
}

static void die_asleep(struct session *s)
{
	struct pool *pool = session_create(s, WORKERS);
	session_do(s, (struct session_work){ .doing = DO_MEET, .amount = WORKERS });
	session_map(s, pool, WORKERS, 1);
	session_nap(0.030);
	for (int i = 0; i < s->number; i++)
		session_kill(s, i);
	session_nap(0.010);
	go_on_after_death(s, pool);
}

static const char *next_step_of(const struct test *t)
{
	if (t->outcome.ending == ENDING_TIMED_OUT)
		return "A worker that has died posts nothing, unlocks nothing and writes nothing. Whoever "
		       "waits for it must learn of its death: by the end of its pipe, by its pidfd, or by a "
		       "look with waitpid(pid, &status, WNOHANG) now and then. And nobody may sleep with a "
		       "lock that others need.";
	if (t->outcome.ending == ENDING_KILLED)
		return "SIGPIPE ends whoever writes to a pipe that no process can read any more: a worker "
		       "that has died reads nothing.";
	return "A death costs the call that it affects: -1 with ECHILD. Later calls work or return "
	       "ECHILD, and pool_close and pool_terminate always end what is left.";
}

static bool is_symptom_of_death(const struct test *t)
{
	return t->verdict.diagnosis != WRONG_ERRNO && t->verdict.diagnosis != NO_PROCESSES;
}

/* Returns whether nothing took longer than allowed. */
static bool try_death(struct test *t, struct session *s, const char *what, bool last)
{
	struct call patient = { .limits = { .wall_seconds = 3, .most_seconds = 20 } };
	const struct session_call *late;
	if (session_start(t, s, &patient))
		session_judge(t, s);
	if (t->outcome.ending == ENDING_RETURNED)
		judge_leftovers(&t->verdict, &t->outcome);
	if (t->outcome.ending == ENDING_RETURNED && (late = pool_too_late(s)) != NULL) {
		if (last)
			verdict_fail(&t->verdict, WORKER_DEATH, "", "%s took %.1f s. Expected: within a second.",
			             late->text, late->seconds);
		if (verdict_open(&t->verdict))
			return false;
	}
	bool hung = t->outcome.ending == ENDING_TIMED_OUT;
	if (t->verdict.kind == VERDICT_FAILED && is_symptom_of_death(t))
		verdict_blame(&t->verdict, WORKER_DEATH,
		              hung && t->verdict.diagnosis == PIPE_DEADLOCK ? t->verdict.next_step
		                                                            : next_step_of(t),
		              "%s (SEED=%u replays it). After that: ", what, t->seed);
	else
		verdict_before(&t->verdict, "%s. ", what);
	return true;
}

void pool_judge_death(struct test *t, void (*program)(struct session *), int number, int round,
                      const char *what)
{
	bool in_time = false;
	for (int i = 1; i <= TRIES && !in_time && verdict_open(&t->verdict); i++) {
		struct session *s = session_new(t, program);
		s->number = number;
		s->other = round;
		s->random = test_random(t, 200 + (uint32_t)round);
		in_time = try_death(t, s, what, i == TRIES);
		session_free(s);
	}
}

void pool_test_death_in_task(struct test *t)
{
	enum { ROUNDS = 8 };
	if (!pool_good_without_faults(t))
		return;
	for (int round = 0; round < ROUNDS; round++)
		pool_judge_death(t, die_in_a_task, round % 2 == 0 ? DO_DIE : DO_EXIT, round,
		                 round % 2 == 0 ? "A task killed its own worker, as SIGKILL does"
		                                : "A task ended its own worker, by _exit(0)");
}

void pool_test_death_asleep(struct test *t)
{
	if (!pool_good_without_faults(t))
		return;
	for (int round = 0; round < 4; round++)
		pool_judge_death(t, die_asleep, 1, round,
		                 "One of 3 idle workers was killed while it slept");
	for (int round = 0; round < 2; round++)
		pool_judge_death(t, die_asleep, WORKERS, round,
		                 "All 3 idle workers were killed while they slept");
}

/* --- terminate ---------------------------------------------------------------------------------- */

/* One task kills its worker, and all others never end; the caller gets -1 with ECHILD,
 * and can terminate the pool. */
static void terminate_endless_tasks(struct session *s)
{
	struct pool *pool = session_create(s, WORKERS);
	session_map(s, pool, 10, 1);
	session_do(s, (struct session_work){ .doing = DO_DIE_AMID_ENDLESS, .index = WORKERS - 1 });
	session_expect(s, TO_FAIL, ECHILD);
	session_map(s, pool, WORKERS, 1);
	session_expect(s, TO_SUCCEED, 0);
	session_terminate(s, pool);
}

static bool try_terminate(struct test *t, bool last)
{
	struct call patient = { .limits = { .wall_seconds = 3, .most_seconds = 20 } };
	struct session *s = session_new(t, terminate_endless_tasks);
	bool in_time = true;
	if (session_start(t, s, &patient))
		session_judge(t, s);
	if (t->outcome.ending == ENDING_RETURNED) {
		judge_leftovers(&t->verdict, &t->outcome);
		in_time = pool_too_late(s) == NULL;
		if (!in_time && last)
			verdict_fail(&t->verdict, HANG, "Kill the workers, whatever they do, and then wait for them.",
			             "%s took %.1f s, while tasks ran that never end. Expected: within a second.",
			             pool_too_late(s)->text, pool_too_late(s)->seconds);
	}
	const struct session_call *place = s->calls > 0 ? &s->call[s->calls - 1] : NULL;
	bool in_map = place != NULL && place->maps == false && place->n > 0;
	verdict_before(&t->verdict,
	               in_map ? "One task killed its worker while two others ran that never end: "
	                      : "Tasks ran that never end, when pool_terminate was called: ");
	session_free(s);
	return in_time;
}

void pool_test_terminate(struct test *t)
{
	bool in_time = false;
	if (!pool_good_without_faults(t))
		return;
	for (int i = 1; i <= TRIES && !in_time && verdict_open(&t->verdict); i++)
		in_time = try_terminate(t, i == TRIES);
}
