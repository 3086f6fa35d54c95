/* Check programs as the grader runs them, also when they or the grader die.
 *
 * With arguments this program is such a check program: the tests put links to it
 * where the grader looks for one, and the environment says what it shall do.
 */
#define _GNU_SOURCE
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "ledger.h"
#include "program.h"
#include "shared.h"
#include "tree.h"

enum { TEST_SECONDS = 120, LOOKS = 20000 };

static char folder[] = "/tmp/crossover-unit-XXXXXX";

/* --- the check program -------------------------------------------------------- */

static void leave_sleeper(struct ledger *ledger)
{
	pid_t pid = fork();
	if (pid == 0) {
		setsid();
		for (;;)
			pause();
	}
	ledger->row[0].points = (int)pid;
}

static void sleep_for_ever(struct ledger *ledger)
{
	leave_sleeper(ledger);
	ledger->row[1].points = (int)getpid();
	ledger->row[0].state = ROW_RUNNING;
	for (;;)
		pause();
}

static int fake_program(int argc, char *argv[])
{
	const char *deed = getenv("UNIT_DEED");
	struct ledger *ledger = ledger_open(atoi(strchr(argv[1], '=') + 1));
	char byte;
	ledger->rows = 1;
	for (int i = 1; i < argc; i++) {
		size_t used = strlen(ledger->row[0].output);
		snprintf(ledger->row[0].output + used, LEDGER_OUTPUT - used, "%s ", argv[i]);
	}
	ledger->row[0].seconds = (double)read(STDIN_FILENO, &byte, 1);
	if (strcmp(deed, "kill") == 0)
		raise(SIGKILL);
	if (strcmp(deed, "leave") == 0)
		leave_sleeper(ledger);
	if (strcmp(deed, "sleep") == 0)
		sleep_for_ever(ledger);
	return atoi(deed); /* or the status that it names */
}

/* --- fixtures ----------------------------------------------------------------- */

static void make_folder(void)
{
	char path[100], program[1000] = "";
	ck_assert_ptr_nonnull(mkdtemp(folder));
	setenv("CROSSOVER_BUILD", folder, 1);
	snprintf(path, sizeof path, "mkdir %s/check", folder);
	ck_assert_int_eq(system(path), 0);
	ck_assert_int_gt(readlink("/proc/self/exe", program, sizeof program - 1), 0);
	snprintf(path, sizeof path, "%s/check/99_unit", folder);
	ck_assert_int_eq(symlink(program, path), 0);
}

static void remove_folder(void)
{
	char output[200];
	char *argv[] = { "rm", "-rf", folder, NULL };
	ck_assert_int_eq(command_run(argv, output, sizeof output), 0);
}

static struct ledger *ledger;
static int fd;

