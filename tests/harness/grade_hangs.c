/* Several rows that hang: the first is told in full, the others briefly and sooner,
 * and each has its table.
 *
 * With arguments this program is a check program with the rows below.
 */
#include "plugins/call_a_plugin.c"

#include "judge.h"
#include "ledger.h"
#include "plugins/deadlocks.h"
#include "suite.h"

static void hang(struct test *t, int how, double seconds)
{
	struct call call = { .body = call_act, .arg = shared_number(how) };
	test_call(t, &call);
	judge_ending(&t->verdict, &call, &t->outcome);
	snprintf(t->outcome.output, sizeof t->outcome.output, "%s",
	         call.limits.wall_seconds == seconds ? "" : "another limit");
}

static void hang_first(struct test *t)
{
	hang(t, END_IN_CALLER, 0);
}

static void hang_again(struct test *t)
{
	hang(t, END_IN_CALLER, 0.5);
}

static void hang_otherwise(struct test *t)
{
	hang(t, FULL_BEFORE_WAIT, 0.5);
}

static void fail_always(struct test *t)
{
	verdict_fail(&t->verdict, ZOMBIE, "step", "message. And more.");
}

static const struct suite_row rows[] = {
	{ fail_always, "fails", "", 1, "", NULL },
	{ hang_first, "first", "", 1, "", NULL },
	{ hang_again, "again", "", 1, "", NULL },
	{ hang_otherwise, "otherwise", "", 1, "", NULL },
	{ hang_again, "third", "", 1, "", NULL },
	{ fail_always, "fails_too", "", 1, "", NULL },
};

enum { ROWS = sizeof rows / sizeof *rows };

static struct ledger *ledger;

static void run(const char *test)
{
	char plugin[200], ledger_option[32], said[4000];
	int fd;
	ledger = ledger_create(&fd);
	ck_assert_ptr_nonnull(ledger);
	snprintf(plugin, sizeof plugin, "--plugin=%s", plugin_build("deadlocks_of_pipes"));
	snprintf(ledger_option, sizeof ledger_option, "--ledger=%d", fd);
	char *argv[] = { "/proc/self/exe", ledger_option, plugin, (char *)test, NULL };
	ck_assert_int_eq(command_run(argv, said, sizeof said), 1);
	ck_assert_str_eq(ledger->trouble, "");
}

static const struct ledger_row *row(const char *name)
{
	const struct ledger_row *found = ledger_find(ledger, name);
	ck_assert_ptr_nonnull(found);
	ck_assert_int_eq(found->verdict.kind, VERDICT_FAILED);
	ck_assert_str_eq(found->output, ""); /* its time limit was as expected */
	return found;
}

START_TEST(first_hang_is_told_in_full)
{
	run(NULL);
	ck_assert_int_eq(row("first")->verdict.diagnosis, PIPE_DEADLOCK);
	ck_assert_ptr_nonnull(strstr(row("first")->verdict.message, "so end-of-file never comes"));
	ck_assert_int_eq(row("first")->processes.count, 2);
	ck_assert_str_eq(row("first")->processes.row[0].who, "caller");
	ck_assert_str_eq(row("first")->processes.row[0].waits_for,
	                 "data from pipe A, whose write end is open in the caller");
	ck_assert_str_eq(row("first")->processes.row[1].state, "ended");
}
END_TEST

START_TEST(same_hang_is_told_briefly)
{
	run(NULL);
	static const char *const names[] = { "again", "third" };
	for (int i = 0; i < 2; i++) {
		ck_assert_str_eq(row(names[i])->verdict.message,
		                 "As in first: the caller is blocked reading pipe A.");
		ck_assert_str_eq(row(names[i])->verdict.next_step, "Mend first before this one.");
		ck_assert_int_eq(row(names[i])->processes.count, 2);
	}
}
END_TEST

START_TEST(another_hang_is_told_in_full)
{
	run(NULL);
	ck_assert_ptr_nonnull(strstr(row("otherwise")->verdict.message, "which is full"));
	ck_assert_ptr_nonnull(strstr(row("otherwise")->verdict.next_step, "Read everything before"));
}
END_TEST

START_TEST(other_failures_stay_as_they_are)
{
	run(NULL);
	ck_assert_str_eq(row("fails_too")->verdict.message, "message. And more.");
	ck_assert_int_eq(row("fails")->processes.count, 0);
	ck_assert_int_eq(row("fails_too")->processes.count, 0);
}
END_TEST

START_TEST(one_hang_alone_is_told_in_full)
{
	run("--test=first");
	ck_assert_ptr_nonnull(strstr(row("first")->verdict.message, "so end-of-file never comes"));
}
END_TEST

int main(int argc, char *argv[])
{
	if (argc > 1)
		return suite_main(argc, argv, "99_unit", rows, ROWS);
	TCase *t = plugins_case("hangs");
	tcase_add_test(t, first_hang_is_told_in_full);
	tcase_add_test(t, same_hang_is_told_briefly);
	tcase_add_test(t, another_hang_is_told_in_full);
	tcase_add_test(t, other_failures_stay_as_they_are);
	tcase_add_test(t, one_hang_alone_is_told_in_full);
	return run_case("grade: hangs", t);
}
