/* Lab 06: races between the processes, and with a thread of the caller's: see
 * ../maps/races.h. */
#include <errno.h>

#include "races.h"
#include "tests.h"

#define SECONDS_OF_RESULTS 1.3
#define SECONDS_OF_WAITING 0.05
#define A_MOMENT 0.001

enum { ROUNDS = 3, RESULTS = 5 };

/* Several results are under way at once, and are waited for in each way. */
static void queue_small_jobs(struct session *s)
{
	struct session_result r[RESULTS];
	struct pool *pool = session_create(s, s->number);
	for (size_t round = 0; round < ROUNDS; round++) {
		r[0] = session_apply_async(s, pool);
		r[1] = session_map_async(s, pool, 3 + 4 * round, 1);
		r[2] = session_apply_async(s, pool);
		r[3] = session_map_async(s, pool, 6, 0);
		r[4] = session_apply_async(s, pool);
		session_free_result(s, r[0]);
		session_ready(s, r[1]);
		session_expect(s, TO_DO_EITHER, ETIMEDOUT);
		session_wait(s, r[3], SECONDS_OF_WAITING);
		session_expect(s, TO_SUCCEED, 0);
		session_wait_any(s, r + 1, RESULTS - 1, -1);
		for (int i = RESULTS - 1; i > 0; i--)
			session_take(s, r[i]);
		session_map(s, pool, 4, 1);
		if (round % 2 == 1)
			session_nap(A_MOMENT);
	}
	session_close(s, pool);
}

static void run_once(struct test *t, const void *what, uint32_t seed)
{
	(void)what;
	struct call patient = { .limits = RACES_LIMITS };
	struct session *s = session_new(t, queue_small_jobs);
	s->race_seed = seed;
	s->number = races_workers(seed);
	session_run(t, s, &patient);
	session_free(s);
}

void has_no_race(struct test *t)
{
	pool_test_races(t);
	if (verdict_open(&t->verdict))
		races_look(t, SECONDS_OF_RESULTS, run_once, NULL);
}
