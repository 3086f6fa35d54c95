/* The verdict of speed in words, passed and failed: each says what was measured, what is
 * required, and what the machine gives.
 */
#define _GNU_SOURCE
#include <check.h>
#include <errno.h>
#include <math.h>
#include <sched.h>
#include <string.h>

#include "contests.h"
#include "cpus.h"
#include "diagnosis.h"
#include "makespan.h"
#include "speed.h"

enum { TEST_SECONDS = 120 };

static void expect_failure(enum diagnosis diagnosis, const char *message, const char *next_step)
{
	ck_assert_str_eq(diagnosis_code(verdict.diagnosis), diagnosis_code(diagnosis));
	expect(VERDICT_FAILED, message);
	ck_assert_msg(strstr(verdict.next_step, next_step) != NULL, "\"%s\" is not in: %s", next_step,
	              verdict.next_step);
}

/* --- passed ---------------------------------------------------------------------- */

START_TEST(passed)
{
	play_rounds(5, 1.8);
	play_sizes(400, 200);
	judge();
	expect(VERDICT_PASSED, "1.80x at n = 32,768; required 1.40x (this machine gives 1.96x); "
	                       "faster from n = 400 on, bound 800");
	ck_assert_str_eq(verdict.next_step, "");
}
END_TEST

/* Nobody is slowed down into being faster. */
START_TEST(passed_beside_others)
{
	play_rounds(5, 1.8);
	play_sizes(400, 3200);
	use_cpus(0.3, 0.3);
	judge();
	expect(VERDICT_PASSED, "1.80x");
}
END_TEST

/* --- failed ---------------------------------------------------------------------- */

START_TEST(not_faster)
{
	play_rounds(9, 1.05);
	judge();
	expect_failure(NOT_FASTER,
	               "With 2 workers, pool_map is 1.05 times as fast as the serial loop at n = "
	               "32,768, the median of 9 rounds. Required: 1.40x (this machine gives 1.96x).",
	               "Look for waiting in turn, locks");
}
END_TEST

START_TEST(late_crossover)
{
	play_rounds(5, 1.8);
	play_sizes(1600, 200);
	judge();
	expect_failure(LATE_CROSSOVER,
	               "pool_map is faster than the serial loop only from n = 1,600. Bound: 800, which "
	               "is 4 times what bare processes need here (start and wait for 2: 100 us; one "
	               "task: 1.00 us).",
	               "what each call costs before its first task");
}
END_TEST

/* A pool is held against processes that sleep. */
START_TEST(late_crossover_of_a_pool)
{
	contest.mechanism = BARE_WAKE;
	play_rounds(5, 1.8);
	play_sizes(3200, 200);
	judge();
	expect_failure(LATE_CROSSOVER,
	               "which is 8 times what bare processes need here (a bare wake-up of 2 sleeping "
	               "processes costs 100 us; one task: 1.00 us).",
	               "what each call costs before its first task");
}
END_TEST

START_TEST(no_crossover)
{
	play_rounds(5, 1.8);
	play_sizes(1e6, 200);
	judge();
	expect_failure(LATE_CROSSOVER,
	               "pool_map is faster than the serial loop only from n = 1,000,000. Bound: 800,",
	               "what each call costs");
}
END_TEST

START_TEST(call_that_fails)
{
	play_rounds(5, 1.8);
	contest.calls = 1006;
	contest.value = -1;
	contest.error = EAGAIN;
	contest.failed_n = 1600;
	judge();
	expect_failure(UNEXPECTED_ERROR,
	               "pool_map with n = 1,600 and 2 workers returned -1 with errno 11 (",
	               "the other tests of this lab");
	expect(VERDICT_FAILED, strerror(EAGAIN));
	expect(VERDICT_FAILED, "after 1,006 calls that succeeded. Expected: it succeeds each time.");
}
END_TEST

START_TEST(wrong_results)
{
	contest.failed_n = 32768;
	contest.wrong = 17;
	contest.wrong_index = 4711;
	contest.got = -5;
	contest.expected = 49;
	judge();
	expect_failure(WRONG_RESULT,
	               "with n = 32,768 and 2 workers, 17 results of pool_map were wrong: "
	               "results[4711] is -5. Expected: 49, as the serial loop has it.",
	               "Are results kept from one call to the next");
}
END_TEST

