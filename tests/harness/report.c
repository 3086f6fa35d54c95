/* The record, as it is made from ledgers: points, statuses, and what is wrong. */
#define _GNU_SOURCE
#include <check.h>
#include <string.h>

#include "ledger.h"
#include "record.h"

enum { TEST_SECONDS = 120 };

static const struct machine machine = { .cpus = 2, .ceiling = 1.75 };
static struct ledger *ledger; /* of the test, with no row yet */
static json_t *record;        /* empty, of a run of "labs" */

static void setup(void)
{
	ledger = ledger_open(-1);
	ck_assert_ptr_nonnull(ledger);
	record = record_create("labs", 4711, &machine);
	ck_assert_ptr_nonnull(record);
}

static void teardown(void)
{
	ledger_close(ledger, -1);
	json_decref(record);
}

/* --- rows for the record ------------------------------------------------------ */

static struct ledger_row *add_row(const char *name, int points, enum verdict_kind kind)
{
	struct ledger_row *row = &ledger->row[ledger->rows++];
	strcpy(row->name, name);
	strcpy(row->category, "correctness");
	row->points = points;
	row->state = ROW_DONE;
	row->verdict.kind = kind;
	return row;
}

static void add_lab(const char *lab)
{
	record_add_lab(record, lab, ledger, NULL, "");
	memset(ledger, 0, sizeof *ledger);
}

static const json_t *lab_at(size_t i)
{
	return json_array_get(json_object_get(record, "labs"), i);
}

static const json_t *test_at(size_t lab, size_t test)
{
	return json_array_get(json_object_get(lab_at(lab), "tests"), test);
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	ck_assert_msg(text != NULL, "no text under %s", key);
	return text;
}

static void expect_sums(const json_t *object, int points, int max, int open)
{
	ck_assert_int_eq(json_integer_value(json_object_get(object, "points")), points);
	ck_assert_int_eq(json_integer_value(json_object_get(object, "max_points")), max);
	ck_assert_int_eq(json_integer_value(json_object_get(object, "open_points")), open);
}

static void expect_kit_error(const json_t *test, const char *part)
{
	ck_assert_str_eq(text_of(test, "verdict"), "kit error");
	ck_assert_str_eq(text_of(test, "diagnosis"), "");
	ck_assert_ptr_nonnull(strstr(text_of(test, "message"), part));
	ck_assert_int_eq(json_integer_value(json_object_get(test, "points")), 0);
	ck_assert_int_eq(json_integer_value(json_object_get(test, "open_points")), 10);
}

/* --- the record --------------------------------------------------------------- */

START_TEST(head)
{
	const json_t *m = json_object_get(record, "machine");
	ck_assert_str_eq(text_of(record, "implementation"), "labs");
	ck_assert_int_eq(json_integer_value(json_object_get(record, "seed")), 4711);
	ck_assert_int_eq(json_integer_value(json_object_get(m, "cpus")), 2);
	ck_assert_double_eq(json_real_value(json_object_get(m, "ceiling")), 1.75);
}
END_TEST

START_TEST(largest_seed_and_no_ceiling)
{
	json_t *other = record_create("x", UINT32_MAX, &(struct machine){ .cpus = 1 });
	ck_assert_int_eq(json_integer_value(json_object_get(other, "seed")), UINT32_MAX);
	ck_assert(json_is_null(json_object_get(json_object_get(other, "machine"), "ceiling")));
	json_decref(other);
}
END_TEST

