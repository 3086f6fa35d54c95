/* The kit's own processes: they, and not the caller, do all of the work, and no death of
 * one makes anybody wait for ever.
 */
#define _GNU_SOURCE
#include <check.h>
#include <math.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bare.h"
#include "bare_wake.h"
#include "clock.h"
#include "reference.h"
#include "shared.h"

enum { TEST_SECONDS = 120, WORKERS = 3, MOST = 100000 };

static uint32_t seeds[MOST];

static void expect_nobody(void)
{
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}

/* --- maps -------------------------------------------------------------------------- */

static void expect_results(size_t n)
{
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(bare_results()[i], reference_square(seeds[i]));
}

/* Other seeds each time, so that nothing that stands there already will do. */
static void map(size_t n)
{
	static uint32_t next = 1;
	for (size_t i = 0; i < n; i++)
		seeds[i] = next++ * 2654435761u;
	ck_assert_int_eq(bare_map(seeds, n), 0);
	expect_results(n);
}

static void map_some(enum bare_mechanism mechanism)
{
	const size_t sizes[] = { 5, 0, 1, WORKERS - 1, WORKERS, 1000, 7, MOST, 2 };
	ck_assert_int_eq(bare_start(mechanism, WORKERS, MOST), 0);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		map(sizes[i]);
	bare_end();
	expect_nobody();
}

START_TEST(maps)
{
	map_some(BARE_FORK);
	map_some(BARE_WAKE);
	map_some(BARE_WAKE); /* once more, after its end */
}
END_TEST

/* By CPU time, which the caller would need if it did a slice itself. */
START_TEST(caller_only_waits)
{
	for (int mechanism = BARE_FORK; mechanism <= BARE_WAKE; mechanism++) {
		double start = clock_process_cpu();
		for (size_t i = 0; i < MOST; i++)
			ck_assert_int_ge(reference_square(seeds[i]), 0);
		double serial = clock_process_cpu() - start;
		ck_assert_int_eq(bare_start((enum bare_mechanism)mechanism, WORKERS, MOST), 0);
		bare_map(seeds, MOST); /* touches all pages */
		double least = serial;
		for (int i = 0; i < 5; i++) { /* the kernel bills now and then what is not the caller's */
			start = clock_process_cpu();
			ck_assert_int_eq(bare_map(seeds, MOST), 0);
			least = fmin(least, clock_process_cpu() - start);
		}
		ck_assert_double_lt(least, serial / WORKERS / 2);
		bare_end();
	}
}
END_TEST

/* --- sleepers ---------------------------------------------------------------------- */

static struct {
	atomic_int pid[WORKERS], calls[WORKERS];
	atomic_int dies; /* 1 + the rank that does, at its next call */
} *seen;

static void note(int rank)
{
	if (atomic_load(&seen->dies) == rank + 1)
		raise(SIGKILL);
	atomic_store(&seen->pid[rank], getpid());
	atomic_fetch_add(&seen->calls[rank], 1);
}

static void setup(void)
{
	seen = shared_alloc(sizeof *seen);
}

START_TEST(each_does_its_part_once)
{
	enum { CALLS = 50 };
	int first[WORKERS];
	ck_assert_int_eq(wake_start(WORKERS, note), 0);
	for (int call = 1; call <= CALLS; call++) {
		ck_assert_int_eq(wake_all(), 0);
		for (int rank = 0; rank < WORKERS; rank++) {
			ck_assert_int_eq(seen->calls[rank], call);
			first[rank] = call == 1 ? seen->pid[rank] : first[rank];
			ck_assert_int_eq(seen->pid[rank], first[rank]);
			ck_assert_int_ne(seen->pid[rank], getpid());
			ck_assert_int_ne(seen->pid[rank], seen->pid[(rank + 1) % WORKERS]);
		}
	}
	wake_end();
	expect_nobody();
	for (int rank = 0; rank < WORKERS; rank++)
		ck_assert_int_eq(seen->calls[rank], CALLS);
}
END_TEST

static void expect_broken(void)
{
	ck_assert_int_eq(wake_all(), ECHILD);
	ck_assert_int_eq(wake_all(), ECHILD);
	wake_end();
	expect_nobody();
}

START_TEST(death_at_work)
{
	ck_assert_int_eq(wake_start(WORKERS, note), 0);
	ck_assert_int_eq(wake_all(), 0);
	atomic_store(&seen->dies, _i + 1);
	expect_broken();
}
END_TEST

START_TEST(death_asleep)
{
	ck_assert_int_eq(wake_start(WORKERS, note), 0);
	ck_assert_int_eq(wake_all(), 0);
	kill(seen->pid[_i], SIGKILL);
	expect_broken();
}
END_TEST

/* As student code may do, which waits for any child. */
START_TEST(death_that_somebody_else_saw)
{
	ck_assert_int_eq(wake_start(WORKERS, note), 0);
	ck_assert_int_eq(wake_all(), 0);
	kill(seen->pid[_i], SIGKILL);
	ck_assert_int_eq(waitpid(seen->pid[_i], NULL, 0), seen->pid[_i]);
	expect_broken();
}
END_TEST

/* Each holds the other end of a pipe, whose end is seen when the last one has gone. */
START_TEST(ends_with_its_parent)
{
	int ends[2];
	char byte;
	ck_assert_int_eq(pipe(ends), 0);
	pid_t parent = fork();
	if (parent == 0) {
		close(ends[0]);
		_exit(wake_start(WORKERS, note) != 0 || wake_all() != 0);
	}
	close(ends[1]);
	int status;
	ck_assert_int_eq(waitpid(parent, &status, 0), parent);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(seen->calls[WORKERS - 1], 1);
	ck_assert_int_eq(read(ends[0], &byte, 1), 0);
	close(ends[0]);
}
END_TEST

START_TEST(too_many)
{
	ck_assert_int_eq(wake_start(BARE_WORKERS_MOST + 1, note), EINVAL);
	expect_nobody();
	wake_end(); /* there is nothing to end */
	bare_end();
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("speed_bare");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, maps);
	tcase_add_test(t, caller_only_waits);
	tcase_add_test(t, each_does_its_part_once);
	tcase_add_loop_test(t, death_at_work, 0, WORKERS);
	tcase_add_loop_test(t, death_asleep, 0, WORKERS);
	tcase_add_loop_test(t, death_that_somebody_else_saw, 0, WORKERS);
	tcase_add_test(t, ends_with_its_parent);
	tcase_add_test(t, too_many);
	Suite *suite = suite_create("speed_bare");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
