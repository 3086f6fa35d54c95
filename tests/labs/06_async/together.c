/* Lab 06: the work goes on while the caller is elsewhere, and results do not wait for
 * each other. */
#include "hang.h"
#include "tests.h"

/* A task and the program wait for each other, so that both must be under way at the same
 * time. Only then is the result asked for. */
static void meet_task(struct session *s, struct session_result r, const char *which)
{
	if (!session_meet(s))
		session_complain(
			s, SERIALISED,
			"Something must hand out the work while the caller is elsewhere: workers "
			"that take it from shared memory, or a thread of yours.",
			"%s of %s was to run while the caller did something else, and had not begun "
			"when nothing moved any more. Expected: all queued tasks are run, whether "
			"anybody waits for them or not.",
			which, session_place_of(s, &s->call[r.call]));
	session_take(s, r);
}

static void join(struct session *s, size_t index)
{
	session_meet_later(s, 2);
	session_do(s, (struct session_work){ .doing = DO_JOIN, .index = index });
}

static void work_elsewhere(struct session *s)
{
	enum { MANY = 200 };
	struct pool *pool = session_create(s, 2);
	join(s, 0);
	meet_task(s, session_apply_async(s, pool), "The task");
	join(s, MANY - 1);
	meet_task(s, session_map_async(s, pool, MANY, 1), "The last task");

	session_do(s, (struct session_work){ .doing = DO_NOTHING });
	struct session_result before = session_map_async(s, pool, MANY, 1);
	join(s, 0);
	meet_task(s, session_apply_async(s, pool), "The task, behind those of another call,");
	session_take(s, before);
	session_close(s, pool);
}

void overlaps_with_the_caller(struct test *t)
{
	async_run_program(t, work_elsewhere, 0);
}

/* --- always the same workers ------------------------------------------------------- */

enum { WORKERS = 3 };

/* With pauses, in which idle workers fall asleep, or, wrongly, end. */
static void queue_many_times(struct session *s)
{
	struct session_result r[WORKERS + 1];
	struct pool *pool = session_create(s, WORKERS);
	for (int round = 0; round < 4; round++) {
		async_hold(s, pool, WORKERS, r); /* so each of them gets a task */
		r[WORKERS] = session_map_async(s, pool, 50, 0);
		session_release(s, s->calls - 1);
		for (int i = 0; i <= WORKERS; i++)
			session_take(s, r[i]);
		if (round % 2 == 1)
			session_nap(0.030);
	}
	session_close(s, pool);
}

void keeps_its_workers(struct test *t)
{
	pool_test_keeps_workers(t);
	if (!verdict_open(&t->verdict))
		return;
	struct session *s = session_new(t, queue_many_times);
	if (async_run(t, s))
		pool_judge_processes(t, s);
	session_free(s);
}

/* --- results side by side ---------------------------------------------------------- */

/* A map of a single task among them: it leaves workers free for the others. */
static void run_three(struct session *s)
{
	struct session_result r[WORKERS];
	struct pool *pool = session_create(s, WORKERS);
	for (int round = 0; round < 3; round++) {
		session_meet_later(s, WORKERS);
		session_do(s, (struct session_work){ .doing = DO_JOIN });
		for (int i = 0; i < WORKERS; i++)
			r[i] = i == round ? session_map_async(s, pool, 1, 1) : session_apply_async(s, pool);
		for (int i = WORKERS; i-- > 0;)
			session_get(s, r[i], -1);
		for (int i = 0; i < WORKERS; i++)
			session_free_result(s, r[i]);
	}
	session_close(s, pool);
}

void results_run_together(struct test *t)
{
	struct session *s = session_new(t, run_three);
	struct call call = { .plugin = t->plugin };
	bool open = async_run(t, s);
	call.text = session_place(s);
	if (open && s->stalled > 0 && !hang_explains_stall(&t->verdict, &call, &t->outcome))
		verdict_fail(
			&t->verdict, SERIALISED,
			"A worker that finds nothing left of the first result goes on to the next one in "
			"the queue, while others still work at the first.",
			"Three results of one task each, in a pool of %d workers, were to be worked at "
			"together, but only %u of the tasks had begun when nothing moved any more. "
			"Expected: all %d.",
			WORKERS, s->meeting.arrived_in_time, WORKERS);
	session_free(s);
}
