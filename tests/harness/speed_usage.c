/* What is our own of what the CPUs did: nobody of ours counts as somebody else, and
 * nothing counts twice.
 */
#define _GNU_SOURCE
#include <check.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "shared.h"
#include "usage.h"

enum { TEST_SECONDS = 120 };

#define BURNED 0.100 /* seconds of CPU time: ten of the kernel's ticks */

static struct {
	_Atomic double used; /* by a child, in all, when it is done */
	atomic_bool done;
} *child;

static void setup(void)
{
	child = shared_alloc(sizeof *child);
}

static void burn(void)
{
	while (clock_process_cpu() < BURNED)
		;
	atomic_store(&child->used, clock_process_cpu());
	atomic_store(&child->done, true);
}

static void burn_and_sleep(void)
{
	burn();
	for (;;)
		pause();
}

static pid_t start(void (*body)(void))
{
	pid_t pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		body();
		_exit(0);
	}
	return pid;
}

static void await_child(void)
{
	while (!atomic_load(&child->done))
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* What was used since then by others than this process. */
static double childrens(double own, double mine)
{
	return (usage_own() - own) - (clock_process_cpu() - mine);
}

/* A little more than it said: it went to sleep after that, and ended. */
static void expect_counted_once(double own, double mine)
{
	double counted = childrens(own, mine), used = atomic_load(&child->used);
	ck_assert_double_ge(counted, 0.95 * used);
	ck_assert_double_le(counted, 1.5 * used);
}

START_TEST(living_child)
{
	double own = usage_own(), mine = clock_process_cpu();
	pid_t pid = start(burn_and_sleep);
	await_child();
	expect_counted_once(own, mine);
	end(pid);
	expect_counted_once(own, mine); /* when it was waited for, too */
}
END_TEST

START_TEST(child_that_nobody_waited_for)
{
	siginfo_t info;
	double own = usage_own(), mine = clock_process_cpu();
	pid_t pid = start(burn);
	waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	expect_counted_once(own, mine);
	end(pid);
	expect_counted_once(own, mine);
}
END_TEST

static void start_another(void)
{
	start(burn_and_sleep);
	for (;;)
		pause();
}

START_TEST(grandchild)
{
	double own = usage_own(), mine = clock_process_cpu();
	pid_t pid = start(start_another);
	await_child();
	expect_counted_once(own, mine);
	end(pid); /* Check ends the other */
}
END_TEST

/* The kernel's own count has to have it as well, and the difference is what others used:
 * with a child of ours that uses a CPU all the time, less than the whole. */
START_TEST(what_is_ours_is_not_others)
{
	double wall = 0, others = 0, stolen = 0;
	struct usage_mark before = usage_now();
	pid_t pid = start(burn_and_sleep);
	await_child();
	double used = atomic_load(&child->used);
	usage_since(&before, cpus_allowed(), &wall, &others, &stolen);
	double all = usage_now().all.busy - before.all.busy;
	ck_assert_double_ge(wall, 0.9 * used);
	ck_assert_double_le(others, all - 0.9 * used);
	end(pid);
}
END_TEST

/* --- settling ------------------------------------------------------------------------ */

START_TEST(waits_until_it_sleeps)
{
	pid_t pid = start(burn_and_sleep);
	usage_settle(TEST_SECONDS);
	ck_assert(atomic_load(&child->done));
	end(pid);
}
END_TEST

static void spin(void)
{
	for (;;)
		clock_process_cpu();
}

START_TEST(does_not_wait_for_ever)
{
	pid_t pid = start(spin);
	usage_settle(0.010);
	end(pid);
	usage_settle(TEST_SECONDS); /* nobody is there */
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("speed_usage");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, living_child);
	tcase_add_test(t, child_that_nobody_waited_for);
	tcase_add_test(t, grandchild);
	tcase_add_test(t, what_is_ours_is_not_others);
	tcase_add_test(t, waits_until_it_sleeps);
	tcase_add_test(t, does_not_wait_for_ever);
	Suite *suite = suite_create("speed_usage");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