START_TEST(tests)
{
	struct ledger_row *row = add_row("reaps", 10, VERDICT_MISSING);
	strcpy(row->about, "reaps them");
	row->seconds = 0.25;
	strcpy(row->output, "printed\n");
	verdict_fail(&row->verdict, ZOMBIE, "wait", "one was left.");
	add_lab("02_fork");
	const json_t *test = test_at(0, 0);
	ck_assert_str_eq(text_of(lab_at(0), "lab"), "02_fork");
	ck_assert_str_eq(text_of(test, "name"), "reaps");
	ck_assert_str_eq(text_of(test, "category"), "correctness");
	ck_assert_str_eq(text_of(test, "about"), "reaps them");
	ck_assert_str_eq(text_of(test, "verdict"), "failed");
	ck_assert_str_eq(text_of(test, "diagnosis"), "zombie");
	ck_assert_str_eq(text_of(test, "message"), "one was left.");
	ck_assert_str_eq(text_of(test, "next_step"), "wait");
	ck_assert_str_eq(text_of(test, "output"), "printed\n");
	ck_assert_double_eq(json_real_value(json_object_get(test, "seconds")), 0.25);
	expect_sums(test, 0, 10, 0);
}
END_TEST

START_TEST(diagnosis_of_a_failure_only)
{
	add_row("passes", 5, VERDICT_PASSED)->verdict.diagnosis = ZOMBIE;
	add_lab("x");
	ck_assert_str_eq(text_of(test_at(0, 0), "diagnosis"), "");
	ck_assert_ptr_null(json_object_get(test_at(0, 0), "output"));
}
END_TEST

/* Points are given for what passed, and left open where nobody knows. */
START_TEST(points)
{
	add_row("a", 1, VERDICT_PASSED);
	add_row("b", 2, VERDICT_FAILED);
	add_row("c", 4, VERDICT_NOT_STARTED);
	add_row("d", 8, VERDICT_BLOCKED);
	add_row("e", 16, VERDICT_NOT_MEASURED);
	add_row("f", 32, VERDICT_KIT_ERROR);
	add_lab("one");
	add_row("g", 64, VERDICT_PASSED);
	add_lab("two");
	record_finish(record);
	expect_sums(lab_at(0), 1, 63, 48);
	expect_sums(lab_at(1), 64, 64, 0);
	expect_sums(record, 65, 127, 48);
	for (size_t i = 0; i < 6; i++)
		expect_sums(test_at(0, i), i == 0, 1 << i, i >= 4 ? 1 << i : 0);
}
END_TEST

START_TEST(rows_that_did_not_end)
{
	add_row("a", 10, VERDICT_PASSED)->state = ROW_NOT_RUN;
	add_row("b", 10, VERDICT_PASSED)->state = ROW_RUNNING;
	add_row("c", 10, VERDICT_MISSING);
	add_row("d", 10, VERDICT_KINDS);
	add_row("e", 10, (enum verdict_kind)-1);
	add_lab("x");
	expect_kit_error(test_at(0, 0), "before it came to this test.");
	expect_kit_error(test_at(0, 1), "in the middle of this test.");
	for (size_t i = 2; i < 5; i++)
		expect_kit_error(test_at(0, i), "");
	expect_sums(lab_at(0), 0, 50, 50);
}
END_TEST

/* One sign of trouble, and nothing of the run counts. */
START_TEST(trouble)
{
	add_row("a", 10, VERDICT_PASSED);
	add_row("b", 10, VERDICT_FAILED)->verdict.diagnosis = ZOMBIE;
	strcpy(ledger->trouble, "killed by signal 9.");
	add_lab("x");
	expect_kit_error(test_at(0, 0), "killed by signal 9.");
	expect_kit_error(test_at(0, 1), "killed by signal 9.");
}
END_TEST

START_TEST(only_one_test)
{
	add_row("a", 1, VERDICT_PASSED);
	add_row("b", 2, VERDICT_PASSED);
	add_row("c", 4, VERDICT_NOT_MEASURED)->state = ROW_NOT_RUN;
	record_add_lab(record, "x", ledger, "b", "");
	ck_assert_uint_eq(json_array_size(json_object_get(lab_at(0), "tests")), 1);
	ck_assert_str_eq(text_of(test_at(0, 0), "name"), "b");
	expect_sums(lab_at(0), 2, 2, 0);
}
END_TEST

