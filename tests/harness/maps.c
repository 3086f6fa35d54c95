/* How a map is judged, on maps that nobody ran: what is in the struct is what a call
 * would have left there. See tests/labs/maps.
 */
#define _GNU_SOURCE
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "diagnosis.h"
#include "fence.h"
#include "map.h"

enum { TEST_SECONDS = 120, TASKS = 10, WORKERS = 3 };

static const struct map_kind plain = { "pipe_map", MAP_PLAIN };
static const struct map_kind chunked = { "shared_map_dynamic", MAP_CHUNKED };
static const struct map_kind histogram = { "shared_histogram", MAP_HISTOGRAM };

static struct test t;

/* A map after a call in which everything was as it should be. */
static struct map *good_map(const struct map_kind *kind)
{
	memset(&t, 0, sizeof t);
	t.seed = 4711;
	t.outcome.forks = WORKERS;
	struct map *map = map_create(&t, kind, TASKS, WORKERS);
	map->plan.values = kind->form == MAP_HISTOGRAM ? VALUES_SQUARES : VALUES_ANY;
	map->processes = WORKERS;
	for (size_t i = 0; i < TASKS; i++) {
		map->times[i] = 1;
		map->results[i] = map_value(map, i);
		if (kind->form == MAP_HISTOGRAM)
			map->bins[map_value(map, i)]++;
	}
	return map;
}

typedef void judge_fn(struct test *, const struct map *);

/* This verdict, of which the message says this. */
static void expect(judge_fn *judge, const struct map *map, enum diagnosis diagnosis,
                   const char *part)
{
	judge(&t, map);
	ck_assert_int_eq(t.verdict.kind, VERDICT_FAILED);
	ck_assert_str_eq(diagnosis_code(t.verdict.diagnosis), diagnosis_code(diagnosis));
	ck_assert_msg(strstr(t.verdict.message, part) != NULL, "\"%s\" is not in: %s", part,
	              t.verdict.message);
	ck_assert_str_ne(t.verdict.next_step, "");
}

START_TEST(good_maps)
{
	const struct map_kind *kinds[] = { &plain, &chunked, &histogram };
	for (int i = 0; i < 3; i++) {
		struct map *map = good_map(kinds[i]);
		map_judge(&t, map);
		map_judge_processes(&t, map);
		map_judge_starts(&t, map);
		ck_assert_msg(verdict_open(&t.verdict), "%s", t.verdict.message);
	}
}
END_TEST

/* --- results ----------------------------------------------------------------- */

START_TEST(results_in_the_wrong_order)
{
	char expected[200];
	struct map *map = good_map(&plain);
	map->results[4] = map_value(map, 7);
	map->results[7] = map_value(map, 4);
	snprintf(expected, sizeof expected,
	         "results[4] is %d, which is the result of seeds[7]. Expected: %d. 2 of 10 differ.",
	         (int)map_value(map, 7), (int)map_value(map, 4));
	expect(map_judge, map, WRONG_RESULT, expected);
}
END_TEST

/* A number that is nobody's; and where numbers repeat, nobody's is named. */
START_TEST(wrong_results)
{
	char expected[200];
	struct map *map = good_map(&plain);
	map->results[TASKS - 1] = 12345;
	snprintf(expected, sizeof expected, "results[9] is 12345. Expected: %d. 1 of 10 differ.",
	         (int)map_value(map, TASKS - 1));
	expect(map_judge, map, WRONG_RESULT, expected);

	map = good_map(&plain);
	map->plan.values = VALUES_CHEAP; /* 0, 1, 2, 0, ... */
	for (size_t i = 0; i < TASKS; i++)
		map->results[i] = map_value(map, i);
	map->results[0] = 1;
	expect(map_judge, map, WRONG_RESULT, "results[0] is 1. Expected: 0. 1 of 10 differ.");
}
END_TEST

START_TEST(results_never_written)
{
	struct map *map = good_map(&plain);
	for (size_t i = 0; i < TASKS; i++)
		map->results[i] = FENCE_FRESH;
	expect(map_judge, map, WRONG_RESULT, "results[0] was never written. Expected: -1. 10 of 10");
	ck_assert_ptr_nonnull(strstr(t.verdict.next_step, "stays in the child"));

	map = good_map(&chunked);
	map->results[TASKS - 1] = FENCE_FRESH;
	expect(map_judge, map, WRONG_RESULT, "results[9] was never written.");
	ck_assert_ptr_nonnull(strstr(t.verdict.next_step, "bounds"));
}
END_TEST

START_TEST(written_beside_them)
{
	struct map *map = good_map(&plain);
	map->broken_output = 4;
	expect(map_judge, map, OUT_OF_BOUNDS, "results");
	map = good_map(&histogram);
	map->broken_output = -1;
	expect(map_judge, map, OUT_OF_BOUNDS, "bins");
	map = good_map(&plain);
	map->broken_seeds = 1;
	expect(map_judge, map, OUT_OF_BOUNDS, "seeds");
	map = good_map(&plain);
	map->seeds_changed = true;
	expect(map_judge, map, WRONG_RESULT, "changed the caller's seeds");
}
END_TEST

/* --- bins -------------------------------------------------------------------- */

START_TEST(bins_that_miss_one)
{
	char expected[200];
	struct map *map = good_map(&histogram);
	int32_t bin = map_value(map, 0);
	unsigned long long count = map->bins[bin]--;
	snprintf(expected, sizeof expected,
	         "bins[%d] is %llu. Expected: %llu. All bins together hold 9 results of 10.", (int)bin,
	         count - 1, count);
	expect(map_judge, map, WRONG_RESULT, expected);
	ck_assert_ptr_nonnull(strstr(t.verdict.next_step, "lock"));
}
END_TEST

