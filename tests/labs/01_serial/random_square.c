/* Lab 01, random_square: does it draw what numpy draws? */
#define _GNU_SOURCE
#include <string.h>

#include "judge.h"
#include "reference.h"
#include "shared.h"
#include "task.h"
#include "tests.h"

enum { FIRST_SEEDS = 20, MANY_SEEDS = 100000 };

struct squares_call {
	size_t n, done; /* how many are asked for, and how many calls have returned */
	uint32_t seeds[MANY_SEEDS];
	int32_t squares[MANY_SEEDS];
};

static void call_random_square(void *arg)
{
	struct squares_call *call = arg;
	task_fn *function = (task_fn *)plugin_function("random_square");
	call_begin();
	for (size_t i = 0; i < call->n; i++)
		call->squares[call->done++] = function(call->seeds[i]);
	call_end(call->squares[0]);
}

static void judge_squares(struct test *t, const struct squares_call *call, const char *next_step)
{
	size_t different = 0, first = 0;
	for (size_t i = call->n; i-- > 0;) {
		if (call->squares[i] != reference_square(call->seeds[i])) {
			different++;
			first = i;
		}
	}
	if (different > 0)
		verdict_fail(&t->verdict, WRONG_RESULT,
		             first > 0 && call->n == FIRST_SEEDS
		                 ? "The seeds before it are right: look at which numbers you throw away, "
		                   "and whether something is kept from one call to the next."
		                 : next_step,
		             "random_square(%u) returned %d. Expected: %d, as numpy's randint gives. "
		             "%zu of %zu seeds differ.",
		             call->seeds[first], call->squares[first],
		             reference_square(call->seeds[first]), different, call->n);
}

static void check_squares(struct test *t, struct squares_call *shared, const char *next_step)
{
	struct call call = { .body = call_random_square, .arg = shared };
	test_call(t, &call);
	if (t->outcome.ending == ENDING_LOOPED && shared->done > 0)
		verdict_fail(&t->verdict, ENDLESS_LOOP,
		             "A call should take about a microsecond: does it do more than it must?",
		             "random_square returned %zu times in %.1f s of CPU time, and was to return "
		             "%zu times: far too slow, or an endless loop for seed %u.",
		             shared->done, t->outcome.cpu_seconds, shared->n, shared->seeds[shared->done]);
	if (!judge_not_started(&t->verdict, &t->outcome, "random_square") &&
	    judge_ending(&t->verdict, &call, &t->outcome))
		judge_squares(t, shared, next_step);
	shared_free(shared, sizeof *shared);
}

void random_square_first_seeds(struct test *t)
{
	struct squares_call *shared = shared_alloc(sizeof *shared);
	shared->n = FIRST_SEEDS;
	for (uint32_t i = 0; i < FIRST_SEEDS; i++)
		shared->seeds[i] = i;
	check_squares(t, shared, "Work through seed 0 by hand: the handout shows its first words and "
	                         "outputs.");
}

/* Seeds from the whole range in no order, some of them twice in a row: a result
 * may depend on the seed alone. */
void random_square_many_seeds(struct test *t)
{
	static const uint32_t special[] = { 0, 1, 0x7fffffffu, 0x80000000u, 0xfffffffeu, 0xffffffffu };
	struct squares_call *shared = shared_alloc(sizeof *shared);
	shared->n = MANY_SEEDS;
	for (uint32_t i = 0; i < MANY_SEEDS; i++)
		shared->seeds[i] = test_random(t, i - (i % 10 == 9));
	for (uint32_t i = 0; i < sizeof special / sizeof *special; i++)
		shared->seeds[test_random(t, MANY_SEEDS + i) % MANY_SEEDS] = special[i];
	memcpy(shared->seeds, special, sizeof special);
	check_squares(t, shared, "If large seeds alone differ, look at your types: they must be "
	                         "uint32_t. If it is seeds at random, something is kept from one "
	                         "call to the next.");
}
