/* The compiler: from a lab's files to a plug-in, and what is told when there is
 * none. */
#define _GNU_SOURCE
#include <check.h>
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

/* Compiles this text as the lab's one file. */
static void compile(const char *text)
{
	struct sources sources;
	FILE *file = fopen("labs/01_serial/serial.c", "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
	labs_sources("labs", "01_serial", &sources);
	compile_plugin("labs", "01_serial", &sources, &plugin);
}

START_TEST(compiled)
{
	compile("int f(void) { return 1; }\n");
	ck_assert(plugin.compiled);
	ck_assert_int_eq(plugin.warnings, 0);
	ck_assert_str_eq(plugin.first_line, "");
	ck_assert_str_eq(plugin.path, "build/labs/01_serial.so");
	shell("test $(ls build/labs | wc -l) = 1 && test -x build/labs/01_serial.so");
}
END_TEST

START_TEST(warnings)
{
	compile("static int f(void) { int x; return 1; }\nstatic int g(void) { return 2; }\n");
	ck_assert(plugin.compiled);
	ck_assert_int_eq(plugin.warnings, 3);
	ck_assert_ptr_nonnull(strstr(plugin.first_line, "serial.c:1:"));
	ck_assert_ptr_nonnull(strstr(plugin.first_line, "warning:"));
}
END_TEST

/* The error, although a warning came first; and no plug-in, not even an old one's
 * new half. */
START_TEST(errors)
{
	compile("static int unused;\nint f(void) { return x; }\n");
	ck_assert(!plugin.compiled);
	ck_assert_ptr_nonnull(strstr(plugin.first_line, "serial.c:2:"));
	ck_assert_ptr_nonnull(strstr(plugin.first_line, "error:"));
	shell("test $(ls build/labs | wc -l) = 0");
}
END_TEST

/* Nothing is left of it where it cannot be put in its place. */
START_TEST(place_that_is_taken)
{
	shell("mkdir -p build/labs/01_serial.so/folder");
	compile("int f(void) { return 1; }\n");
	ck_assert(!plugin.compiled);
	ck_assert_str_ne(plugin.first_line, "");
	shell("test $(ls build/labs | wc -l) = 1");
}
END_TEST

START_TEST(compiler_that_is_missing)
{
	setenv("CC", "/no/such/compiler", 1);
	compile("int f(void) { return 1; }\n");
	ck_assert(!plugin.compiled);
	ck_assert_str_ne(plugin.first_line, "");
}
END_TEST

/* The linker says no "error:", and its last line says nothing. */
START_TEST(errors_of_the_linker)
{
	shell("echo 'int twice;' >labs/01_serial/old.c");
	compile("int twice = 1;\nint f(void) { return twice; }\n");
	ck_assert_ptr_nonnull(strstr(plugin.first_line, "twice"));
	shell("echo 'int twice(void) { return 1; }' >labs/01_serial/old.c");
	compile("int twice(void) { return 1; }\n");
	ck_assert(!plugin.compiled);
	ck_assert_ptr_nonnull(strstr(plugin.first_line, "twice is defined twice."));
}
END_TEST

/* The assembler writes its errors with a capital, after a line that says nothing. */
START_TEST(errors_of_the_assembler)
{
	compile("int f(void) { int x; __asm__(\"nonsense\"); return 1; }\n");
	ck_assert(!plugin.compiled);
	ck_assert_ptr_nonnull(strstr(plugin.first_line, "rror: "));
	ck_assert_ptr_nonnull(strstr(plugin.first_line, "nonsense"));
}
END_TEST

/* Of several warnings, the one that tells most about a wrong result. */
START_TEST(most_telling_warning)
{
	compile("static int g(void) { return 1; }\nint f(int x) { if (x) return 1; }\n");
	ck_assert(plugin.compiled);
	ck_assert_int_ge(plugin.warnings, 2);
	ck_assert_ptr_nonnull(strstr(plugin.first_line, "Wreturn-type"));
}
END_TEST

/* The tests are built with the header as it was handed out. */
START_TEST(changed_header)
{
	shell("echo 'int a;' >labs/.starter/01_serial/serial.h; echo 'long a;' >labs/01_serial/serial.h");
	compile("int f(void) { return 1; }\n");
	ck_assert(plugin.compiled);
	ck_assert_ptr_nonnull(strstr(plugin.first_line, "labs/01_serial/serial.h was changed"));
	shell("cp labs/.starter/01_serial/serial.h labs/01_serial/serial.h");
	compile("int f(void) { return 1; }\n");
	ck_assert_str_eq(plugin.first_line, "");
}
END_TEST

/* "ccache gcc", and options of the one who calls. */
START_TEST(words_of_the_environment)
{
	setenv("CC", "env  cc", 1);
	setenv("PLUGIN_CFLAGS", " -DVALUE=3 -DOTHER ", 1);
	compile("#ifdef OTHER\nint f[VALUE];\n#endif\nint g = sizeof f;\n");
	ck_assert_msg(plugin.compiled, "%s", plugin.first_line);
}
END_TEST

static const char *path_for(const char *implementation)
{
	struct sources sources;
	labs_sources("labs/02_fork/a.c", "02_fork", &sources);
	compile_plugin(implementation, "02_fork", &sources, &plugin);
	ck_assert_msg(plugin.compiled, "%s", plugin.first_line);
	return plugin.path;
}

/* A path is made a name in the build folder, however it is written. */
START_TEST(paths_of_plugins)
{
	static const char *const paths[] = { "labs/02_fork/a.c", "../x y", "..", ".", "/", "a;b" };
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		const char *rest = path_for(paths[i]);
		ck_assert_int_eq(strncmp(rest, "build/", 6), 0);
		rest += 6;
		ck_assert_uint_eq(strcspn(rest, "/"), strlen(rest) - strlen("/02_fork.so"));
		ck_assert_ptr_null(strpbrk(rest, " ;"));
		ck_assert_int_ne(rest[0], '.');
	}
}
END_TEST

/* Two that are alike at their end, as in a class's folders, do not share one. */
START_TEST(long_paths_of_plugins)
{
	char one[600], other[600], path[PATH_LENGTH];
	memset(one, 'x', sizeof one - 1);
	one[sizeof one - 1] = '\0';
	memcpy(other, one, sizeof other);
	other[3] = 'y';
	snprintf(path, sizeof path, "%s", path_for(one));
	ck_assert_str_ne(path_for(other), path);
	ck_assert_str_eq(path_for(one), path);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("grade: compile");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_unchecked_fixture(t, make_folder, remove_folder);
	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, compiled);
	tcase_add_test(t, warnings);
	tcase_add_test(t, errors);
	tcase_add_test(t, place_that_is_taken);
	tcase_add_test(t, compiler_that_is_missing);
	tcase_add_test(t, errors_of_the_linker);
	tcase_add_test(t, errors_of_the_assembler);
	tcase_add_test(t, most_telling_warning);
	tcase_add_test(t, changed_header);
	tcase_add_test(t, words_of_the_environment);
	tcase_add_test(t, paths_of_plugins);
	tcase_add_test(t, long_paths_of_plugins);
	Suite *suite = suite_create("grade: compile");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
