/* Losing rounds is a defeat only on a machine that was free: the rules of it, on rounds
 * that nobody ran.
 */
#include <check.h>
#include <stddef.h>

#include "rounds.h"

enum { TEST_SECONDS = 120, WORKERS = 2, MOST = ROUNDS_IN_ALL + 20 };

/* A round on a free machine, on which two workers reach 1.96: so 1.4 is required. */
static struct round round_of(double speedup)
{
	return (struct round){ .serial = 1.96, .student = 1.96 / speedup, .bare = 1,
		                   .serial_cpu = 1.96, .wall = 5 };
}

/* One without a free machine: bare forks were no faster than the serial loop. */
static struct round void_round(void)
{
	struct round round = round_of(1.9);
	round.bare = round.serial;
	return round;
}

/* The rounds of a test. */
static struct round rounds[MOST];
static size_t count;

static void add(size_t times, struct round round)
{
	while (times-- > 0)
		rounds[count++] = round;
}

static struct rounds_result judge(void)
{
	return rounds_judge(rounds, count, WORKERS);
}

static struct round shared_round(double speedup, double others, double stolen)
{
	struct round round = round_of(speedup);
	round.others = others * round.wall * WORKERS;
	round.stolen = stolen * round.wall * WORKERS;
	return round;
}

static bool was_free(int counted, int empty, double others, double stolen)
{
	return rounds_machine_was_free(&(struct rounds_result){
		.counted = counted, .empty = empty, .others = others, .stolen = stolen });
}

START_TEST(free_machines)
{
	ck_assert(was_free(5, 0, 0, 0));
	ck_assert(was_free(6, 2, 0.1, 0.1));
	ck_assert(was_free(5, 5, 0, 0));
	ck_assert(!was_free(4, 5, 0, 0));
	ck_assert(!was_free(5, 0, 0.11, 0));
	ck_assert(!was_free(5, 0, 0, 0.11));
}
END_TEST

/* Losing needs a free machine, winning does not. */
static void expect_no_defeat(struct round lost)
{
	count = 0;
	add(20, lost);
	ck_assert_int_eq(judge().state, ROUNDS_GO_ON);
	add(12, round_of(1.9)); /* from eight behind to four ahead */
	ck_assert_int_eq(judge().state, ROUNDS_GO_ON);
	add(1, round_of(1.9));
	ck_assert_int_eq(judge().state, ROUNDS_FASTER);
}

START_TEST(defeat_needs_a_free_machine)
{
	expect_no_defeat(shared_round(1, 0.2, 0));
	expect_no_defeat(shared_round(1, 0, 0.2));
	count = 0;
	add(9, shared_round(1, 0.09, 0.09));
	ck_assert_int_eq(judge().state, ROUNDS_NOT_FASTER);
}
END_TEST

START_TEST(no_defeat_in_a_few_rounds_that_count)
{
	for (int i = 0; i < 10; i++) {
		add(2, void_round());
		add(1, round_of(1)); /* one of three */
	}
	ck_assert_int_eq(judge().state, ROUNDS_GO_ON);
	add(10, round_of(1)); /* now it is half of them */
	ck_assert_int_eq(judge().state, ROUNDS_NOT_FASTER);
}
END_TEST

/* Void rounds between them change nothing: nine must be lost. */
START_TEST(defeat_among_void_rounds)
{
	for (int i = 0; i < 4; i++) {
		add(1, void_round());
		add(2, round_of(1)); /* two of three */
	}
	ck_assert_int_eq(judge().state, ROUNDS_GO_ON);
	add(1, void_round());
	add(1, round_of(1));
	ck_assert_int_eq(judge().state, ROUNDS_NOT_FASTER);
}
END_TEST

START_TEST(defeat_once_the_machine_is_free)
{
	add(10, shared_round(1, 0.2, 0));
	add(9, round_of(1));
	ck_assert_int_eq(judge().state, ROUNDS_GO_ON); /* it was used to 10.5% all in all */
	add(1, round_of(1));
	ck_assert_int_eq(judge().state, ROUNDS_NOT_FASTER);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("speed_defeat");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_test(t, free_machines);
	tcase_add_test(t, defeat_needs_a_free_machine);
	tcase_add_test(t, no_defeat_in_a_few_rounds_that_count);
	tcase_add_test(t, defeat_among_void_rounds);
	tcase_add_test(t, defeat_once_the_machine_is_free);
	Suite *suite = suite_create("speed_defeat");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