START_TEST(kit_error)
{
	contest.kit_error = EAGAIN;
	contest.failed_n = 5; /* a consequence */
	contest.value = -1;
	judge();
	expect(VERDICT_KIT_ERROR, "The kit could not start a process: ");
	expect(VERDICT_KIT_ERROR, strerror(EAGAIN));
	setup();
	contest.kit_error = ECHILD;
	judge();
	expect(VERDICT_KIT_ERROR, "A process of the kit's own was ended: ");
}
END_TEST

/* The first decision stands. */
START_TEST(judged_already)
{
	verdict_fail(&verdict, ZOMBIE, "Wait.", "One is left.");
	play_rounds(9, 1.05);
	judge();
	expect_failure(ZOMBIE, "One is left.", "Wait.");
	memset(&contest.round, 0, sizeof contest.round);
	contest.rounds = 0;
	play_void_rounds(ROUNDS_VOID_MOST, 1);
	judge();
	expect_failure(ZOMBIE, "One is left.", "Wait.");
}
END_TEST

/* --- the makespan ---------------------------------------------------------------- */

START_TEST(work_that_is_not_shared_out)
{
	double speedups[MAKESPAN_ROUNDS] = { 1, 1.1, 1.2, 1, 1.9, 1.1, 1.1, 1.2, 1.1 };
	speed_judge_makespan(&verdict, speedups, MAKESPAN_ROUNDS, 4, "pool_map");
	expect_failure(UNBALANCED,
	               "By the CPU time that the tasks of pool_map took, 4 workers can be 1.10 times "
	               "as fast as one, since one of them did so much of the work. Required: 2.00x; "
	               "evenly shared out it is 4.00x.",
	               "how many tasks each worker runs");
}
END_TEST

START_TEST(work_that_is_shared_out)
{
	double speedups[MAKESPAN_ROUNDS] = { 1.9, 1.1, 1.9, 1, 1.9, 1.1, 1.9, 1.2, 1.9 };
	speed_judge_makespan(&verdict, speedups, MAKESPAN_ROUNDS, 2, "pool_map");
	ck_assert_int_eq(verdict.kind, VERDICT_MISSING); /* it is not the whole answer */
	speedups[0] = sqrt(2);
	speed_judge_makespan(&verdict, speedups, 1, 2, "pool_map");
	ck_assert_int_eq(verdict.kind, VERDICT_MISSING);
}
END_TEST

/* --- this machine ---------------------------------------------------------------- */

START_TEST(one_cpu)
{
	cpu_set_t set;
	bool possible = speed_possible(&verdict);
	ck_assert_int_eq(possible, cpus_usable() > 1);
	ck_assert_int_eq(verdict.kind, possible ? VERDICT_MISSING : VERDICT_NOT_MEASURED);
	ck_assert(speed_workers() >= 1 && speed_workers() <= CONTEST_WORKERS_MOST);
	setup();
	sched_getaffinity(0, sizeof set, &set);
	for (size_t cpu = 0; CPU_COUNT(&set) > 1; cpu++)
		CPU_CLR(cpu, &set);
	ck_assert_int_eq(sched_setaffinity(0, sizeof set, &set), 0);
	ck_assert(!speed_possible(&verdict));
	expect(VERDICT_NOT_MEASURED,
	       "Whether it is faster cannot be told here and now: this run may use one CPU, on which "
	       "nothing runs side by side.");
	ck_assert_ptr_nonnull(strstr(verdict.next_step, "these points stay open"));
	ck_assert_int_eq(speed_workers(), 1);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("speed_judge");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, passed);
	tcase_add_test(t, passed_beside_others);
	tcase_add_test(t, not_faster);
	tcase_add_test(t, late_crossover);
	tcase_add_test(t, late_crossover_of_a_pool);
	tcase_add_test(t, no_crossover);
	tcase_add_test(t, call_that_fails);
	tcase_add_test(t, wrong_results);
	tcase_add_test(t, kit_error);
	tcase_add_test(t, judged_already);
	tcase_add_test(t, work_that_is_not_shared_out);
	tcase_add_test(t, work_that_is_shared_out);
	tcase_add_test(t, one_cpu);
	Suite *suite = suite_create("speed_judge");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
