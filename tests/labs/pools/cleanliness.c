/* Every pool: what is left when it was closed or terminated? */
#define _GNU_SOURCE
#include <malloc.h>

#include "pools.h"

typedef void judge_fn(struct verdict *, const struct outcome *);

static void use_and_end(struct session *s)
{
	for (int i = 0; i < 3; i++) {
		struct pool *pool = session_create(s, 3);
		if (i != 1) /* one that was never used */
			session_map(s, pool, 3000, 0);
		if (i == 2)
			session_terminate(s, pool);
		else
			session_close(s, pool);
	}
}

static void look_after(struct test *t, judge_fn *judge, const struct call *how)
{
	struct session *s = session_new(t, use_and_end);
	if (session_run(t, s, how))
		judge(&t->verdict, &t->outcome);
	session_free(s);
}

/* A worker needs a little longer to end: whoever asks only once whether it has is too
 * early. */
void pool_test_children(struct test *t)
{
	struct call with_slow_ends = { .faults = { .end_delay_seconds = 0.003 } };
	look_after(t, judge_children, &with_slow_ends);
}

void pool_test_bystanders(struct test *t)
{
	struct call with_children = { .bystanders = true };
	look_after(t, judge_children, &with_children);
}

void pool_test_quiet(struct test *t)
{
	look_after(t, judge_output, NULL);
}

static void judge_open_things(struct verdict *verdict, const struct outcome *outcome)
{
	judge_descriptors(verdict, outcome);
	judge_shared(verdict, outcome);
}

void pool_test_nothing_left(struct test *t)
{
	look_after(t, judge_open_things, NULL);
}

/* --- many ------------------------------------------------------------------------------------- */

static void make_a_hundred(struct session *s)
{
	for (int i = 0; i < 100; i++) {
		struct pool *pool = session_create(s, 2);
		session_map(s, pool, 5, 1);
		if (i % 4 == 3)
			session_terminate(s, pool);
		else
			session_close(s, pool);
	}
}

void pool_test_many_pools(struct test *t)
{
	struct call patient = { .limits = { .cpu_seconds = 20, .most_seconds = 40, .starts = 1000 } };
	struct session *s = session_new(t, make_a_hundred);
	session_run(t, s, &patient);
	judge_leftovers(&t->verdict, &t->outcome);
	verdict_before(&t->verdict, "A hundred pools were made, used and ended, one after the other: ");
	session_free(s);
}

enum { BEFORE = 200, CALLS = 1000, SMALL = 20 };

/* Memory that malloc has given out and nobody has freed, in the caller's process. */
static double allocated(void)
{
	struct mallinfo2 info = mallinfo2();
	return (double)(info.uordblks + info.hblkhd);
}

static void make_a_thousand_calls(struct session *s)
{
	struct pool *pool = session_create(s, 2);
	for (int i = 0; i < BEFORE; i++)
		session_map(s, pool, SMALL, 0);
	double before = allocated();
	for (int i = 0; i < CALLS; i++)
		session_map(s, pool, SMALL, 0);
	s->measured[0] = allocated() - before;
	session_close(s, pool);
	s->measured[1] = 1;
}

void pool_test_growth(struct test *t)
{
	struct call patient = { .limits = { .cpu_seconds = 20, .most_seconds = 40 } };
	struct session *s = session_with_tasks(t, make_a_thousand_calls, (BEFORE + CALLS) * SMALL);
	bool open = session_run(t, s, &patient);
	if (open && s->measured[0] >= 8.0 * CALLS)
		verdict_fail(&t->verdict, LEAKED_MEMORY,
		             "Free what a call allocates before it returns, or keep it in the pool and use "
		             "it again. `make memcheck` names the line.",
		             "After %d more calls of pool_map the caller's process held %.0f bytes more of "
		             "malloc's memory: %.0f bytes for each call. Expected: as much as before.",
		             CALLS, s->measured[0], s->measured[0] / CALLS);
	if (open)
		judge_open_things(&t->verdict, &t->outcome);
	session_free(s);
}
