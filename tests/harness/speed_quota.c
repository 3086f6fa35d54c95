/* Quotas of control groups, of both versions, on made-up folders. */
#define _GNU_SOURCE
#include <check.h>
#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cpus.h"

enum { TEST_SECONDS = 120, PATH = 512 };

#define TOLERANCE 1e-9

/* --- a folder like /sys/fs/cgroup ------------------------------------------------ */

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

/* --- version 2 ------------------------------------------------------------------- */

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

/* --- version 1 ------------------------------------------------------------------- */

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

/* --- what is missing or makes no sense ------------------------------------------- */

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

int main(void)
{
	TCase *t = tcase_create("speed_quota");
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
	Suite *suite = suite_create("speed_quota");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
