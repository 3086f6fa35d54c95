/* The table of processes: all of it in the record, and on the screen only under the
 * first hang of a run, within 80 columns.
 */
#define _GNU_SOURCE
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "processes.h"
#include "record.h"
#include "terminal.h"

enum { TEST_SECONDS = 120, TEXT = 1 << 16 };

static struct ledger *ledger;
static json_t *record;
static char printed[TEXT];

static void setup(void)
{
	ledger = ledger_open(-1);
	record = record_create("labs", 1, &(struct machine){ .cpus = 2 });
}

static void teardown(void)
{
	ledger_close(ledger, -1);
	json_decref(record);
}

/* A test that hung with so many processes. */
static struct process_table *add_hang(const char *name, int processes)
{
	struct ledger_row *row = &ledger->row[ledger->rows++];
	snprintf(row->name, sizeof row->name, "%s", name);
	row->state = ROW_DONE;
	row->verdict = (struct verdict){ .kind = VERDICT_FAILED, .diagnosis = PIPE_DEADLOCK };
	row->processes.count = processes;
	for (int i = 0; i < processes && i < TABLE_ROWS; i++) {
		struct table_row *p = &row->processes.row[i];
		p->pid = 4711 + i;
		snprintf(p->who, sizeof p->who, i == 0 ? "caller" : "worker %d", i - 1);
		strcpy(p->state, "asleep");
	}
	return &row->processes;
}

static void finish(void)
{
	record_add_lab(record, "03_pipes", ledger, NULL, "");
	record_finish(record);
	FILE *out = fmemopen(printed, sizeof printed, "w");
	ck_assert_ptr_nonnull(out);
	terminal_report(record, out);
	ck_assert_int_eq(fclose(out), 0);
}

static const json_t *test_at(size_t index)
{
	const json_t *lab = json_array_get(json_object_get(record, "labs"), 0);
	return json_array_get(json_object_get(lab, "tests"), index);
}

static int times_printed(const char *text)
{
	int times = 0;
	for (const char *at = printed; (at = strstr(at, text)) != NULL; at++)
		times++;
	return times;
}

START_TEST(all_of_it_is_in_the_record)
{
	struct process_table *table = add_hang("a", 2);
	strcpy(table->row[1].call, "read(5)");
	strcpy(table->row[1].waits_for, "data from pipe A");
	strcpy(table->row[1].where, "work, labs/a.c:31");
	table->row[1].ends = 2;
	table->row[1].end[0] = (struct table_end){ 5, true, false, "pipe A" };
	table->row[1].end[1] = (struct table_end){ 6, true, true, "a socket" };
	finish();
	char *text = json_dumps(json_object_get(test_at(0), "processes"), JSON_COMPACT);
	ck_assert_str_eq(text,
		"[{\"pid\":4711,\"who\":\"caller\",\"state\":\"asleep\",\"call\":\"\",\"waits_for\":\"\","
		"\"where\":\"\",\"descriptors\":[]},"
		"{\"pid\":4712,\"who\":\"worker 0\",\"state\":\"asleep\",\"call\":\"read(5)\","
		"\"waits_for\":\"data from pipe A\",\"where\":\"work, labs/a.c:31\",\"descriptors\":["
		"{\"fd\":5,\"what\":\"pipe A\",\"way\":\"read\"},"
		"{\"fd\":6,\"what\":\"a socket\",\"way\":\"both\"}]}]");
	free(text);
}
END_TEST

START_TEST(first_hang_only_is_shown)
{
	add_hang("a", 0);
	struct process_table *table = add_hang("b", 1);
	strcpy(table->row[0].call, "read(5)");
	strcpy(table->row[0].waits_for, "data from pipe A");
	strcpy(table->row[0].where, "work, labs/03_pipes/a.c:31");
	add_hang("c", 3);
	finish();
	ck_assert_ptr_null(json_object_get(test_at(0), "processes"));
	ck_assert_uint_eq(json_array_size(json_object_get(test_at(2), "processes")), 3);
	ck_assert_int_eq(times_printed("What the processes were doing:\n      caller        4711  "
	                               "read(5): waits for data from pipe A (a.c:31)\n"), 1);
	ck_assert_int_eq(times_printed("What the processes were doing:"), 1);
	ck_assert_int_eq(times_printed("worker"), 0);
}
END_TEST

START_TEST(many_processes_are_counted)
{
	add_hang("a", TABLE_ROWS);
	finish();
	ck_assert_uint_eq(json_array_size(json_object_get(test_at(0), "processes")), TABLE_ROWS);
	ck_assert_int_eq(times_printed("worker 6"), 1);
	ck_assert_int_eq(times_printed("worker 7"), 0);
	ck_assert_int_eq(times_printed("      and 56 more, in the record\n"), 1);
}
END_TEST

START_TEST(longest_texts_fit)
{
	struct table_row *p = &add_hang("a", 1)->row[0];
	p->pid = 4194304;
	p->ends = 1000;
	for (size_t i = 0; i < TABLE_TEXT - 1; i++)
		p->waits_for[i] = p->where[i] = i % 9 == 8 ? ' ' : 'x';
	memset(p->who, 'w', sizeof p->who - 1);
	memset(p->call, 'c', sizeof p->call - 1);
	finish();
	for (const char *line = printed; *line != '\0'; line += strcspn(line, "\n") + 1)
		ck_assert_msg(strcspn(line, "\n") <= 80 + TABLE_WORD, "%.200s", line);
	const json_t *row = json_array_get(json_object_get(test_at(0), "processes"), 0);
	ck_assert_uint_eq(json_array_size(json_object_get(row, "descriptors")), TABLE_ENDS);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("report: processes");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, all_of_it_is_in_the_record);
	tcase_add_test(t, first_hang_only_is_shown);
	tcase_add_test(t, many_processes_are_counted);
	tcase_add_test(t, longest_texts_fit);
	Suite *suite = suite_create("report: processes");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
