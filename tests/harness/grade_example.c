/* The book's example as `make book` and `make run` run it, and the starter that
 * `make reset` brings back.
 */
#include "plugins/call_a_plugin.c"

#include "commands.h"
#include "example.h"
#include "reference.h"

static struct verdict verdict;

static struct example run(const char *plugin, struct example example)
{
	memset(&verdict, 0, sizeof verdict);
	example_run(&example, plugin_build(plugin), "unit", &verdict);
	expect_nobody_left(&(struct outcome){ 0 });
	return example;
}

/* --- the example -------------------------------------------------------------- */

START_TEST(sums_that_are_known)
{
	ck_assert_uint_eq(example_sum(100), 2806);
	ck_assert_uint_eq(example_sum(1000000), 28524147);
	ck_assert_uint_eq(example_sum(10000000), 285170439);
	ck_assert_uint_eq(example_sum(101), reference_sum(0, 101));
	ck_assert_uint_eq(example_sum(200000), reference_sum(0, 200000));
	ck_assert_uint_eq(example_sum(500000), reference_sum(0, 500000));
	ck_assert_uint_eq(example_sum(2000000) - example_sum(1000000),
	                  reference_sum(1000000, 1000000));
	ck_assert_uint_eq(example_sum(5000000) - example_sum(2000000),
	                  reference_sum(2000000, 3000000));
}
END_TEST

START_TEST(serial_example)
{
	struct example e = run("runs_workers", (struct example){ .n = 100 });
	ck_assert(verdict_open(&verdict));
	ck_assert_uint_eq(e.sum, 2806);
	ck_assert_uint_eq(e.done, 100);
	ck_assert(e.seconds > 0);
}
END_TEST

/* However they are divided, each seed is added once; more than one block each. */
START_TEST(parallel_example)
{
	static const int workers[] = { 1, 2, 3, 7 };
	for (size_t i = 0; i < sizeof workers / sizeof *workers; i++) {
		struct example e = run("runs_workers", (struct example){ .n = 70001, .workers = workers[i] });
		ck_assert_msg(verdict_open(&verdict), "%s", verdict.message);
		ck_assert_uint_eq(e.sum, reference_sum(0, 70001));
		ck_assert_uint_eq(e.done, 70001);
	}
}
END_TEST

START_TEST(more_workers_than_numbers)
{
	struct example e = run("runs_workers", (struct example){ .n = 3, .workers = 20 });
	ck_assert(verdict_open(&verdict));
	ck_assert_uint_eq(e.sum, reference_sum(0, 3));
}
END_TEST

START_TEST(map_of_ones_own)
{
	struct example e = run("maps_wrongly", (struct example){ .n = 100, .own_map = true });
	ck_assert(verdict_open(&verdict));
	ck_assert_uint_eq(e.sum, 100); /* the plug-in's squares are all 1 */
	e = run("maps_wrongly", (struct example){ .n = 100 });
	ck_assert_uint_eq(e.sum, 2806);
}
END_TEST

/* The pool takes the task of one's own, too. */
START_TEST(example_in_a_pool)
{
	struct example e = { .n = 100, .workers = 3, .map = "pool_map", .pool = true };
	ck_assert_uint_eq(run("maps_in_a_pool", e).sum, 2806);
	ck_assert_msg(verdict_open(&verdict), "%s", verdict.message);
	e.own_map = true;
	e = run("maps_in_a_pool", e);
	ck_assert_msg(verdict_open(&verdict), "%s", verdict.message);
	ck_assert_uint_eq(e.sum, 200);
	ck_assert(e.seconds > 0);
	run("maps_in_a_pool", (struct example){ .n = 9, .workers = 2, .map = "pool_map", .pool = true });
	ck_assert_int_eq(verdict.diagnosis, UNEXPECTED_ERROR); /* pool_create wants 3 */
	ck_assert_ptr_nonnull(strstr(verdict.message, "EINVAL"));
	run("maps_in_a_pool", (struct example){ .n = 7, .workers = 3, .map = "pool_map", .pool = true });
	ck_assert_ptr_nonnull(strstr(verdict.message, "EBUSY")); /* of pool_close */
}
END_TEST

START_TEST(example_that_is_not_started)
{
	run("runs_no_workers", (struct example){ .n = 10, .workers = 2 });
	ck_assert_int_eq(verdict.kind, VERDICT_NOT_STARTED);
	ck_assert_ptr_nonnull(strstr(verdict.message, "run_workers"));
	run("runs_no_workers", (struct example){ .n = 10, .own_map = true });
	ck_assert_int_eq(verdict.kind, VERDICT_NOT_STARTED);
	ck_assert_ptr_nonnull(strstr(verdict.message, "serial_map"));
}
END_TEST

