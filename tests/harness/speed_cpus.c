/* CPUs that may be used, and who used them: on made-up control groups, made-up texts
 * of the kernel, and under an affinity mask of one CPU.
 */
#define _GNU_SOURCE
#include <check.h>
#include <ftw.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cpus.h"

enum { TEST_SECONDS = 120, PATH = 512 };

#define TOLERANCE 1e-9

/* --- a folder like /sys/fs/cgroup ------------------------------------------------- */

static char mounted[64];

static void setup(void)
{
	strcpy(mounted, "/tmp/speed_cpus.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(mounted));
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)status;
	(void)kind;
	(void)place;
	return remove(path);
}

static void teardown(void)
{
	nftw(mounted, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Writes a file below the mount, and makes the folders that lead to it. */
static void put(const char *name, const char *text)
{
	char path[PATH];
	snprintf(path, sizeof path, "%s/%s", mounted, name);
	for (char *slash = path + strlen(mounted) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	FILE *file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

/* The two files of version 1. */
static void put_v1(const char *group, const char *quota, const char *period)
{
	char name[PATH];
	snprintf(name, sizeof name, "%s/cpu.cfs_quota_us", group);
	put(name, quota);
	snprintf(name, sizeof name, "%s/cpu.cfs_period_us", group);
	put(name, period);
}

static void expect_quota(const char *groups, double quota)
{
	double found = cpus_quota_from(groups, mounted);
	if (isinf(quota))
		ck_assert_msg(isinf(found), "%f, not without a quota: %s", found, groups);
	else
		ck_assert_double_eq_tol(found, quota, TOLERANCE);
}

/* --- version 2 --------------------------------------------------------------------- */

START_TEST(quotas_of_version_2)
{
	put("free/cpu.max", "max 100000\n");
	put("small/cpu.max", "150000 100000\n");
	put("slow/cpu.max", "50000 1000000\n");
	expect_quota("0::/free\n", INFINITY);
	expect_quota("0::/small\n", 1.5);
	expect_quota("0::/small", 1.5); /* a line that nothing ends */
	expect_quota("0::/slow\n", 0.05);
}
END_TEST

/* It holds for all groups below, which may have less, but not more. */
START_TEST(smaller_quota_of_a_parent)
{
	put("a/cpu.max", "100000 100000\n");
	put("a/b/cpu.max", "max 100000\n");
	put("a/b/free/cpu.max", "max 100000\n");
	put("a/b/large/cpu.max", "400000 100000\n");
	put("a/b/less/cpu.max", "25000 100000\n");
	expect_quota("0::/a/b/free\n", 1);
	expect_quota("0::/a/b/large\n", 1);
	expect_quota("0::/a/b/less\n", 0.25);
	put("cpu.max", "10000 100000\n"); /* the mount's own */
	expect_quota("0::/a/b/less\n", 0.1);
	expect_quota("0::/\n", 0.1);
}
END_TEST

/* The kernel shows where the container lies on its host; the mount in the container
 * begins there. */
START_TEST(path_of_a_container)
{
	put("cpu.max", "200000 100000\n");
	put("cpu/placeholder", "");
	put_v1("cpu", "50000", "100000");
	expect_quota("0::/docker/4711\n", 2);
	expect_quota("3:cpu:/docker/4711\n", 0.5);
	expect_quota("0::/../elsewhere\n", 2);
}
END_TEST

/* What is above the mount is no control group. */
START_TEST(no_group_above_the_mount)
{
	size_t length = strlen(mounted);
	put("cpu.max", "10000 100000\n");
	put("inner/free/cpu.max", "max 100000\n");
	strcat(mounted, "/inner");
	expect_quota("0::/free\n", INFINITY);
	expect_quota("0::/\n", INFINITY);
	mounted[length] = '\0';
}
END_TEST

/* --- version 1 --------------------------------------------------------------------- */

START_TEST(quotas_of_version_1)
{
	put_v1("cpu", "-1\n", "100000\n");
	put_v1("cpu/free", "-1\n", "100000\n");
	put_v1("cpu/small", "150000\n", "100000\n");
	put_v1("cpu/small/below", "-1\n", "100000\n");
	expect_quota("4:cpu:/free\n", INFINITY);
	expect_quota("4:cpu:/small\n", 1.5);
	expect_quota("4:cpu:/small/below\n", 1.5);
	expect_quota("4:cpu,cpuacct:/small\n", 1.5);
	expect_quota("4:cpuacct,cpu:/small\n", 1.5);
}
END_TEST

/* Other controllers, whatever they are called, limit no CPU time. */
START_TEST(other_controllers)
{
	put_v1("cpu/small", "150000\n", "100000\n");
	expect_quota("5:cpuset:/small\n4:cpuacct:/small\n1:name=cpu:/small\n", INFINITY);
	expect_quota("11:cpuset,cpuacct:/small\n", INFINITY);
	expect_quota("5:cpuset:/\n4:cpu,cpuacct:/small\n3:memory:/cpu\n", 1.5);
}
END_TEST

START_TEST(both_versions)
{
	put_v1("cpu/one", "150000\n", "100000\n");
	put("two/cpu.max", "50000 100000\n");
	expect_quota("4:cpu,cpuacct:/one\n0::/two\n", 0.5);
	expect_quota("4:cpu,cpuacct:/one\n0::/\n", 1.5);
	expect_quota("4:cpu,cpuacct:/\n0::/two\n", 0.5);
}
END_TEST

/* --- what is missing or makes no sense ----------------------------------------------- */

START_TEST(nothing_to_be_read)
{
	put("cpu/half/cpu.cfs_quota_us", "50000\n"); /* and no period */
	put("empty/cpu.max", "");
	put("word/cpu.max", "none\n");
	put("zero/cpu.max", "50000 0\n");
	expect_quota("", INFINITY);
	expect_quota("\n\n", INFINITY);
	expect_quota("0::/missing\n", INFINITY);
	expect_quota("4:cpu:/half\n", INFINITY);
	expect_quota("0::/empty\n", INFINITY);
	expect_quota("0::/word\n", INFINITY);
	expect_quota("0::/zero\n", INFINITY);
	expect_quota("no colon at all\n", INFINITY);
	expect_quota("one:colon\n", INFINITY);
	ck_assert(isinf(cpus_quota_from("0::/a\n", "/nowhere/at/all")));
}
END_TEST

/* --- use --------------------------------------------------------------------------- */

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

/* --- this machine ------------------------------------------------------------------- */

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
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, quotas_of_version_2);
	tcase_add_test(t, smaller_quota_of_a_parent);
	tcase_add_test(t, path_of_a_container);
	tcase_add_test(t, no_group_above_the_mount);
	tcase_add_test(t, quotas_of_version_1);
	tcase_add_test(t, other_controllers);
	tcase_add_test(t, both_versions);
	tcase_add_test(t, nothing_to_be_read);
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
