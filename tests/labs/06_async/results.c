/* Lab 06: the right results, whenever they are asked for. */
#include <errno.h>

#include "map_shared.h"
#include "tests.h"

/* --- one at a time ----------------------------------------------------------------- */

static void apply_some(struct session *s)
{
	struct session_result r[4];
	struct pool *pool = session_create(s, 2);
	session_take(s, session_apply_async(s, pool));
	for (int i = 0; i < 4; i++) {
		s->other_task = i % 2 == 1;
		r[i] = session_apply_async(s, pool);
	}
	s->other_task = false;
	session_apply(s, pool); /* which waits, between others that are not waited for */
	for (int i = 0; i < 4; i++)
		session_take(s, r[(i + 2) % 4]);
	session_close(s, pool);
}

void gets_what_it_applied(struct test *t)
{
	async_run_program(t, apply_some, 0);
}

static bool among(size_t size, const size_t sizes[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (sizes[i] == size)
			return true;
	return false;
}

/* All chunks are queued before the first result is got, and the last is got first. */
static void map_all_chunks(struct session *s, struct pool *pool, size_t n)
{
	const size_t chunks[] = { 1, 0, 7, n, n + 5, SIZE_MAX };
	enum { CHUNKS = sizeof chunks / sizeof *chunks };
	struct session_result r[CHUNKS];
	size_t count = 0;
	for (size_t i = 0; i < CHUNKS; i++)
		if (!among(chunks[i], chunks, i))
			r[count++] = session_map_async(s, pool, n, chunks[i]);
	while (count-- > 0)
		session_take(s, r[count]);
}

static void map_all_sizes(struct session *s)
{
	enum { MANY = 101 }; /* a prime */
	size_t w = (size_t)s->number;
	const size_t sizes[] = { 1, 2, w - 1, w, w + 1, MANY, 0 };
	enum { SIZES = sizeof sizes / sizeof *sizes };
	struct pool *pool = session_create(s, s->number);
	session_take(s, session_map_async(s, pool, 1, 1));
	for (size_t i = 0; i < SIZES; i++)
		if (!among(sizes[i], sizes, i))
			map_all_chunks(s, pool, sizes[i]);
	session_map(s, pool, MANY, 7);
	session_close(s, pool);
}

/* The workers meet in their first tasks, so that the last to come is the first to go on. */
static void map_in_disorder(struct session *s)
{
	struct pool *pool = session_create(s, 3);
	for (int i = 0; i < 3; i++) {
		session_do(s, (struct session_work){ .doing = DO_MEET, .amount = 3 });
		struct session_result first = session_map_async(s, pool, 40, 1);
		session_do(s, (struct session_work){ .doing = DO_NOTHING });
		struct session_result second = session_map_async(s, pool, 9, 1);
		session_take(s, second);
		session_take(s, first);
	}
	session_close(s, pool);
}

void gets_what_it_mapped(struct test *t)
{
	for (int workers = 1; workers <= 3; workers++)
		async_run_program(t, map_all_sizes, workers);
	async_run_program(t, map_in_disorder, 0);
}

/* --- the seeds --------------------------------------------------------------------- */

/* The workers are kept busy, so that no seed is needed before its array is gone. */
static void spoil_seeds(struct session *s)
{
	struct session_result held[2], r[3];
	struct pool *pool = session_create(s, 2);
	async_hold(s, pool, 2, held);
	r[0] = session_map_async(s, pool, 300, 7);
	r[1] = session_map_async(s, pool, 5, 0);
	r[2] = session_map_async(s, pool, 5000, 0);
	session_release(s, SESSION_CALLS);
	for (int i = 0; i < 2; i++)
		session_take(s, held[i]);
	for (int i = 0; i < 3; i++)
		session_take(s, r[i]);
	session_close(s, pool);
}

void copies_the_seeds(struct test *t)
{
	async_run_program(t, spoil_seeds, 0);
}

/* --- many -------------------------------------------------------------------------- */

enum { MANY = 1000, LOOKS = 12 };

static void queue_many(struct session *s, struct pool *pool, struct session_result r[])
{
	session_do(s, (struct session_work){ .doing = DO_WAIT });
	for (int i = 0; i < MANY; i++) {
		s->other_task = i % 5 == 3;
		r[i] = i % 2 == 0 ? session_apply_async(s, pool)
						  : session_map_async(s, pool, 1 + (size_t)i % 7, (size_t)i % 3);
	}
	s->other_task = false;
}

/* None can be ready: the workers are in tasks that the test holds back. */
static void look_in_vain(struct session *s, const struct session_result r[])
{
	session_expect(s, TO_FAIL, ETIMEDOUT);
	for (int i = 0; i < LOOKS; i++) {
		struct session_result one = r[async_random(s, MANY)];
		session_wait(s, one, i % 2 == 0 ? 0 : 1e-4);
		session_get(s, one, i % 2 == 0 ? 1e-6 : 0);
	}
	session_expect(s, TO_SUCCEED, 0);
}

static void get_one(struct session *s, struct session_result r, size_t how)
{
	if (how == 0) {
		session_wait(s, r, -1);
		session_get(s, r, 0);
	} else {
		session_get(s, r, how == 1 ? -1 : 3600);
	}
	session_free_result(s, r);
}

static void get_many(struct session *s)
{
	static struct session_result r[MANY];
	struct pool *pool = session_create(s, 3);
	queue_many(s, pool, r);
	look_in_vain(s, r);
	async_shuffle(s, r, MANY);
	session_release(s, SESSION_CALLS);
	for (int i = 0; i < MANY; i++)
		get_one(s, r[i], async_random(s, 3));
	session_close(s, pool);
}

void gets_in_any_order(struct test *t)
{
	async_run_program(t, get_many, 0);
	verdict_before(&t->verdict,
				   "With %d results outstanding, got in a random order (SEED=%u): ", MANY, t->seed);
}

static void get_again(struct session *s)
{
	struct session_result r[2];
	struct pool *pool = session_create(s, 2);
	r[0] = session_map_async(s, pool, 50, 7);
	r[1] = session_apply_async(s, pool);
	for (int i = 0; i < 3; i++) {
		session_get(s, r[0], -1);
		session_get(s, r[1], i == 0 ? -1 : 0);
		session_wait(s, r[0], 0);
		session_map(s, pool, 60, 1); /* takes the place of what was finished */
		session_take(s, session_apply_async(s, pool));
	}
	for (int i = 0; i < 2; i++)
		session_free_result(s, r[i]);
	session_close(s, pool);
}

void gets_twice(struct test *t)
{
	async_run_program(t, get_again, 0);
}

/* --- large ------------------------------------------------------------------------- */

enum { LARGE = 100000 };

/* Once while all workers are busy, so that both are still to be done when the calls
 * return; once with nothing in the way. */
static void queue_behind(struct session *s)
{
	struct session_result held[2];
	struct pool *pool = session_create(s, 2);
	async_hold(s, pool, 2, held);
	struct session_result large = session_map_async(s, pool, LARGE, 0);
	struct session_result small = session_apply_async(s, pool);
	session_release(s, SESSION_CALLS);
	session_take(s, small);
	session_take(s, large);
	large = session_map_async(s, pool, LARGE, 1000);
	small = session_apply_async(s, pool);
	session_take(s, large);
	session_take(s, small);
	for (int i = 0; i < 2; i++)
		session_take(s, held[i]);
	session_close(s, pool);
}

void queues_behind_a_large_map(struct test *t)
{
	struct session *s = session_with_tasks(t, queue_behind, 2 * LARGE + 10);
	async_run(t, s);
	session_free(s);
}

/* --- in a crowd -------------------------------------------------------------------- */

enum { CROWD = 12, BATCHES = 12 };

/* A worker that is late with one result comes into the middle of the next; and who waits
 * for one is woken for others. */
static void take_a_batch(struct session *s, struct pool *pool)
{
	struct session_result r[CROWD];
	for (size_t i = 0; i < CROWD; i++)
		r[i] = i % 3 == 0 ? session_apply_async(s, pool) : session_map_async(s, pool, 1 + i % 9, 1);
	async_shuffle(s, r, CROWD);
	session_free_result(s, r[0]); /* ready or not */
	int any = session_wait_any(s, r + 1, CROWD - 1, -1);
	session_get(s, r[1 + any], 0);
	session_map(s, pool, 5, 1);
	for (size_t i = 1; i < CROWD; i++)
		session_take(s, r[i]);
}

static void take_batches(struct session *s)
{
	struct pool *pool = session_create(s, 4);
	session_do(s, (struct session_work){ .doing = DO_MEET, .amount = 4 });
	session_map(s, pool, 4, 1);
	session_do(s, (struct session_work){ .doing = DO_NOTHING });
	for (int i = 0; i < s->number; i++)
		take_a_batch(s, pool);
	session_close(s, pool);
}

static void take_in_a_crowd(struct test *t, uint32_t round)
{
	struct session *s = session_new(t, take_batches);
	struct call disturbed = {
		.limits = { .cpu_seconds = 20, .wall_seconds = 3, .most_seconds = 40 },
		.faults = { .delay_seed = round % 4 == 1 ? test_random(t, 400 + round) | 1 : 0 },
	};
	s->steps = round % 2 == 0 && map_can_step();
	s->number = s->steps ? BATCHES / 2 : 4 * BATCHES;
	session_run(t, s, &disturbed);
	verdict_before(&t->verdict,
				   "In round %u, with workers held up at random (SEED=%u): ", round + 1, t->seed);
	session_free(s);
}

void takes_each_task_once(struct test *t)
{
	enum { ROUNDS = 4 };
	for (uint32_t round = 0; round < ROUNDS && verdict_open(&t->verdict); round++)
		take_in_a_crowd(t, round);
}