START_TEST(example_that_fails)
{
	run("maps_wrongly", (struct example){ .n = 10, .workers = 2 });
	ck_assert_int_eq(verdict.diagnosis, WRONG_RESULT);
	ck_assert_ptr_nonnull(strstr(verdict.message, "run_workers returned 1."));
	run("returns_42", (struct example){ .n = 10, .workers = 2 });
	ck_assert_int_eq(verdict.diagnosis, DOES_NOT_COMPILE);
}
END_TEST

/* --- the starter -------------------------------------------------------------- */

/* Runs in a folder of its own, laid out like the kit. */
static void shell(const char *command)
{
	char output[500];
	char *argv[] = { "sh", "-ec", (char *)command, NULL };
	ck_assert_msg(command_run(argv, output, sizeof output) == 0, "%s: %s", command, output);
}

static int reset(const char *lab, bool given)
{
	struct options options = { .lab_given = given, .labs = { .count = 1 }, .kit = { .count = 1 } };
	strcpy(options.labs.name[0], lab);
	strcpy(options.kit.name[0], "01_serial");
	fflush(NULL);
	return command_reset(&options);
}

static void make_kit(void)
{
	ck_assert_int_eq(chdir(plugins_folder), 0);
	shell("rm -rf labs; mkdir -p labs/01_serial labs/.starter/01_serial labs/02_fork;"
	      "echo starter >labs/.starter/01_serial/serial.c;"
	      "echo contract | tee labs/01_serial/serial.h >labs/.starter/01_serial/serial.h");
	if (freopen("/dev/null", "w", stdout) == NULL)
		ck_abort_msg("no /dev/null");
}

START_TEST(reset_keeps_the_old_file)
{
	make_kit();
	shell("echo mine >labs/01_serial/serial.c; echo other >labs/01_serial/other.c");
	ck_assert_int_eq(reset("01_serial", true), 0);
	shell("test $(cat labs/01_serial/serial.c) = starter");
	shell("test $(cat labs/01_serial/serial.c.[0-9]*) = mine");
	shell("test $(cat labs/01_serial/other.c) = other");
	shell("test $(ls labs/01_serial | wc -l) = 4");
}
END_TEST

START_TEST(reset_of_the_starter)
{
	make_kit();
	shell("cp labs/.starter/01_serial/serial.c labs/01_serial/");
	ck_assert_int_eq(reset("01_serial", true), 0);
	shell("test $(ls labs/01_serial | wc -l) = 2");
}
END_TEST

START_TEST(reset_brings_the_header_back)
{
	make_kit();
	shell("cp labs/.starter/01_serial/serial.c labs/01_serial/; echo mine >labs/01_serial/serial.h");
	ck_assert_int_eq(reset("01_serial", true), 0);
	shell("test $(cat labs/01_serial/serial.h) = contract");
	shell("test $(cat labs/01_serial/serial.h.[0-9]*) = mine");
}
END_TEST

START_TEST(reset_of_a_missing_file)
{
	make_kit();
	ck_assert_int_eq(reset("01_serial", true), 0);
	shell("test $(cat labs/01_serial/serial.c) = starter");
	shell("test $(ls labs/01_serial | wc -l) = 2");
}
END_TEST

START_TEST(reset_that_cannot_write)
{
	make_kit();
	shell("rm -r labs/01_serial; echo file >labs/01_serial");
	ck_assert_int_eq(reset("01_serial", true), 2);
	shell("test $(cat labs/01_serial) = file");
}
END_TEST

/* Its end is the program's: in a child. */
static int status_of_reset(const char *lab, bool given)
{
	int status;
	pid_t pid = fork();
	if (pid == 0)
		_exit(freopen("/dev/null", "w", stderr) == NULL ? 99 : reset(lab, given));
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

START_TEST(reset_needs_one_lab)
{
	make_kit();
	ck_assert_int_eq(status_of_reset("01_serial", false), 2);
	ck_assert_int_eq(status_of_reset("02_fork", true), 2);
}
END_TEST

int main(void)
{
	TCase *t = plugins_case("example");
	tcase_add_test(t, sums_that_are_known);
	tcase_add_test(t, serial_example);
	tcase_add_test(t, parallel_example);
	tcase_add_test(t, more_workers_than_numbers);
	tcase_add_test(t, map_of_ones_own);
	tcase_add_test(t, example_in_a_pool);
	tcase_add_test(t, example_that_is_not_started);
	tcase_add_test(t, example_that_fails);
	tcase_add_test(t, reset_keeps_the_old_file);
	tcase_add_test(t, reset_of_the_starter);
	tcase_add_test(t, reset_brings_the_header_back);
	tcase_add_test(t, reset_of_a_missing_file);
	tcase_add_test(t, reset_that_cannot_write);
	tcase_add_test(t, reset_needs_one_lab);
	return run_case("grade: example", t);
}