/* Students print what they like; the record is UTF-8 all the same. */
START_TEST(output_of_any_kind)
{
	strcpy(add_row("a", 1, VERDICT_PASSED)->output, "caf\xc3\xa9");
	strcpy(add_row("b", 1, VERDICT_PASSED)->output, "caf\xe9 \xff\x01!");
	memset(add_row("c", 1, VERDICT_PASSED)->output, 0xe9, LEDGER_OUTPUT - 1);
	record_add_lab(record, "x", ledger, NULL, "warning: \xe9");
	ck_assert_str_eq(text_of(test_at(0, 0), "output"), "caf\xc3\xa9");
	ck_assert_str_eq(text_of(test_at(0, 1), "output"), "caf? ?\x01!");
	ck_assert_uint_eq(strlen(text_of(test_at(0, 2), "output")), LEDGER_OUTPUT - 1);
	ck_assert_str_eq(text_of(lab_at(0), "compiler"), "warning: ?");
}
END_TEST

/* A spoilt ledger must not spoil its reader. */
START_TEST(too_many_rows)
{
	for (int i = 0; i < LEDGER_ROWS; i++)
		add_row("a", 1, VERDICT_PASSED);
	ledger->rows = 1000000;
	record_add_lab(record, "x", ledger, NULL, "");
	ck_assert_uint_eq(json_array_size(json_object_get(lab_at(0), "tests")), LEDGER_ROWS);
}
END_TEST

/* --- its status --------------------------------------------------------------- */

static int status_with(enum verdict_kind kind)
{
	json_t *own = record_create("x", 1, &machine);
	struct ledger_row *row = ledger->row;
	memset(ledger, 0, sizeof *ledger);
	add_row("a", 1, VERDICT_PASSED);
	add_row("b", 1, kind);
	add_row("c", 1, VERDICT_PASSED);
	record_add_lab(own, "x", ledger, NULL, "");
	row[1].verdict.kind = VERDICT_PASSED;
	record_add_lab(own, "y", ledger, NULL, "");
	int status = record_status(own);
	json_decref(own);
	return status;
}

START_TEST(statuses)
{
	ck_assert_int_eq(status_with(VERDICT_PASSED), 0);
	ck_assert_int_eq(status_with(VERDICT_NOT_MEASURED), 0);
	ck_assert_int_eq(status_with(VERDICT_FAILED), 1);
	ck_assert_int_eq(status_with(VERDICT_NOT_STARTED), 1);
	ck_assert_int_eq(status_with(VERDICT_BLOCKED), 1);
	ck_assert_int_eq(status_with(VERDICT_KIT_ERROR), 2);
	ck_assert_int_eq(status_with(VERDICT_MISSING), 2);
}
END_TEST

/* A failure does not hide that the kit failed, wherever it did. */
START_TEST(worst_status_counts)
{
	add_row("a", 1, VERDICT_KIT_ERROR);
	add_lab("x");
	add_row("b", 1, VERDICT_FAILED);
	add_lab("y");
	ck_assert_int_eq(record_status(record), 2);
	json_array_remove(json_object_get(record, "labs"), 0);
	ck_assert_int_eq(record_status(record), 1);
}
END_TEST

START_TEST(nothing_was_tested)
{
	ck_assert_int_eq(record_status(record), 2);
	add_lab("x");
	ck_assert_int_eq(record_status(record), 2);
	add_row("a", 1, VERDICT_FAILED);
	add_lab("y");
	ck_assert_int_eq(record_status(record), 2);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("report");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, head);
	tcase_add_test(t, largest_seed_and_no_ceiling);
	tcase_add_test(t, tests);
	tcase_add_test(t, diagnosis_of_a_failure_only);
	tcase_add_test(t, points);
	tcase_add_test(t, rows_that_did_not_end);
	tcase_add_test(t, trouble);
	tcase_add_test(t, only_one_test);
	tcase_add_test(t, output_of_any_kind);
	tcase_add_test(t, too_many_rows);
	tcase_add_test(t, statuses);
	tcase_add_test(t, worst_status_counts);
	tcase_add_test(t, nothing_was_tested);
	Suite *suite = suite_create("report");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
