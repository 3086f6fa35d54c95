/* What a check program is made of: rows, needs, the ledger, and what Check sees.
 *
 * With arguments this program is a check program with the rows below. The tests
 * run it and read its ledger.
 */
#include "plugins/call_a_plugin.c"

#include <signal.h>

#include "ledger.h"
#include "suite.h"

/* --- the check program -------------------------------------------------------- */

static void pass_always(struct test *t)
{
	(void)t;
}

static void fail_always(struct test *t)
{
	verdict_fail(&t->verdict, ZOMBIE, "step", "seed %u", t->seed);
}

static void not_start(struct test *t)
{
	verdict_set(&t->verdict, VERDICT_NOT_STARTED, "f is not written yet.");
}

static void not_measure(struct test *t)
{
	verdict_set(&t->verdict, VERDICT_NOT_MEASURED, "One CPU.");
}

static void call_plugin_of(struct test *t)
{
	struct call call = { .body = call_act };
	test_call(t, &call);
	if (t->outcome.ending != ENDING_RETURNED || call.plugin != t->plugin)
		verdict_fail(&t->verdict, CRASH, "step", "%s", outcome_text(&t->outcome));
}

/* In the caller: the ledger must not be there. */
static void look_for_ledger(void *arg)
{
	static struct mapping_list mappings;
	(void)arg;
	snapshot_mappings(getpid(), &mappings);
	long found = 0;
	for (int i = 0; i < mappings.count; i++)
		found += strstr(mappings.mapping[i].what, "ledger") != NULL;
	call_begin();
	call_end(mappings.count > 0 ? found : -1);
}

static void hide(struct test *t)
{
	struct call call = { .body = look_for_ledger };
	test_call(t, &call);
	if (t->outcome.ending != ENDING_RETURNED || t->outcome.value != 0)
		verdict_fail(&t->verdict, CRASH, "step", "%s", outcome_text(&t->outcome));
}

/* What no test should do. */
static void misbehave(struct test *t)
{
	const char *deed = getenv("UNIT_DEED");
	if (deed != NULL && strcmp(deed, "die") == 0)
		raise(SIGKILL);
	if (deed != NULL && strcmp(deed, "exit") == 0)
		exit(0);
	(void)t;
}

static const struct suite_row rows[] = {
	{ pass_always, "passes", "correctness", 10, "passes always", NULL },
	{ fail_always, "fails", "processes", 20, "fails always", NULL },
	{ pass_always, "after_both", "", 1, "", "passes fails" },
	{ pass_always, "after_blocked", "", 1, "", "after_both" },
	{ pass_always, "after_passes", "", 1, "", " passes " },
	{ not_start, "not_started", "", 1, "", NULL },
	{ fail_always, "after_not_started", "", 1, "", "not_started" },
	{ not_measure, "not_measured", "", 1, "", NULL },
	{ pass_always, "after_unknown", "", 1, "", "no_such_row" },
	{ call_plugin_of, "calls", "", 1, "", NULL },
	{ hide, "hides", "", 1, "", NULL },
	{ misbehave, "misbehaves", "", 1, "", NULL },
};

enum { ROWS = sizeof rows / sizeof *rows };

/* --- running it --------------------------------------------------------------- */

static struct ledger *ledger; /* of the latest run */
static char said[4000];       /* and what it printed */

/* Runs it with these options, "" for none, besides the ledger. Returns its status. */
static int run(const char *option, const char *other)
{
	static int fd = -1;
	char ledger_option[32];
	if (ledger != NULL)
		ledger_close(ledger, fd);
	ledger = ledger_create(&fd);
	ck_assert_ptr_nonnull(ledger);
	snprintf(ledger_option, sizeof ledger_option, "--ledger=%d", fd);
	char *argv[] = { "/proc/self/exe", ledger_option, (char *)option, (char *)other, NULL };
	argv[2] = option[0] == '\0' ? NULL : argv[2];
	argv[3] = other[0] == '\0' ? NULL : argv[3];
	return command_run(argv, said, sizeof said);
}

