/* The ledger: it outlives whoever writes it.
 *
 * With an argument this program is the check program that inherits a ledger: it
 * writes one row, which the tests then read.
 */
#define _GNU_SOURCE
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger.h"

enum { TEST_SECONDS = 120 };

static struct ledger *ledger; /* of the test alone, with no row yet */

static void setup(void)
{
	ledger = ledger_open(-1);
	ck_assert_ptr_nonnull(ledger);
}

static void teardown(void)
{
	ledger_close(ledger, -1);
}

static int write_row(int fd)
{
	struct ledger *inherited = ledger_open(fd);
	if (inherited == NULL)
		return 1;
	strcpy(inherited->row[0].name, "written_elsewhere");
	inherited->row[0].state = ROW_DONE;
	inherited->rows = 1;
	raise(SIGKILL); /* what is written is written */
	return 0;
}

START_TEST(ledger_outlives_its_writer)
{
	int fd, status;
	char number[16];
	struct ledger *own = ledger_create(&fd);
	ck_assert_ptr_nonnull(own);
	ck_assert_int_eq(own->rows, 0);
	snprintf(number, sizeof number, "%d", fd);
	pid_t pid = fork();
	if (pid == 0) {
		execl("/proc/self/exe", "report", number, (char *)NULL);
		_exit(127);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(own->rows, 1);
	ck_assert_str_eq(own->row[0].name, "written_elsewhere");
	ledger_close(own, fd);
	ck_assert_int_eq(close(fd), -1);
}
END_TEST

START_TEST(private_ledger)
{
	ck_assert_int_eq(ledger->rows, 0);
	ledger->rows = 2;
	ck_assert_int_eq(ledger->row[LEDGER_ROWS - 1].points, 0);
}
END_TEST

START_TEST(no_such_ledger)
{
	ck_assert_ptr_null(ledger_open(12345));
}
END_TEST

START_TEST(rows_by_name)
{
	ledger->rows = 2;
	strcpy(ledger->row[0].name, "first");
	strcpy(ledger->row[1].name, "second");
	strcpy(ledger->row[2].name, "beyond");
	ck_assert_ptr_eq(ledger_find(ledger, "first"), &ledger->row[0]);
	ck_assert_ptr_eq(ledger_find(ledger, "second"), &ledger->row[1]);
	ck_assert_ptr_null(ledger_find(ledger, "beyond"));
	ck_assert_ptr_null(ledger_find(ledger, "sec"));
}
END_TEST

int main(int argc, char *argv[])
{
	if (argc > 1)
		return write_row(atoi(argv[1]));
	TCase *t = tcase_create("report: ledger");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, ledger_outlives_its_writer);
	tcase_add_test(t, private_ledger);
	tcase_add_test(t, no_such_ledger);
	tcase_add_test(t, rows_by_name);
	Suite *suite = suite_create("report: ledger");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
