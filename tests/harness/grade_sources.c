/* Which files the compiler is given: all of a lab's, or none. */
#define _GNU_SOURCE
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "compile.h"
#include "labs.h"

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

static struct plugin plugin;

START_TEST(no_source)
{
	struct sources sources = { 0 };
	compile_plugin("labs", "10_long", &sources, &plugin);
	ck_assert(!plugin.compiled);
	ck_assert_ptr_nonnull(strstr(plugin.first_line, "no .c file in labs/10_long"));
	ck_assert_ptr_nonnull(strstr(plugin.first_line, "make reset LAB=10"));
}
END_TEST

/* Several files of one lab may use its header, and those of other labs. */
START_TEST(files_and_headers)
{
	struct sources sources;
	shell("echo 'int a(void);' >labs/.starter/02_fork/a.h; cp labs/.starter/02_fork/a.h labs/10_long;"
	      "echo '#include \"a.h\"' >labs/10_long/c.c;"
	      "echo 'int b(void) { return a(); }' >>labs/10_long/c.c;"
	      "echo '#include <a.h>' >labs/10_long/d.c; echo 'int a(void) { return 1; }' >>labs/10_long/d.c");
	labs_sources("labs", "10_long", &sources);
	compile_plugin("labs", "10_long", &sources, &plugin);
	ck_assert_msg(plugin.compiled && plugin.warnings == 0, "%s", plugin.first_line);
}
END_TEST

/* None is dropped in silence: a part of a solution is not the solution. */
START_TEST(too_many_sources)
{
	struct sources sources;
	shell("for i in $(seq 16); do echo \"int f$i;\" >labs/10_long/$i.c; done");
	labs_sources("labs", "10_long", &sources);
	compile_plugin("labs", "10_long", &sources, &plugin);
	ck_assert_msg(plugin.compiled, "%s", plugin.first_line);
	shell("touch labs/10_long/more.c; echo 'no C' >labs/10_long/z.c");
	labs_sources("labs", "10_long", &sources);
	compile_plugin("labs", "10_long", &sources, &plugin);
	ck_assert(!plugin.compiled);
	ck_assert_ptr_nonnull(strstr(plugin.first_line, "labs/10_long has 18 .c files"));
	ck_assert_ptr_nonnull(strstr(plugin.first_line, "16 at most"));
}
END_TEST

/* Whether the lab compiles when its one file is a link to this. */
static bool link_compiles(const char *target, const char *implementation)
{
	char command[200];
	struct sources sources;
	snprintf(command, sizeof command, "rm -f labs/10_long/*; ln -s %s labs/10_long/c.c", target);
	shell(command);
	labs_sources(implementation, "10_long", &sources);
	ck_assert_int_eq(sources.count, 1);
	compile_plugin(implementation, "10_long", &sources, &plugin);
	ck_assert(plugin.compiled || strstr(plugin.first_line, "10_long/c.c is a symbolic link") != NULL);
	return plugin.compiled;
}

/* Followed within what is graded, and where the file itself is named. */
START_TEST(symbolic_links)
{
	shell("mkdir elsewhere labs2; echo 'int a;' >elsewhere/a.c; cp elsewhere/a.c labs2;"
	      "cp elsewhere/a.c labs/02_fork; ln -s labs linked; ln -s $PWD/elsewhere/a.c two.c");
	ck_assert(link_compiles("../02_fork/a.c", "labs"));
	ck_assert(link_compiles("$PWD/labs/02_fork/a.c", "linked"));
	ck_assert(link_compiles("../../elsewhere/a.c", "labs/10_long/c.c"));
	ck_assert(!link_compiles("../../elsewhere/a.c", "labs"));
	ck_assert(!link_compiles("../../labs2/a.c", "labs"));
	ck_assert(!link_compiles("../../two.c", "labs"));
	ck_assert(!link_compiles("nowhere.c", "labs"));
	shell("mv labs/10_long elsewhere/10_long; ln -s ../elsewhere/10_long labs/10_long;"
	      "cp elsewhere/a.c elsewhere/10_long/.a");
	ck_assert(link_compiles(".a", "labs"));
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("grade: sources");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_unchecked_fixture(t, make_folder, remove_folder);
	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, no_source);
	tcase_add_test(t, files_and_headers);
	tcase_add_test(t, too_many_sources);
	tcase_add_test(t, symbolic_links);
	Suite *suite = suite_create("grade: sources");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