START_TEST(bins_that_hold_too_many)
{
	struct map *map = good_map(&histogram);
	map->bins[2]++; /* no square */
	expect(map_judge, map, WRONG_RESULT,
	       "bins[2] is 1. Expected: 0. All bins together hold 11 results of 10.");
	ck_assert_ptr_nonnull(strstr(t.verdict.next_step, "start at 0"));
}
END_TEST

START_TEST(bins_after_a_failure)
{
	struct map *map = good_map(&histogram);
	memset(map->bins, FENCE_FRESH & 0xff, map->plan.nbins * sizeof *map->bins);
	map_judge_bins_untouched(&t, map);
	ck_assert(verdict_open(&t.verdict));
	map->bins[81] = 0;
	expect(map_judge_bins_untouched, map, WRONG_RESULT, "failed, but changed bins[81]");

	map = good_map(&plain); /* has none */
	map_judge_bins_untouched(&t, map);
	ck_assert(verdict_open(&t.verdict));
}
END_TEST

/* --- tasks ------------------------------------------------------------------- */

START_TEST(lost_tasks)
{
	struct map *map = good_map(&plain);
	map->times[8] = map->times[9] = 0;
	expect(map_judge, map, LOST_TASK, "never ran the task for seeds[8]; 2 of 10 were not run");
	map = good_map(&plain);
	memset(map->times, 0, TASKS);
	expect(map_judge, map, LOST_TASK, "never ran the task for seeds[0]; 10 of 10 were not run");
}
END_TEST

/* Told before the lost ones, and before wrong results, which follow from them. */
START_TEST(repeated_tasks)
{
	struct map *map = good_map(&plain);
	map->times[3] = 2;
	map->times[5] = 4;
	map->times[6] = 0;
	map->results[6] = 1;
	expect(map_judge, map, REPEATED_TASK,
	       "ran the task for seeds[3] 2 times, and 2 of 10 tasks more than once");
	map = good_map(&chunked);
	map->times[3] = 2;
	expect(map_judge, map, REPEATED_TASK, "seeds[3] 2 times");
	ck_assert_ptr_nonnull(strstr(t.verdict.next_step, "one step"));
}
END_TEST

/* Two calls run each task twice. */
START_TEST(tasks_of_two_calls)
{
	struct map *map = good_map(&plain);
	map->plan.calls = 2;
	expect(map_judge, map, LOST_TASK, "ran the task for seeds[0] 1 time in all; so it is with 10 of 10 tasks");
	map = good_map(&plain);
	map->plan.calls = 2;
	memset(map->times, 2, TASKS);
	map_judge(&t, map);
	ck_assert(verdict_open(&t.verdict));
}
END_TEST

START_TEST(tasks_of_strangers)
{
	struct map *map = good_map(&plain);
	map->strangers = 3;
	expect(map_judge, map, OUT_OF_BOUNDS,
	       "ran tasks (3) for seeds that it was not given: it read beyond seeds[9]");
}
END_TEST

/* --- processes --------------------------------------------------------------- */

START_TEST(tasks_in_the_caller)
{
	struct map *map = good_map(&plain);
	map->in_caller = 4;
	expect(map_judge_processes, map, NO_PROCESSES,
	       "ran 4 of 10 tasks in the caller's own process. Expected: in 3 child processes");
	map = good_map(&plain);
	map->in_caller = TASKS;
	t.outcome.threads = 3;
	expect(map_judge_processes, map, NO_PROCESSES, "process, in threads.");
}
END_TEST

START_TEST(too_few_processes)
{
	struct map *map = good_map(&plain);
	map->processes = 1;
	expect(map_judge_processes, map, NO_PROCESSES, "ran its 10 tasks in 1 process. Expected: in 3.");
	map = good_map(&plain);
	map->processes = 2;
	expect(map_judge_processes, map, NO_PROCESSES, "in 2 processes.");
}
END_TEST

START_TEST(too_many_processes)
{
	struct map *map = good_map(&plain);
	t.outcome.forks = 4;
	expect(map_judge_starts, map, EXTRA_PROCESSES,
	       "started 4 processes. Expected: 3, one for each worker.");
	map = map_create(&t, &plain, 2, 5);
	memset(&t.verdict, 0, sizeof t.verdict);
	t.outcome.forks = 5;
	expect(map_judge_starts, map, EXTRA_PROCESSES, "Expected: 2, one for each task.");
	map = map_create(&t, &plain, 0, 5);
	memset(&t.verdict, 0, sizeof t.verdict);
	t.outcome.forks = 1;
	expect(map_judge_starts, map, EXTRA_PROCESSES, "Expected: 0, one for each task.");
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("maps");
	tcase_set_timeout(tests, TEST_SECONDS);
	tcase_add_test(tests, good_maps);
	tcase_add_test(tests, results_in_the_wrong_order);
	tcase_add_test(tests, wrong_results);
	tcase_add_test(tests, results_never_written);
	tcase_add_test(tests, written_beside_them);
	tcase_add_test(tests, bins_that_miss_one);
	tcase_add_test(tests, bins_that_hold_too_many);
	tcase_add_test(tests, bins_after_a_failure);
	tcase_add_test(tests, lost_tasks);
	tcase_add_test(tests, repeated_tasks);
	tcase_add_test(tests, tasks_of_two_calls);
	tcase_add_test(tests, tasks_of_strangers);
	tcase_add_test(tests, tasks_in_the_caller);
	tcase_add_test(tests, too_few_processes);
	tcase_add_test(tests, too_many_processes);
	Suite *suite = suite_create("maps");
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
