/* Names and folders: which lab, which files. */
#define _GNU_SOURCE
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "labs.h"
#include "nearest.h"

enum { TEST_SECONDS = 120 };

static char folder[] = "/tmp/crossover-unit-XXXXXX";

static void make_folder(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_folder(void)
{
	char output[200];
	char *argv[] = { "rm", "-rf", folder, NULL };
	ck_assert_int_eq(command_run(argv, output, sizeof output), 0);
}

static void shell(const char *command)
{
	char output[1000];
	char *argv[] = { "sh", "-ec", (char *)command, NULL };
	ck_assert_msg(command_run(argv, output, sizeof output) == 0, "%s", output);
}

/* A kit of its own for each test, in which it stands. */
static void setup(void)
{
	ck_assert_int_eq(chdir(folder), 0);
	shell("rm -rf ./*; mkdir -p build harness/task solutions/02_fork;"
	      "for lab in 01_serial 02_fork 10_long; do mkdir -p labs/$lab labs/.starter/$lab; done;"
	      "touch labs/01_serial/serial.c labs/02_fork/b.c labs/02_fork/a.c labs/.starter/02_fork/a.h");
	setenv("CROSSOVER_BUILD", "build", 1);
	unsetenv("PLUGIN_CFLAGS");
}

/* --- names -------------------------------------------------------------------- */

START_TEST(distances)
{
	ck_assert_int_eq(nearest_distance("", ""), 0);
	ck_assert_int_eq(nearest_distance("reaps", "reaps"), 0);
	ck_assert_int_eq(nearest_distance("", "abc"), 3);
	ck_assert_int_eq(nearest_distance("abc", ""), 3);
	ck_assert_int_eq(nearest_distance("kitten", "sitting"), 3);
	ck_assert_int_eq(nearest_distance("abc", "abd"), 1);
	ck_assert_int_eq(nearest_distance("abc", "bc"), 1);
	ck_assert_int_eq(nearest_distance("ac", "abc"), 1);
	ck_assert_int_eq(nearest_distance("ab", "ba"), 2);
}
END_TEST

/* Of long names only the beginning counts, and nothing is overrun. */
START_TEST(distances_of_long_names)
{
	char a[200], b[200];
	memset(a, 'a', sizeof a - 1);
	memset(b, 'b', sizeof b - 1);
	a[sizeof a - 1] = b[sizeof b - 1] = '\0';
	ck_assert_int_eq(nearest_distance(a, b), 63);
	ck_assert_int_eq(nearest_distance(a, a), 0);
	ck_assert_int_eq(nearest_distance(a, ""), 63);
}
END_TEST

START_TEST(folders_are_labs)
{
	struct labs labs;
	shell("mkdir labs/x labs/3_short labs/04- labs/05_ labs/.starter/05_; touch labs/README.md");
	shell("mkdir labs/02_fork_backup labs/.starter/11_not_handed_out");
	ck_assert_int_eq(labs_find(&labs), 0);
	ck_assert_int_eq(labs.count, 4);
	ck_assert_str_eq(labs.name[0], "01_serial");
	ck_assert_str_eq(labs.name[1], "02_fork");
	ck_assert_str_eq(labs.name[2], "05_");
	ck_assert_str_eq(labs.name[3], "10_long");
}
END_TEST

START_TEST(folder_without_labs)
{
	struct labs labs;
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(labs_find(&labs), -1);
	ck_assert_int_eq(labs.count, 0);
}
END_TEST

START_TEST(more_labs_than_there_is_room_for)
{
	struct labs labs;
	shell("for i in 11 12 13 14 15 16 17 18 19 20 21 22 23 24; do"
	      "  mkdir labs/${i}_more labs/.starter/${i}_more; done;"
	      "mkdir labs/10_name_that_is_longer_than_any_lab_may_have"
	      "      labs/.starter/10_name_that_is_longer_than_any_lab_may_have");
	ck_assert_int_eq(labs_find(&labs), 0);
	ck_assert_int_eq(labs.count, LABS_MAX);
	ck_assert_str_eq(labs.name[LABS_MAX - 1], "23_more");
}
END_TEST

START_TEST(names_of_labs)
{
	static const char *const rows[][2] = {
		{ "02", "02_fork" }, { "2", "02_fork" }, { "02_fork", "02_fork" }, { "1", "01_serial" },
		{ "10", "10_long" }, { "fork", "02_fork" }, { "lab02", "02_fork" }, { "Lab2", "02_fork" },
		{ "99", NULL }, { "2x", NULL }, { "02_for", NULL }, { "", NULL }, { "0", "00_before" },
		{ "02_fork ", NULL }, { "-2", NULL }, { "lab", NULL }, { "orks", NULL },
	};
	struct labs labs;
	shell("mkdir labs/00_before labs/.starter/00_before");
	labs_find(&labs);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		ck_assert_pstr_eq(labs_named(&labs, rows[i][0]), rows[i][1]);
}
END_TEST

/* --- sources ------------------------------------------------------------------ */

START_TEST(sources_of_a_folder)
{
	struct sources sources;
	shell("cd labs/02_fork; touch a.c.2026-01-01 .c .#a.c c.cc c; mkdir folder.c");
	labs_sources("labs", "02_fork", &sources);
	ck_assert_int_eq(sources.count, 2);
	ck_assert_str_eq(sources.path[0], "labs/02_fork/a.c");
	ck_assert_str_eq(sources.path[1], "labs/02_fork/b.c");
}
END_TEST

START_TEST(sources_of_one_file)
{
	struct sources sources;
	labs_sources("labs/02_fork/a.c", "02_fork", &sources);
	ck_assert_int_eq(sources.count, 1);
	ck_assert_str_eq(sources.path[0], "labs/02_fork/a.c");
	labs_sources("labs/02_fork/a.c", "01_serial", &sources);
	ck_assert_int_eq(sources.count, 0);
	ck_assert_int_eq(chdir("labs"), 0);
	labs_sources("02_fork/a.c", "02_fork", &sources);
	ck_assert_int_eq(sources.count, 1);
}
END_TEST

/* The folder must be called like the lab, not just end like it. */
START_TEST(sources_of_another_folder)
{
	struct sources sources;
	shell("mkdir labs/x02_fork; touch labs/x02_fork/a.c");
	labs_sources("labs/x02_fork/a.c", "02_fork", &sources);
	ck_assert_int_eq(sources.count, 0);
	labs_sources("solutions", "02_fork", &sources);
	ck_assert_int_eq(sources.count, 0);
	labs_sources("solutions", "01_serial", &sources);
	ck_assert_int_eq(sources.count, 0);
	labs_sources("no_such_folder", "01_serial", &sources);
	ck_assert_int_eq(sources.count, 0);
}
END_TEST

START_TEST(more_sources_than_there_is_room_for)
{
	struct sources sources;
	shell("for i in 1 2 3 4 5 6 7 8 9; do touch labs/10_long/a$i.c labs/10_long/b$i.c; done");
	labs_sources("labs", "10_long", &sources);
	ck_assert_int_eq(sources.count, SOURCES_MAX);
	ck_assert_int_gt(sources.left_out, 0);
}
END_TEST

START_TEST(check_programs)
{
	char path[PATH_LENGTH];
	labs_program("02_fork", path);
	ck_assert_str_eq(path, "build/check/02_fork");
	setenv("CROSSOVER_BUILD", "build/other", 1);
	labs_program("02_fork", path);
	ck_assert_str_eq(path, "build/other/check/02_fork");
	unsetenv("CROSSOVER_BUILD");
	labs_program("02_fork", path);
	ck_assert_str_eq(path, "build/check/02_fork");
}
END_TEST

START_TEST(implemented_labs)
{
	ck_assert(labs_implemented("labs", "02_fork"));
	ck_assert(labs_implemented("labs", "10_long")); /* its files are missing, which is said */
	ck_assert(!labs_implemented("solutions", "01_serial"));
	ck_assert(!labs_implemented("no_such_folder", "01_serial"));
	ck_assert(labs_implemented("labs/02_fork/a.c", "02_fork"));
	ck_assert(!labs_implemented("labs/02_fork/a.c", "01_serial"));
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("grade");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_unchecked_fixture(t, make_folder, remove_folder);
	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, distances);
	tcase_add_test(t, distances_of_long_names);
	tcase_add_test(t, folders_are_labs);
	tcase_add_test(t, folder_without_labs);
	tcase_add_test(t, more_labs_than_there_is_room_for);
	tcase_add_test(t, names_of_labs);
	tcase_add_test(t, sources_of_a_folder);
	tcase_add_test(t, sources_of_one_file);
	tcase_add_test(t, sources_of_another_folder);
	tcase_add_test(t, more_sources_than_there_is_room_for);
	tcase_add_test(t, check_programs);
	tcase_add_test(t, implemented_labs);
	Suite *suite = suite_create("grade");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
