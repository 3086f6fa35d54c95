/* What the tests of lab 06 share: see tests.h. */
#include "tests.h"

bool async_run(struct test *t, struct session *s)
{
	struct call patient = { .limits = {
								.wall_seconds = 4, .most_seconds = 30, .cpu_seconds = 10 } };
	return session_run(t, s, &patient);
}

void async_run_program(struct test *t, void (*program)(struct session *), int number)
{
	if (!verdict_open(&t->verdict))
		return;
	struct session *s = session_new(t, program);
	s->number = number;
	async_run(t, s);
	session_free(s);
}

size_t async_random(struct session *s, size_t bound)
{
	s->random = s->random * 1103515245u + 12345u; /* as in the C standard's rand */
	return (s->random >> 8) % bound;
}

void async_shuffle(struct session *s, struct session_result r[], size_t count)
{
	for (size_t left = count; left > 1; left--) {
		size_t which = async_random(s, left);
		struct session_result last = r[left - 1];
		r[left - 1] = r[which];
		r[which] = last;
	}
}

/* Nobody waits for it meanwhile: it begins by itself, or nothing moves any more. */
static void await_begin(struct session *s, struct session_result r)
{
	while (session_begun(s, r.call) == 0 && s->stalled == 0)
		session_nap(0.001);
	if (s->stalled > 0) /* it may have begun since then, because all were released */
		session_complain(
			s, SERIALISED,
			"Let the workers, or a thread of yours, take what is queued by themselves: "
			"the caller may be elsewhere for a long time.",
			"The task of %s had not begun when nothing moved any more, although a "
			"worker was idle. Expected: it begins although nobody waits for it.",
			session_place_of(s, &s->call[r.call]));
}

void async_hold(struct session *s, struct pool *pool, int workers, struct session_result held[])
{
	session_do(s, (struct session_work){ .doing = DO_WAIT });
	for (int i = 0; i < workers; i++)
		held[i] = session_apply_async(s, pool);
	session_do(s, (struct session_work){ .doing = DO_NOTHING });
	for (int i = 0; i < workers; i++)
		await_begin(s, held[i]);
}
