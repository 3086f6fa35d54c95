/* Races between the processes of a pool: see ../maps/races.h.
 *
 * Jobs are small, so that nearly all that a worker does is to take them and to bring
 * them back. Some come right after the one before, when workers are still about; some
 * when all are asleep.
 */
#include "races.h"
#include "pools.h"

#define SECONDS_A_POOL 2.0
#define A_MOMENT 0.001

enum { ROUNDS = 4, APPLIES = 6 };

static void do_small_jobs(struct session *s)
{
	struct pool *pool = session_create(s, s->number);
	for (size_t round = 0; round < ROUNDS; round++) {
		session_map(s, pool, 2 + 5 * round, 1);
		session_map(s, pool, 1 + round, 2);
		session_map(s, pool, 12, 0);
		for (int i = 0; i < APPLIES; i++)
			session_apply(s, pool);
		if (round % 2 == 1)
			session_nap(A_MOMENT);
	}
	session_close(s, pool);
}

static void run_once(struct test *t, const void *what, uint32_t seed)
{
	(void)what;
	struct call patient = { .limits = RACES_LIMITS };
	struct session *s = session_new(t, do_small_jobs);
	s->race_seed = seed;
	s->number = races_workers(seed);
	session_run(t, s, &patient);
	session_free(s);
}

void pool_test_races(struct test *t)
{
	races_look(t, SECONDS_A_POOL, run_once, NULL);
}