static void setup(void)
{
	ledger = ledger_create(&fd);
	ck_assert_ptr_nonnull(ledger);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

static void teardown(void)
{
	ledger_close(ledger, fd);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}

static void grade(const char *deed)
{
	setenv("UNIT_DEED", deed, 1);
	program_grade("99_unit", ledger, fd, "plugin.so", "a_test", 4711);
}

/* --- it runs ------------------------------------------------------------------ */

START_TEST(rows_are_listed)
{
	char expected[100];
	setenv("UNIT_DEED", "0", 1);
	ck_assert_int_eq(program_list("99_unit", ledger, fd), 0);
	ck_assert_int_eq(ledger->rows, 1);
	snprintf(expected, sizeof expected, "--ledger=%d --list ", fd);
	ck_assert_str_eq(ledger->row[0].output, expected);
	setenv("UNIT_DEED", "1", 1);
	ck_assert_int_eq(program_list("99_unit", ledger, fd), -1);
}
END_TEST

START_TEST(missing_program)
{
	ck_assert_int_eq(program_list("98_missing", ledger, fd), -1);
	ck_assert_int_eq(ledger->rows, 0);
}
END_TEST

START_TEST(arguments)
{
	char expected[200];
	grade("0");
	snprintf(expected, sizeof expected,
	         "--ledger=%d --seed=4711 --plugin=plugin.so --test=a_test ", fd);
	ck_assert_str_eq(ledger->row[0].output, expected);
	ck_assert_str_eq(ledger->trouble, "");
	ck_assert(ledger->row[0].seconds == 0); /* nothing to read */
}
END_TEST

START_TEST(all_tests)
{
	char expected[200];
	setenv("UNIT_DEED", "0", 1);
	program_grade("99_unit", ledger, fd, "plugin.so", NULL, 0);
	snprintf(expected, sizeof expected, "--ledger=%d --seed=0 --plugin=plugin.so ", fd);
	ck_assert_str_eq(ledger->row[0].output, expected);
}
END_TEST

/* That tests failed is no trouble. */
START_TEST(statuses)
{
	grade("1");
	ck_assert_str_eq(ledger->trouble, "");
	grade("2");
	ck_assert_str_eq(ledger->trouble, "The check program could not run (status 2).");
}
END_TEST

START_TEST(killed_program)
{
	grade("kill");
	ck_assert_str_eq(ledger->trouble, "The check program was killed by signal 9.");
}
END_TEST

START_TEST(first_trouble_stands)
{
	strcpy(ledger->trouble, "known");
	grade("kill");
	ck_assert_str_eq(ledger->trouble, "known");
}
END_TEST

/* --- nothing is left ---------------------------------------------------------- */

START_TEST(leftovers_are_ended)
{
	struct process p;
	grade("leave");
	ck_assert_int_gt(ledger->row[0].points, 0);
	ck_assert(!tree_read(ledger->row[0].points, &p));
}
END_TEST

/* Waits until the process is gone, or a zombie that somebody else must reap. */
static void expect_gone(pid_t pid)
{
	struct process p;
	bool there = true;
	for (int look = 0; look < LOOKS && there; look++) {
		there = tree_read(pid, &p) && process_alive(&p);
		nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
	}
	ck_assert(!there);
}

/* Starts a grader and sends it this signal in the middle of its work. Returns its
 * wait status. */
static int interrupt_grader(int number)
{
	int status;
	fflush(NULL);
	pid_t grader = fork();
	if (grader == 0) {
		FILE *null = freopen("/dev/null", "w", stderr);
		signal(SIGTERM, SIG_DFL);
		signal(SIGINT, SIG_DFL);
		program_handle_signals();
		grade("sleep");
		_exit(null == NULL ? 98 : 99);
	}
	for (int look = 0; look < LOOKS && ledger->row[0].state != ROW_RUNNING; look++)
		nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
	ck_assert_int_eq(ledger->row[0].state, ROW_RUNNING);
	kill(grader, number);
	ck_assert_int_eq(waitpid(grader, &status, 0), grader);
	return status;
}

/* It ends the check program and what that has left, and then dies of the signal. */
START_TEST(interrupted_grader)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		ledger->row[0].state = ROW_NOT_RUN;
		int status = interrupt_grader(numbers[i]);
		struct process p;
		ck_assert(WIFSIGNALED(status));
		ck_assert_int_eq(WTERMSIG(status), numbers[i]);
		ck_assert(!tree_read(ledger->row[0].points, &p));
		ck_assert(!tree_read(ledger->row[1].points, &p));
	}
}
END_TEST

/* It can end nothing more; but its check program ends by itself. */
START_TEST(killed_grader)
{
	ck_assert(WIFSIGNALED(interrupt_grader(SIGKILL)));
	expect_gone(ledger->row[1].points);
	ck_assert_int_eq(tree_end(), 0); /* the sleeper, a supervisor's affair */
}
END_TEST

START_TEST(no_signal_no_stop)
{
	program_handle_signals();
	program_stop_if_told();
}
END_TEST

START_TEST(stopped_by_its_signal)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		int status;
		pid_t pid = fork();
		if (pid == 0) {
			FILE *null = freopen("/dev/null", "w", stderr);
			program_handle_signals();
			raise(numbers[i]);
			program_stop_if_told();
			_exit(null == NULL);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(WIFSIGNALED(status));
		ck_assert_int_eq(WTERMSIG(status), numbers[i]);
	}
}
END_TEST

int main(int argc, char *argv[])
{
	if (argc > 1)
		return fake_program(argc, argv);
	TCase *t = tcase_create("program");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_unchecked_fixture(t, make_folder, remove_folder);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, rows_are_listed);
	tcase_add_test(t, missing_program);
	tcase_add_test(t, arguments);
	tcase_add_test(t, all_tests);
	tcase_add_test(t, statuses);
	tcase_add_test(t, killed_program);
	tcase_add_test(t, first_trouble_stands);
	tcase_add_test(t, leftovers_are_ended);
	tcase_add_test(t, interrupted_grader);
	tcase_add_test(t, killed_grader);
	tcase_add_test(t, no_signal_no_stop);
	tcase_add_test(t, stopped_by_its_signal);
	Suite *suite = suite_create("grade: program");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
