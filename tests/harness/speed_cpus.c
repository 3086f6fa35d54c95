/* CPUs that may be used, and who used them: on made-up texts of the kernel, and under an
 * affinity mask of one CPU.
 */
#define _GNU_SOURCE
#include <check.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "cpus.h"

enum { TEST_SECONDS = 120 };

/* --- use ------------------------------------------------------------------------- */

/* Ticks in the order of proc(5): user nice system idle iowait irq softirq steal guest. */
static const char stat_text[] =
	"cpu  1111 2222 3333 4444 5555 6666 7777 8888 9999 9999\n"
	"cpu0 100 20 30 9000 900 4 5 60 50 0\n"
	"cpu1 1000 0 0 0 0 0 0 0 0 0\n"
	"cpu10 0 0 0 0 0 0 0 7 0 0\n"
	"intr 12345 1 2 3\n"
	"cpufreq 5 5 5 5 5 5 5 5\n"
	"ctxt 99\n";

static int all(int cpu)
{
	(void)cpu;
	return 1;
}

static int none(int cpu)
{
	(void)cpu;
	return 0;
}

static int only_0(int cpu)
{
	return cpu == 0;
}

static int only_10(int cpu)
{
	return cpu == 10;
}

static void expect_use(const char *text, int (*allowed)(int cpu), double busy, double stolen)
{
	struct cpus_use use = cpus_use_from(text, allowed);
	double ticks = (double)sysconf(_SC_CLK_TCK);
	ck_assert_double_eq_tol(use.busy * ticks, busy, 1e-6);
	ck_assert_double_eq_tol(use.stolen * ticks, stolen, 1e-6);
}

/* Neither the sum of all CPUs nor idle time, nor guests twice. */
START_TEST(use_of_the_allowed_cpus)
{
	expect_use(stat_text, only_0, 159, 60);
	expect_use(stat_text, only_10, 0, 7);
	expect_use(stat_text, all, 1159, 67);
	expect_use(stat_text, none, 0, 0);
}
END_TEST

START_TEST(use_from_other_texts)
{
	expect_use("", all, 0, 0);
	expect_use("cpu 5 5 5 5 5 5 5 5\n", all, 0, 0);
	expect_use("cpu0 1 2 3 4", all, 6, 0);                        /* a very old kernel, */
	expect_use("cpu0 1 2 3 4\ncpu1 10 20 30 40\n", all, 66, 0);   /* and two lines of it */
	expect_use("ctxt 1\n cpu0 1 1 1 1 1 1 1 1\n", all, 0, 0);     /* not at a line's start */
}
END_TEST

/* --- this machine ---------------------------------------------------------------- */

START_TEST(use_grows)
{
	struct cpus_use before = cpus_use(), after = before;
	if (before.busy <= 0) {
		puts("use_grows: not tried, this system's /proc/stat tells nothing");
		return;
	}
	for (volatile long i = 0; after.busy - before.busy < 0.05 && i < 100000; i = i + 1)
		after = cpus_use();
	ck_assert(after.busy - before.busy >= 0.05);
	ck_assert(after.stolen >= before.stolen);
}
END_TEST

START_TEST(mask_of_one_cpu)
{
	cpu_set_t set, one;
	ck_assert_int_eq(sched_getaffinity(0, sizeof set, &set), 0);
	ck_assert_int_eq(cpus_allowed(), CPU_COUNT(&set));
	ck_assert(cpus_usable() >= 1 && cpus_usable() <= cpus_allowed());
	ck_assert(cpus_quota() > 0);
	size_t first = 0;
	while (!CPU_ISSET(first, &set))
		first++;
	CPU_ZERO(&one);
	CPU_SET(first, &one);
	ck_assert_int_eq(sched_setaffinity(0, sizeof one, &one), 0);
	ck_assert_int_eq(cpus_allowed(), 1);
	ck_assert_int_eq(cpus_usable(), 1);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("speed_cpus");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_test(t, use_of_the_allowed_cpus);
	tcase_add_test(t, use_from_other_texts);
	tcase_add_test(t, use_grows);
	tcase_add_test(t, mask_of_one_cpu);
	Suite *suite = suite_create("speed_cpus");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
