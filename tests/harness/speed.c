/* The ceiling: what bare processes reach on this machine. Its value is the
 * machine's affair; that it is one, and that nothing is left of it, is ours. How it
 * comes from times is arithmetic, tested on times that nobody measured.
 */
#define _GNU_SOURCE
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ceiling.h"
#include "tree.h"

enum { TEST_SECONDS = 120, FREE_USER = 61400, USERS = 500 };

#define TOLERANCE 1e-12

/* --- from times ------------------------------------------------------------------ */

/* Of rounds in which bare forks took 10 ms; what is given is the serial loop's time, in
 * ms, and by which factor the CPUs were slower in that round. */
static double ceiling_with(const double serial_ms[], const double slower[], size_t rounds)
{
	double serial[CEILING_ROUNDS + 2], bare[CEILING_ROUNDS + 2];
	for (size_t i = 0; i < rounds; i++) {
		serial[i] = 0.001 * serial_ms[i] * slower[i];
		bare[i] = 0.010 * slower[i];
	}
	return ceiling_of(serial, bare, rounds);
}

static const double even[] = { 1, 1, 1, 1, 1, 1, 1 };

START_TEST(median_of_the_rounds)
{
	ck_assert_double_eq_tol(ceiling_with((double[]){ 18, 19, 20, 17, 16 }, even, 5), 1.8,
	                        TOLERANCE);
	ck_assert_double_eq_tol(ceiling_with((double[]){ 18, 19, 20, 17 }, even, 4), 1.85, TOLERANCE);
	ck_assert_double_eq_tol(ceiling_with((double[]){ 18 }, even, 1), 1.8, TOLERANCE);
	ck_assert_double_eq_tol(ceiling_with((double[]){ 19, 19, 19, 19, 10 }, even, 5), 1.9,
	                        TOLERANCE);
}
END_TEST

/* Two of five rounds may be anything. */
START_TEST(rounds_that_were_disturbed)
{
	const double serial_held_up[] = { 190, 19, 18.9, 57, 19.1 };
	const double bare_held_up[] = { 19.1, 1.9, 18.9, 19, 6 };
	ck_assert_double_eq_tol(ceiling_with(serial_held_up, even, 5), 1.91, TOLERANCE);
	ck_assert_double_eq_tol(ceiling_with(bare_held_up, even, 5), 1.89, TOLERANCE);
}
END_TEST

/* What slows both of a round down changes nothing. */
START_TEST(rounds_at_another_speed)
{
	const double serial[] = { 19, 19, 19, 19, 19 };
	const double drift[] = { 1, 1.3, 1.7, 2, 2.4 }, throttling[] = { 1, 2.4, 2.4, 1, 2.4 };
	ck_assert_double_eq_tol(ceiling_with(serial, drift, 5), 1.9, TOLERANCE);
	ck_assert_double_eq_tol(ceiling_with(serial, throttling, 5), 1.9, TOLERANCE);
}
END_TEST

START_TEST(more_rounds_than_it_takes)
{
	const double serial[] = { 19, 19, 19, 19, 19, 190, 190 };
	ck_assert_double_eq_tol(ceiling_with(serial, even, 7), 1.9, TOLERANCE);
	const double rising[] = { 15, 16, 17, 18, 19, 20, 21 };
	ck_assert_double_eq_tol(ceiling_with(rising, even, 7), 1.7, TOLERANCE);
}
END_TEST

/* --- on this machine ------------------------------------------------------------- */

static void expect_no_child(void)
{
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}

enum { MEASURED, NOT_MEASURED, CHILD_LEFT, NO_SUCH_USER };

/* Measures in a process that may start so many more, and none at all for 0; says
 * which of the above came of it. As root under a user that nobody else is, because
 * nothing limits root. */
static int measure_with_few(int more)
{
	int status;
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		uid_t user = (uid_t)(FREE_USER + getpid() % USERS);
		if (setresuid(user, user, user) != 0 && (more > 0 || geteuid() == 0))
			_exit(NO_SUCH_USER);
		rlim_t most = more == 0 ? 0 : (rlim_t)(tree_threads_of_user(user) + more);
		setrlimit(RLIMIT_NPROC, &(struct rlimit){ most, most });
		double ceiling = ceiling_measure(2);
		if (waitpid(-1, NULL, WNOHANG) != -1)
			_exit(CHILD_LEFT);
		_exit(ceiling > 0 || ceiling < 0 ? MEASURED : NOT_MEASURED);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* One process gains nothing: the two times are alike, however busy the machine. */
START_TEST(one_worker)
{
	double ceiling = ceiling_measure(1);
	ck_assert(ceiling > 0.05 && ceiling < 10);
	expect_no_child();
}
END_TEST

/* On a machine that is busy it may be anything up to their number, or a little
 * more, if the serial part was disturbed and the parallel was not. */
START_TEST(several_workers)
{
	double ceiling = ceiling_measure(3);
	ck_assert(ceiling > 0.05 && ceiling < 30);
	expect_no_child();
}
END_TEST

START_TEST(no_process_can_be_started)
{
	int result = measure_with_few(0);
	if (result == NO_SUCH_USER)
		puts("no_process_can_be_started: not tried, nothing limits root here");
	else
		ck_assert_int_eq(result, NOT_MEASURED);
}
END_TEST

/* The first can, and is waited for although the second cannot. */
START_TEST(too_few_processes_can_be_started)
{
	int result = measure_with_few(1);
	if (result == NO_SUCH_USER)
		puts("too_few_processes: not tried, only root can be a user that nobody else is");
	else
		ck_assert_int_eq(result, NOT_MEASURED);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("speed");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_test(t, median_of_the_rounds);
	tcase_add_test(t, rounds_that_were_disturbed);
	tcase_add_test(t, rounds_at_another_speed);
	tcase_add_test(t, more_rounds_than_it_takes);
	tcase_add_test(t, one_worker);
	tcase_add_test(t, several_workers);
	tcase_add_test(t, no_process_can_be_started);
	tcase_add_test(t, too_few_processes_can_be_started);
	Suite *suite = suite_create("speed");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
