/* The report as a student reads it: 80 columns, and at its end the first thing to
 * do. */
#define _GNU_SOURCE
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "record.h"
#include "terminal.h"

enum { TEST_SECONDS = 120, TEXT = 1 << 17 };

static struct ledger *ledger;
static json_t *record;
static char printed[TEXT]; /* the latest report */

static void begin(const char *implementation)
{
	record = record_create(implementation, 1, &(struct machine){ .cpus = 2, .ceiling = 1.9 });
}

static void setup(void)
{
	ledger = ledger_open(-1);
	begin("labs");
}

static void teardown(void)
{
	ledger_close(ledger, -1);
	json_decref(record);
}

/* --- records and what is printed of them -------------------------------------- */

static struct ledger_row *add_row(const char *name, enum verdict_kind kind, const char *message)
{
	struct ledger_row *row = &ledger->row[ledger->rows++];
	snprintf(row->name, sizeof row->name, "%s", name);
	row->points = 10;
	row->state = ROW_DONE;
	row->verdict.kind = kind;
	snprintf(row->verdict.message, sizeof row->verdict.message, "%s", message);
	return row;
}

static void add_failure(const char *name, enum diagnosis diagnosis, const char *message,
                        const char *next_step)
{
	struct verdict *v = &add_row(name, VERDICT_FAILED, message)->verdict;
	v->diagnosis = diagnosis;
	snprintf(v->next_step, sizeof v->next_step, "%s", next_step);
}

static void add_lab(const char *lab, const char *compiler)
{
	record_add_lab(record, lab, ledger, NULL, compiler);
	memset(ledger, 0, sizeof *ledger);
}

static void print(void)
{
	FILE *out = fmemopen(printed, sizeof printed, "w");
	ck_assert_ptr_nonnull(out);
	record_finish(record);
	terminal_report(record, out);
	ck_assert_int_eq(fclose(out), 0);
}

static void expect(const char *part)
{
	ck_assert_msg(strstr(printed, part) != NULL, "\"%s\" not in:\n%.3000s", part, printed);
}

static void expect_not(const char *part)
{
	ck_assert_msg(strstr(printed, part) == NULL, "\"%s\" in:\n%.3000s", part, printed);
}

/* No line over 80 columns, no blank at a line's end, nothing but text. */
static void expect_plain(void)
{
	for (const char *line = printed; *line != '\0';) {
		size_t length = strcspn(line, "\n");
		ck_assert_msg(length <= 80, "%zu columns: %.*s", length, (int)length, line);
		ck_assert_msg(length == 0 || line[length - 1] != ' ', "%.*s#", (int)length, line);
		line += length + (line[length] == '\n');
	}
	ck_assert_ptr_null(strchr(printed, '\033'));
	ck_assert_ptr_null(strchr(printed, '\t'));
}

/* --- reports ------------------------------------------------------------------ */

START_TEST(everything_passed)
{
	add_row("one", VERDICT_PASSED, "");
	add_row("two", VERDICT_PASSED, "");
	add_lab("02_fork", "");
	print();
	expect("passed        one");
	expect(" 10 of  10\n");
	expect("02_fork           2 of  2 tests passed  20 of  20 points\n");
	expect("Everything passed.\n");
	expect_not("open");
	expect_plain();
}
END_TEST

START_TEST(failure_with_all_it_says)
{
	add_failure("reaps", ZOMBIE, "One was left.", "Wait for it.");
	strcpy(ledger->row[0].output, "printed\n");
	add_lab("02_fork", "");
	print();
	expect("failed        reaps");
	expect("  0 of  10\n");
	expect("    zombie: One was left.\n");
	expect("    Next step: Wait for it.\n");
	expect("    See docs/diagnoses.md#zombie\n");
	expect("    | printed\n");
	expect_not("Everything passed");
	expect_plain();
}
END_TEST

/* Words of one to nine letters, as many as there is room for. */
static void fill_with_words(char *text, size_t size)
{
	size_t letters = 0;
	for (size_t i = 0; i < size - 1; i++) {
		text[i] = letters > 0 ? 'w' : ' ';
		letters = letters > 0 ? letters - 1 : 1 + i % 9;
	}
	text[0] = 'w';
	text[size - 1] = '\0';
}

START_TEST(long_texts)
{
	char message[MESSAGE_LENGTH], step[NEXT_STEP_LENGTH];
	fill_with_words(message, sizeof message);
	fill_with_words(step, sizeof step);
	for (enum diagnosis d = WRONG_RESULT; d < WRONG_RESULT + 20; d++)
		add_failure("a_name_of_forty_letters_that_is_the_most", d, message, step);
	add_lab("02_fork", message);
	print();
	expect("www ww");
	expect_plain();
}
END_TEST

/* The end of what was printed, line by line, each cut where it is too long. */
START_TEST(long_output)
{
	char *output = add_row("a", VERDICT_FAILED, "m")->output;
	strcpy(output, "first\n");
	memset(output + 6, 'x', 600);
	strcpy(output + 606, "\nlast");
	add_lab("x", "");
	print();
	expect("It printed, at the end");
	expect("    | last\n");
	expect_not("first");
	expect_plain();
}
END_TEST

