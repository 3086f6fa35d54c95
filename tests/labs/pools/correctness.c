/* Every pool: the right results in the right places, whatever n, chunk and task. */
#include "map_shared.h"
#include "pools.h"

static bool among(size_t size, const size_t sizes[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (sizes[i] == size)
			return true;
	return false;
}

static void map_all_chunks(struct session *s, struct pool *pool, size_t n)
{
	const size_t chunks[] = { 1, 0, 7, n, n + 5, SIZE_MAX };
	enum { CHUNKS = sizeof chunks / sizeof *chunks };
	for (size_t i = 0; i < CHUNKS; i++)
		if (!among(chunks[i], chunks, i))
			session_map(s, pool, n, chunks[i]);
}

/* A single task first: it is the easiest to understand. */
static void map_all_sizes(struct session *s)
{
	enum { MANY = 101 }; /* a prime */
	size_t w = (size_t)s->number;
	const size_t sizes[] = { 1, 2, w - 1, w, w + 1, MANY, 0 };
	enum { SIZES = sizeof sizes / sizeof *sizes };
	struct pool *pool = session_create(s, s->number);
	for (size_t i = 0; i < SIZES; i++)
		if (!among(sizes[i], sizes, i))
			map_all_chunks(s, pool, sizes[i]);
	session_close(s, pool);
}

/* All workers take a task before any is done, and the last to take one is the first to
 * go on: then results do not come in the order of the seeds. */
static void map_in_disorder(struct session *s)
{
	struct pool *pool = session_create(s, 3);
	for (int i = 0; i < 3; i++) {
		session_do(s, (struct session_work){ .doing = DO_MEET, .amount = 3 });
		session_map(s, pool, 40, 1);
		session_do(s, (struct session_work){ .doing = DO_NOTHING });
		session_map(s, pool, 9, 1);
	}
	session_close(s, pool);
}

static void run(struct test *t, void (*program)(struct session *), int number)
{
	if (!verdict_open(&t->verdict))
		return;
	struct session *s = session_new(t, program);
	s->number = number;
	session_run(t, s, NULL);
	session_free(s);
}

void pool_test_order(struct test *t)
{
	for (int workers = 1; workers <= 4; workers++)
		run(t, map_all_sizes, workers);
	run(t, map_in_disorder, 0);
}

static void apply_some(struct session *s)
{
	struct pool *pool = session_create(s, 2);
	for (int i = 0; i < 5; i++)
		session_apply(s, pool);
	session_map(s, pool, 20, 3);
	session_apply(s, pool);
	session_close(s, pool);
}

void pool_test_apply(struct test *t)
{
	run(t, apply_some, 0);
}

/* Nobody has named the second task when the workers are started, and then it and the
 * first take turns. */
static void change_tasks(struct session *s)
{
	struct pool *pool = session_create(s, 2);
	for (int i = 0; i < 6; i++) {
		s->other_task = i % 2 == 1;
		session_map(s, pool, 30, 4);
		session_apply(s, pool);
	}
	session_close(s, pool);
}

void pool_test_any_task(struct test *t)
{
	run(t, change_tasks, 0);
}

enum { MILLION = 1000000, LESS = 100000 };

static void map_a_million(struct session *s)
{
	struct pool *pool = session_create(s, 2);
	session_map(s, pool, MILLION, 0);
	session_map(s, pool, LESS, 7);
	session_map(s, pool, LESS, LESS);
	session_close(s, pool);
}

void pool_test_million(struct test *t)
{
	struct call patient = { .limits = { .cpu_seconds = 30, .most_seconds = 60 } };
	struct session *s = session_with_tasks(t, map_a_million, MILLION + 2 * LESS);
	session_run(t, s, &patient);
	session_free(s);
}

/* One small job right behind the other: a worker that is late comes into the next, and a
 * wake-up comes just when somebody is about to sleep. In a pool of one there is nobody
 * else who could hear it. */
static void do_small_jobs(struct session *s, int workers, size_t jobs)
{
	struct pool *pool = session_create(s, workers);
	for (size_t i = 0; i < jobs; i++)
		session_map(s, pool, 1 + i % 3, 1);
	session_close(s, pool);
}

/* Tasks that take no time, one at a time, by workers that may stop between any two
 * instructions. */
static void take_one_by_one(struct session *s)
{
	struct pool *pool = session_create(s, 4);
	session_do(s, (struct session_work){ .doing = DO_MEET, .amount = 4 });
	session_map(s, pool, s->steps ? 100 : 4000, 1);
	session_close(s, pool);
	session_do(s, (struct session_work){ .doing = DO_NOTHING });
	do_small_jobs(s, 4, s->steps ? 16 : 100);
	do_small_jobs(s, 1, s->steps ? 16 : 300);
	for (int i = 0; i < 4; i++)
		do_small_jobs(s, 2, 2);
}

void pool_test_once(struct test *t)
{
	enum { ROUNDS = 4 };
	for (uint32_t round = 0; round < ROUNDS && verdict_open(&t->verdict); round++) {
		struct session *s = session_new(t, take_one_by_one);
		struct call disturbed = {
			.limits = { .cpu_seconds = 40, .most_seconds = 40 }, /* every instruction is a signal */
			.faults = { .delay_seed = round % 4 == 1 ? test_random(t, 300 + round) | 1 : 0 },
		};
		s->steps = round % 2 == 0 && map_can_step();
		session_run(t, s, &disturbed);
		verdict_before(&t->verdict, "In round %u of %u, with workers held up at random (SEED=%u): ",
		               round + 1, ROUNDS, t->seed);
		session_free(s);
	}
}
