/* The grader's command line: what is accepted, and the one line that says why
 * something is not.
 *
 * Each command line is read in a child, because reading it may end the program.
 */
#define _GNU_SOURCE
#include <check.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "options.h"
#include "shared.h"

enum { TEST_SECONDS = 120, ARGUMENTS = 8 };

static char folder[] = "/tmp/crossover-unit-XXXXXX";
static struct options *options; /* as the child has read them */
static char said[2000];         /* what it printed on standard error */

static void make_folder(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_folder(void)
{
	char *argv[] = { "rm", "-rf", folder, NULL };
	ck_assert_int_eq(command_run(argv, said, sizeof said), 0);
}

static void setup(void)
{
	char *argv[] = { "sh", "-ec", "for lab in 01_serial 02_fork; do "
		             "mkdir -p labs/.starter/$lab labs/$lab; done; "
		             "mkdir -p build some/02_fork none; touch labs/01_serial/serial.c "
		             "labs/02_fork/x.c some/02_fork/x.c", NULL };
	ck_assert_int_eq(chdir(folder), 0);
	ck_assert_int_eq(command_run(argv, said, sizeof said), 0);
	options = shared_alloc(sizeof *options);
}

/* --- reading ------------------------------------------------------------------ */

/* Reads one argument, or more with blanks between them. Returns the status. */
static int status_of(const char *arguments)
{
	char copy[1200], *rest = copy, *argv[ARGUMENTS] = { "check" };
	int ends[2], status, count = 1;
	snprintf(copy, sizeof copy, "%s", arguments);
	for (char *word; (word = strsep(&rest, " ")) != NULL && count < ARGUMENTS - 1;)
		if (word[0] != '\0')
			argv[count++] = word;
	ck_assert_int_eq(pipe(ends), 0);
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDERR_FILENO);
		options_read(count, argv, options);
		_exit(0);
	}
	close(ends[1]);
	size_t used = 0;
	for (ssize_t got; (got = read(ends[0], said + used, sizeof said - 1 - used)) > 0;)
		used += (size_t)got;
	said[used] = '\0';
	close(ends[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Pointers of the child's would be of no use here; these are told in words. */
static void expect_accepted(const char *arguments)
{
	int status = status_of(arguments);
	ck_assert_msg(status == 0 && said[0] == '\0', "%s: %d %s", arguments, status, said);
}

/* Status 2 and one line, which says this. */
static void expect_refused(const char *arguments, const char *part)
{
	int status = status_of(arguments);
	ck_assert_msg(status == 2, "%s: status %d, %s", arguments, status, said);
	ck_assert_msg(strncmp(said, "crossover: ", 11) == 0, "%s", said);
	ck_assert_msg(strchr(said, '\n') == said + strlen(said) - 1, "not one line: %s", said);
	ck_assert_msg(strstr(said, part) != NULL, "\"%s\" not in: %s", part, said);
}

static void expect_labs(const char *first, const char *second)
{
	ck_assert_int_eq(options->labs.count, second == NULL ? 1 : 2);
	ck_assert_str_eq(options->labs.name[0], first);
	if (second != NULL)
		ck_assert_str_eq(options->labs.name[1], second);
}

/* --- accepted ----------------------------------------------------------------- */

START_TEST(defaults)
{
	cpu_set_t set;
	ck_assert_int_eq(sched_getaffinity(0, sizeof set, &set), 0);
	expect_accepted("");
	expect_labs("01_serial", "02_fork");
	ck_assert_int_eq(options->kit.count, 2);
	ck_assert(!options->lab_given);
	ck_assert_ptr_null(options->test);
	ck_assert_uint_eq(options->n, 10000000);
	ck_assert_int_eq(options->workers, CPU_COUNT(&set));
}
END_TEST

/* Make hands all of them on, whether they were given or not. */
START_TEST(empty_options_are_not_given)
{
	expect_accepted("--impl= --lab= --test= --seed= --record= --n=");
	expect_labs("01_serial", "02_fork");
	ck_assert(!options->lab_given);
	ck_assert_ptr_null(options->test);
	ck_assert_uint_eq(options->n, 10000000);
}
END_TEST

START_TEST(seeds)
{
	expect_accepted("");
	uint32_t seed = options->seed;
	for (int i = 0; i < 5 && options->seed == seed; i++)
		expect_accepted("");
	ck_assert_uint_ne(options->seed, seed); /* one in 2^160 by chance */
	expect_accepted("--seed=0");
	ck_assert_uint_eq(options->seed, 0);
	expect_accepted("--seed=4294967295");
	ck_assert_uint_eq(options->seed, UINT32_MAX);
}
END_TEST

START_TEST(numbers)
{
	expect_accepted("--n=1 --workers=1");
	ck_assert_uint_eq(options->n, 1);
	ck_assert_int_eq(options->workers, 1);
	expect_accepted("--n=4294967296 --workers=1024");
	ck_assert_uint_eq(options->n, (uint64_t)1 << 32);
	ck_assert_int_eq(options->workers, 1024);
}
END_TEST

START_TEST(plots)
{
	expect_accepted("");
	ck_assert_uint_eq(options->max, 10000000);
	ck_assert_ptr_null(options->from);
	expect_accepted("--max=10 --from=");
	ck_assert_uint_eq(options->max, 10);
	ck_assert_ptr_null(options->from);
	expect_accepted("--from=some.csv");
	ck_assert_ptr_nonnull(options->from);
	expect_refused("--max=9", "MAX=9: expected a whole number from 10 to 10000000");
	expect_refused("--max=10000001", "MAX=10000001: expected");
	expect_refused("--max=1e6", "MAX=1e6: expected");
}
END_TEST

START_TEST(lists_of_labs)
{
	expect_accepted("--lab=02");
	expect_labs("02_fork", NULL);
	ck_assert(options->lab_given);
	expect_accepted("--lab=2,01_serial");
	expect_labs("02_fork", "01_serial");
	expect_accepted("--lab=02,,02,2,fork,");
	expect_labs("02_fork", NULL);
}
END_TEST

START_TEST(implementations)
{
	expect_accepted("--impl=some");
	expect_labs("02_fork", NULL);
	expect_accepted("--impl=some///");
	expect_labs("02_fork", NULL);
	expect_accepted("--impl=some/02_fork/x.c");
	expect_labs("02_fork", NULL);
}
END_TEST

START_TEST(records)
{
	expect_accepted("--record=here.json");
	expect_accepted("--record=build/other.json");
}
END_TEST

/* --- refused ------------------------------------------------------------------ */

START_TEST(unknown_options)
{
	const char *const arguments[] = { "--no", "-x", "--impl", "--lab" };
	for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++) {
		status_of(arguments[i]);
		ck_assert_ptr_nonnull(strstr(said, "crossover: expected --impl= --lab="));
	}
	expect_refused("word", "word: expected an option");
	expect_refused("--seed=1 word", "word: expected an option");
}
END_TEST

START_TEST(wrong_implementations)
{
	expect_refused("--impl=nowhere", "IMPL=nowhere: there is no such folder or file");
	expect_refused("--impl=none", "IMPL=none: no lab in it; expected none/NN_name/*.c");
	expect_refused("--impl=none//", "IMPL=none: no lab in it; expected none/NN_name/*.c");
	expect_refused("--impl=labs/01_serial", "IMPL=labs/01_serial: no lab in it");
}
END_TEST

START_TEST(wrong_labs)
{
	expect_refused("--lab=99", "LAB=99: no such lab; there are 01_serial, 02_fork\n");
	expect_refused("--lab=02,x", "LAB=x: no such lab");
	expect_refused("--lab=2x", "LAB=2x: no such lab");
	expect_refused("--impl=some --lab=01", "LAB=01: there is no some/01_serial");
	expect_refused("--lab=,", "LAB=,: names no lab");
}
END_TEST

START_TEST(wrong_numbers)
{
	static const char *const wrong[] = { "x", "-1", "+1", "1x", "1.5", "0x10", "1e6",
		                                 "99999999999999999999999" };
	char argument[64];
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		snprintf(argument, sizeof argument, "--n=%s", wrong[i]);
		expect_refused(argument, "expected a whole number from 1 to 4294967296");
		snprintf(argument, sizeof argument, "--seed=%s", wrong[i]);
		expect_refused(argument, "expected a whole number from 0 to 4294967295");
	}
	expect_refused("--n=0", "N=0:");
	expect_refused("--n=4294967297", "N=4294967297:");
	expect_refused("--seed=4294967296", "SEED=4294967296:");
	expect_refused("--workers=0", "WORKERS=0: expected a whole number from 1 to 1024");
	expect_refused("--workers=1025", "WORKERS=1025:");
}
END_TEST