static const char *plugin_option(const char *name)
{
	static char option[200];
	snprintf(option, sizeof option, "--plugin=%s", plugin_build(name));
	return option;
}

static void expect_row(const char *name, enum verdict_kind kind, const char *message)
{
	const struct ledger_row *row = ledger_find(ledger, name);
	ck_assert_msg(row != NULL, "no row %s", name);
	ck_assert_msg(row->state == ROW_DONE, "%s: state %d", name, row->state);
	ck_assert_msg(row->verdict.kind == kind, "%s: %s", name, verdict_name(row->verdict.kind));
	ck_assert_str_eq(row->verdict.message, message);
}

/* --- tests -------------------------------------------------------------------- */

START_TEST(rows_are_listed)
{
	ck_assert_int_eq(run("--list", ""), 0);
	ck_assert_int_eq(ledger->rows, ROWS);
	ck_assert_str_eq(ledger->row[1].name, "fails");
	ck_assert_str_eq(ledger->row[1].category, "processes");
	ck_assert_str_eq(ledger->row[1].about, "fails always");
	ck_assert_int_eq(ledger->row[1].points, 20);
	ck_assert_str_eq(ledger->row[2].needs, "passes fails");
	for (int i = 0; i < ROWS; i++)
		ck_assert_int_eq(ledger->row[i].state, ROW_NOT_RUN);
}
END_TEST

static void expect_all_rows(void)
{
	expect_row("passes", VERDICT_PASSED, "");
	expect_row("fails", VERDICT_FAILED, "seed 1");
	expect_row("after_both", VERDICT_BLOCKED, "Runs when fails passes.");
	expect_row("after_blocked", VERDICT_BLOCKED, "Runs when after_both passes.");
	expect_row("after_passes", VERDICT_PASSED, "");
	expect_row("not_started", VERDICT_NOT_STARTED, "f is not written yet.");
	expect_row("after_not_started", VERDICT_NOT_STARTED, "f is not written yet.");
	expect_row("not_measured", VERDICT_NOT_MEASURED, "One CPU.");
	expect_row("after_unknown", VERDICT_KIT_ERROR, "There is no test no_such_row.");
	expect_row("calls", VERDICT_PASSED, "");
	expect_row("hides", VERDICT_PASSED, "");
	expect_row("misbehaves", VERDICT_PASSED, "");
	ck_assert_str_eq(ledger->trouble, "");
}

START_TEST(all_rows)
{
	ck_assert_int_eq(run(plugin_option("prints"), ""), 1);
	expect_all_rows();
	ck_assert_str_eq(ledger_find(ledger, "calls")->output, "to the output\nto the error\n");
	ck_assert_str_eq(ledger_find(ledger, "passes")->output, "");
	for (int i = 0; i < ROWS; i++)
		ck_assert(ledger->row[i].seconds >= 0 && ledger->row[i].seconds < 1000);
}
END_TEST

/* Settings for Check that would have it run nothing, or in one process. */
START_TEST(settings_for_check)
{
	setenv("CK_FORK", "no", 1);
	setenv("CK_RUN_SUITE", "no_such_suite", 1);
	setenv("CK_RUN_CASE", "no_such_case", 1);
	setenv("CK_INCLUDE_TAGS", "none", 1);
	setenv("CK_DEFAULT_TIMEOUT", "0.001", 1);
	ck_assert_int_eq(run(plugin_option("prints"), ""), 1);
	expect_all_rows();
}
END_TEST

/* Whatever it needs, and nothing else. */
START_TEST(one_row)
{
	ck_assert_int_eq(run(plugin_option("prints"), "--test=after_both"), 0);
	expect_row("after_both", VERDICT_PASSED, "");
	for (int i = 0; i < ROWS; i++)
		if (strcmp(ledger->row[i].name, "after_both") != 0)
			ck_assert_int_eq(ledger->row[i].state, ROW_NOT_RUN);
}
END_TEST

START_TEST(statuses_of_one_row)
{
	ck_assert_int_eq(run(plugin_option("prints"), "--test=fails"), 1);
	ck_assert_int_eq(run(plugin_option("prints"), "--test=not_started"), 1);
	ck_assert_int_eq(run(plugin_option("prints"), "--test=not_measured"), 0);
	ck_assert_int_eq(run(plugin_option("prints"), "--test=passes"), 0);
}
END_TEST

