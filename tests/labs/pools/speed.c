/* Every pool: is it faster than the serial loop, and from which n on?
 *
 * Three stages, as for the maps (tests/labs/maps/speed.c):
 *   1. all workers meet in their tasks: they run side by side;
 *   2. the CPU time that each worker's tasks took: the work is shared out;
 *   3. the clock, in rounds against the serial loop and bare processes of the kit,
 *      which sleep until they are woken, as the pool's workers do.
 * The pool chooses the chunk each time. It is made before the clock runs, and closed
 * after; what that costs is not timed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>

#include "contest.h"
#include "makespan.h"
#include "pools.h"
#include "reference.h"
#include "shared.h"
#include "speed.h"
#include "stages.h"

/* --- sharing out -------------------------------------------------------------------- */

/* So many tasks that a pool may hand out dozens at once; each takes about 20 us. In
 * simulated time they keep step, so that a worker which gets a CPU sooner does not
 * rightly do the others' tasks, too; their CPU time is real. */
enum { TASKS_EACH = 64, BURN = 30 };

static void share_out(struct session *s)
{
	struct pool *pool = session_create(s, s->number);
	session_do(s, (struct session_work){ .doing = DO_SIMULATED, .amount = s->number,
	                                     .burn = BURN });
	for (int i = 0; i < MAKESPAN_ROUNDS; i++) {
		session_map(s, pool, (size_t)(TASKS_EACH * s->number), 0);
		s->measured[i] = session_sharing(s);
	}
	session_do(s, (struct session_work){ .doing = DO_NOTHING });
	session_close(s, pool);
}

/* Where a worker gets nothing, each call stands still for a while until the simulation is
 * given up: it takes longer then, and does not hang. */
static void judge_sharing(struct test *t, int workers)
{
	struct call patient = { .limits = { .wall_seconds = 5 } };
	struct session *s = session_new(t, share_out);
	s->number = workers;
	if (session_run(t, s, &patient))
		speed_judge_makespan(&t->verdict, s->measured, MAKESPAN_ROUNDS, workers, "pool_map");
	session_free(s);
}

/* --- the clock ------------------------------------------------------------------------ */

typedef struct pool *create_fn(int);
typedef int map_pool_fn(struct pool *, task_fn *, const uint32_t *, size_t, int32_t *, size_t);
typedef int end_fn(struct pool *);

struct clocked {
	struct contest contest;
	bool created;
	struct pool *pool;     /* in the caller only */
	map_pool_fn *pool_map; /* the same */
};

static int call_way(void *context, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	const struct clocked *clocked = context;
	(void)workers;
	return clocked->pool_map(clocked->pool, reference_square, seeds, n, results, 0);
}

static void call_contest(void *arg)
{
	struct clocked *clocked = arg;
	create_fn *create = (create_fn *)plugin_function("pool_create");
	end_fn *end = (end_fn *)plugin_function("pool_close");
	clocked->pool_map = (map_pool_fn *)plugin_function("pool_map");
	contest_prepare(&clocked->contest);
	call_begin();
	clocked->pool = create(clocked->contest.workers);
	clocked->created = clocked->pool != NULL;
	if (clocked->created) {
		contest_run(&clocked->contest, call_way, clocked);
		end(clocked->pool);
	}
	call_end(clocked->created ? 0 : -1);
}

static void judge_clock(struct test *t, int workers)
{
	char text[128];
	struct clocked *clocked = shared_alloc(sizeof *clocked);
	struct call call = {
		.body = call_contest,
		.arg = clocked,
		.text = text,
		.limits = CONTEST_LIMITS,
	};
	snprintf(text, sizeof text, "pool_map in %d workers, timed", workers);
	clocked->contest = (struct contest){ .workers = workers, .mechanism = BARE_WAKE,
		                                 .seed = test_random(t, 77) };
	test_call(t, &call);
	if (judge_ending(&t->verdict, &call, &t->outcome) && !clocked->created)
		judge_refusal(&t->verdict, &t->outcome, "pool_create");
	if (verdict_open(&t->verdict))
		speed_judge(&t->verdict, &clocked->contest, "pool_map");
	shared_free(clocked, sizeof *clocked);
}

void pool_test_faster(struct test *t)
{
	int workers = speed_workers(), stages = stages_wanted();
	if (!pool_meets(t, workers > 1 ? workers : 2) || !speed_possible(&t->verdict))
		return;
	judge_sharing(t, workers);
	if (verdict_open(&t->verdict) && stages >= STAGE_CLOCK)
		judge_clock(t, workers);
}