START_TEST(wrong_records)
{
	expect_refused("--record=nowhere/r.json", "RECORD=nowhere/r.json: cannot write there");
	expect_refused("--record=build", "RECORD=build: that is a folder");
}
END_TEST

START_TEST(no_kit_here)
{
	ck_assert_int_eq(chdir("/"), 0);
	expect_refused("", "there is no folder labs/ here");
	ck_assert_int_eq(chdir(folder), 0);
	ck_assert_int_eq(chdir("build"), 0);
	expect_refused("", "there is no folder labs/ here");
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("grade: options");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_unchecked_fixture(t, make_folder, remove_folder);
	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, defaults);
	tcase_add_test(t, empty_options_are_not_given);
	tcase_add_test(t, seeds);
	tcase_add_test(t, numbers);
	tcase_add_test(t, plots);
	tcase_add_test(t, lists_of_labs);
	tcase_add_test(t, implementations);
	tcase_add_test(t, records);
	tcase_add_test(t, unknown_options);
	tcase_add_test(t, wrong_implementations);
	tcase_add_test(t, wrong_labs);
	tcase_add_test(t, wrong_numbers);
	tcase_add_test(t, wrong_records);
	tcase_add_test(t, no_kit_here);
	Suite *suite = suite_create("grade: options");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