START_TEST(output_of_a_failure_only)
{
	strcpy(add_row("a", VERDICT_PASSED, "")->output, "chatter");
	strcpy(add_row("b", VERDICT_NOT_MEASURED, "One CPU.")->output, "chatter");
	add_lab("x", "");
	print();
	expect("    One CPU.\n");
	expect_not("chatter");
}
END_TEST

START_TEST(lab_that_is_not_started)
{
	add_row("a", VERDICT_NOT_STARTED, "run_workers is not written yet.");
	add_row("b", VERDICT_NOT_STARTED, "run_workers is not written yet.");
	add_lab("02_fork", "");
	print();
	expect("02_fork\n  not started: read labs/02_fork/README.md\n");
	expect("run_workers is not written yet.");
	expect("make check LAB=02\n");
	expect_plain();
}
END_TEST

/* One message, however many tests there are. */
START_TEST(lab_that_does_not_compile)
{
	add_failure("a", DOES_NOT_COMPILE, "x.c:3: error: no", "Mend it.");
	add_failure("b", DOES_NOT_COMPILE, "x.c:3: error: no", "Mend it.");
	add_lab("02_fork", "x.c:3: error: no");
	print();
	expect("does-not-compile: x.c:3: error: no\n");
	expect("02_fork          does not compile");
	expect("first error");
	expect_not("warns");
	ck_assert_ptr_null(strstr(strstr(printed, "error: no") + 1, "error: no"));
	expect_plain();
}
END_TEST

START_TEST(warnings_are_shown)
{
	add_row("a", VERDICT_PASSED, "");
	add_lab("x", "x.c:3: warning: unused");
	print();
	expect("    The compiler warns: x.c:3: warning: unused\n");
	expect_plain();
}
END_TEST

START_TEST(open_points)
{
	add_row("a", VERDICT_NOT_MEASURED, "One CPU.");
	add_row("b", VERDICT_KIT_ERROR, "It broke.");
	add_lab("x", "");
	print();
	expect("  0 of  10, 10 open\n");
	expect("  0 of  20 points, 20 open\n");
	expect("the kit's fault");
	expect_plain();
}
END_TEST

/* They are not listed: what failed must not scroll away. */
START_TEST(blocked_tests)
{
	add_failure("a", ZOMBIE, "m.", "s.");
	add_row("hidden_1", VERDICT_BLOCKED, "Runs when a passes.");
	add_row("hidden_2", VERDICT_BLOCKED, "Runs when a passes.");
	add_lab("x", "");
	print();
	expect("blocked       2 tests that need what has not passed");
	expect(" 0 of  20\n");
	expect_not("hidden");
	expect_plain();
}
END_TEST

/* It is not everything that passed. */
START_TEST(one_test_passed)
{
	add_row("a", VERDICT_PASSED, "");
	add_lab("02_fork", "");
	print();
	expect("The whole lab: make check LAB=02\n");
	expect_not("Everything");
}
END_TEST

/* --- what to do next ---------------------------------------------------------- */

START_TEST(first_failure_is_next)
{
	add_row("passes", VERDICT_PASSED, "");
	add_row("noisy", VERDICT_NOT_MEASURED, "Too noisy.");
	add_lab("01_serial", "");
	add_row("waits", VERDICT_BLOCKED, "");
	add_failure("first", ZOMBIE, "m.", "s.");
	add_failure("second", ORPHAN, "m.", "s.");
	add_lab("02_fork", "");
	print();
	const char *next = strstr(printed, "Next:");
	ck_assert_ptr_nonnull(next);
	ck_assert_ptr_nonnull(strstr(next, "first"));
	ck_assert_ptr_nonnull(strstr(next, "make check LAB=02 TEST=first\n"));
	ck_assert_ptr_null(strstr(next, "second"));
	ck_assert_ptr_null(strstr(next + 1, "Next:"));
}
END_TEST

START_TEST(next_command_names_the_implementation)
{
	json_decref(record);
	begin("solutions");
	add_failure("a", ZOMBIE, "m.", "s.");
	add_lab("02_fork", "");
	print();
	expect("make check LAB=02 TEST=a IMPL=solutions\n");
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("report: terminal");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, everything_passed);
	tcase_add_test(t, failure_with_all_it_says);
	tcase_add_test(t, long_texts);
	tcase_add_test(t, long_output);
	tcase_add_test(t, output_of_a_failure_only);
	tcase_add_test(t, lab_that_is_not_started);
	tcase_add_test(t, lab_that_does_not_compile);
	tcase_add_test(t, warnings_are_shown);
	tcase_add_test(t, open_points);
	tcase_add_test(t, blocked_tests);
	tcase_add_test(t, one_test_passed);
	tcase_add_test(t, first_failure_is_next);
	tcase_add_test(t, next_command_names_the_implementation);
	Suite *suite = suite_create("report: terminal");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