START_TEST(plugin_that_crashes)
{
	ck_assert_int_eq(run(plugin_option("null_pointer"), "--test=calls"), 1);
	ck_assert_int_eq(ledger_find(ledger, "calls")->verdict.diagnosis, CRASH);
}
END_TEST

/* --- tests that do not end as they should ------------------------------------- */

START_TEST(row_that_is_killed)
{
	setenv("UNIT_DEED", "die", 1);
	ck_assert_int_eq(run(plugin_option("prints"), ""), 1);
	ck_assert_int_eq(ledger_find(ledger, "misbehaves")->state, ROW_RUNNING);
	expect_row("calls", VERDICT_PASSED, "");
}
END_TEST

/* To Check it has passed: the two do not agree, and the run is not trusted. */
START_TEST(row_that_exits)
{
	setenv("UNIT_DEED", "exit", 1);
	ck_assert_int_eq(run(plugin_option("prints"), ""), 1);
	ck_assert_ptr_nonnull(strstr(ledger->trouble, "Check ran 12 tests of 12"));
	ck_assert_int_eq(run(plugin_option("prints"), "--test=misbehaves"), 1);
	ck_assert_ptr_nonnull(strstr(ledger->trouble, "Check ran 1 tests of 1 and saw 0"));
}
END_TEST

/* --- its arguments ------------------------------------------------------------ */

START_TEST(seed)
{
	char *argv[] = { "/proc/self/exe", (char *)plugin_option("prints"), "--test=fails",
		             "--seed=4711", NULL };
	ck_assert_int_eq(command_run(argv, said, sizeof said), 1);
	ck_assert_ptr_nonnull(strstr(said, "fails: failed zombie\n  seed 4711\n  step\n"));
	ck_assert_ptr_nonnull(strstr(said, "passes: 10 points: passes always\n"));
}
END_TEST

START_TEST(random_numbers)
{
	const struct test a = { .seed = 1 }, b = { .seed = 2 };
	ck_assert_uint_eq(test_random(&a, 0), test_random(&a, 0));
	for (uint32_t i = 0; i < 1000; i++) {
		ck_assert_uint_ne(test_random(&a, i), test_random(&a, i + 1));
		ck_assert_uint_ne(test_random(&a, i), test_random(&b, i));
	}
}
END_TEST

START_TEST(wrong_arguments)
{
	ck_assert_int_eq(run("", ""), 2);
	ck_assert_ptr_nonnull(strstr(said, "usage: "));
	ck_assert_int_eq(run("--plugin=x.so", "word"), 2);
	ck_assert_int_eq(run("--plugin=x.so", "--no-such-option"), 2);
	ck_assert_int_eq(run("--plugin=x.so", "--ledger=98"), 2);
	ck_assert_ptr_nonnull(strstr(said, "the ledger cannot be opened"));
}
END_TEST

START_TEST(too_many_rows)
{
	char *argv[] = { "suite", "--list", NULL };
	ck_assert_int_eq(suite_main(2, argv, "99_unit", rows, LEDGER_ROWS + 1), 2);
}
END_TEST

int main(int argc, char *argv[])
{
	if (argc > 1)
		return suite_main(argc, argv, "99_unit", rows, ROWS);
	TCase *t = plugins_case("suite");
	tcase_add_test(t, rows_are_listed);
	tcase_add_test(t, all_rows);
	tcase_add_test(t, settings_for_check);
	tcase_add_test(t, one_row);
	tcase_add_test(t, statuses_of_one_row);
	tcase_add_test(t, plugin_that_crashes);
	tcase_add_test(t, row_that_is_killed);
	tcase_add_test(t, row_that_exits);
	tcase_add_test(t, seed);
	tcase_add_test(t, random_numbers);
	tcase_add_test(t, wrong_arguments);
	tcase_add_test(t, too_many_rows);
	return run_case("grade: suite", t);
}
