/* Time without a CPU is told from time that was spent. */
#define _GNU_SOURCE
#include <check.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "starved.h"

enum { CROWD = 3 };

static pid_t child[CROWD];

static void nap(double seconds)
{
	nanosleep(&(struct timespec){ .tv_nsec = (long)(seconds * 1e9) }, NULL);
}

/* All on one CPU. */
static void start(int count, bool busy)
{
	cpu_set_t all, one;
	ck_assert_int_eq(sched_getaffinity(0, sizeof all, &all), 0);
	CPU_ZERO(&one);
	for (size_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; cpu++)
		if (CPU_ISSET(cpu, &all))
			CPU_SET(cpu, &one);
	for (int i = 0; i < count; i++) {
		child[i] = fork();
		ck_assert_int_ne(child[i], -1);
		if (child[i] != 0)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		sched_setaffinity(0, sizeof one, &one);
		while (!busy)
			pause();
		for (volatile unsigned spin = 0;; spin++)
			;
	}
}

static void end(int count)
{
	for (int i = 0; i < count; i++) {
		kill(child[i], SIGKILL);
		waitpid(child[i], NULL, 0);
	}
}

/* Looks at the first `count` children for a while. Returns the part of it in which
 * one of them waited for a CPU. */
static double part_starved(int count)
{
	struct starved starved = { 0 };
	struct process_list list = { .count = count };
	for (int i = 0; i < count; i++)
		list.process[i].pid = child[i];
	nap(0.05);
	starved_look(&starved, &list, 0); /* what was before does not count */
	ck_assert_double_eq(starved.seconds, 0);
	double begin = clock_wall(), last = begin;
	for (int i = 0; i < 10; i++) {
		nap(0.03);
		double now = clock_wall();
		starved_look(&starved, &list, now - last);
		last = now;
	}
	return starved.seconds / (last - begin);
}

/* Of three on one CPU two always wait. */
START_TEST(who_shares_a_cpu_waits)
{
	start(CROWD, true);
	double part = part_starved(CROWD);
	end(CROWD);
	if (access("/proc/self/schedstat", R_OK) != 0)
		return;
	ck_assert_double_gt(part, 0.4);
	ck_assert_double_le(part, 1);
}
END_TEST

/* One of the three waits two thirds of the time, whoever is looked at. */
START_TEST(neighbours_count_for_who_is_looked_at)
{
	start(CROWD, true);
	double part = part_starved(1);
	end(CROWD);
	if (access("/proc/self/schedstat", R_OK) == 0)
		ck_assert_double_gt(part, 0.3);
}
END_TEST

START_TEST(who_sleeps_does_not_wait)
{
	start(CROWD, false);
	double part = part_starved(CROWD);
	end(CROWD);
	ck_assert_double_lt(part, 0.05);
}
END_TEST

/* Nobody waits more than time passes, and a process that is gone takes nothing back. */
START_TEST(never_more_than_time_passed)
{
	struct starved starved = { 0 };
	struct process_list list = { .count = 1, .process[0].pid = 0 };
	start(CROWD, true);
	nap(0.1);
	list.process[0].pid = child[0];
	starved_look(&starved, &list, 1e-6);
	ck_assert_double_le(starved.seconds, 1e-6);
	end(CROWD);
	double before = starved.seconds;
	starved_look(&starved, &list, 0.1);
	ck_assert_double_ge(starved.seconds, before);
	ck_assert_double_le(starved.seconds, before + 0.1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("starved");
	TCase *t = tcase_create("starved");
	tcase_set_timeout(t, 30);
	tcase_add_test(t, who_shares_a_cpu_waits);
	tcase_add_test(t, neighbours_count_for_who_is_looked_at);
	tcase_add_test(t, who_sleeps_does_not_wait);
	tcase_add_test(t, never_more_than_time_passed);
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
