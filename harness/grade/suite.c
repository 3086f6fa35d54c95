/* The check programs' main: Check runs the rows, the ledger keeps the verdicts.
 *
 * Check sees of a test only how its process ended. So each test writes its
 * verdict into the ledger first and then passes or fails in Check's eyes too;
 * when the two do not agree in the end, the run is not trusted.
 */
#define _GNU_SOURCE
#include "suite.h"

#include <check.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "clock.h"
#include "debug.h"
#include "ledger.h"
#include "race.h"
#include "shared.h"
#include "suite_hang.h"

#define HURRY_SECONDS 0.5 /* the time limit once a row has hung: it is said already */

enum { BACKSTOP_SECONDS = 300 }; /* Check's own time limit; supervise's are far shorter */

struct options {
	const char *plugin, *test;
	int ledger_fd;
	uint32_t seed;
	bool list;
};

static const char *the_lab;
static const struct suite_row *the_rows;
static struct ledger *the_ledger;
static struct options the_options = { .ledger_fd = -1, .seed = 1 };

void test_call(struct test *test, struct call *call)
{
	call->plugin = test->called = test->plugin;
	if (call->limits.wall_seconds <= 0 && suite_any_hung(the_ledger))
		call->limits.wall_seconds = HURRY_SECONDS;
	supervise(call, &test->outcome);
}

void suite_variant_path(const char *plugin, enum suite_variant variant, char path[SUITE_PATH])
{
	size_t length = strlen(plugin);
	size_t stem = length > 3 ? length - 3 : length; /* without .so */
	snprintf(path, SUITE_PATH, "%.*s.%s.so", (int)stem, plugin,
	         variant == SUITE_PLAIN ? "O0" : "race");
}

bool suite_has_variant(const struct test *test, enum suite_variant variant)
{
	char path[SUITE_PATH];
	suite_variant_path(test->plugin, variant, path);
	return access(path, R_OK) == 0;
}

void test_call_variant(struct test *test, struct call *call, enum suite_variant variant)
{
	static char path[SUITE_PATH];
	suite_variant_path(test->plugin, variant, path);
	call->plugin = test->called = access(path, R_OK) == 0 ? path : test->plugin;
	supervise(call, &test->outcome);
}

void test_call_race(struct test *test, struct call *call, uint32_t seed)
{
	struct race_log *log = race_begin(seed);
	test_call_variant(test, call, SUITE_RACE);
	race_judge(&test->verdict, log, test->called, &test->outcome);
	race_end(log);
}

uint32_t test_random(const struct test *test, uint32_t which)
{
	uint32_t x = test->seed * 2654435761u + which * 0x9e3779b9u; /* Knuth's hash */
	x ^= x >> 16;
	x *= 0x85ebca6bu;
	x ^= x >> 13;
	x *= 0xc2b2ae35u;
	return x ^ (x >> 16);
}

/* --- one row ---------------------------------------------------------------- */

/* A row whose requirement did not pass is not run: it could only repeat it. */
static void check_need(const char *name, struct verdict *verdict)
{
	const struct ledger_row *first = ledger_find(the_ledger, name);
	if (first == NULL)
		verdict_set(verdict, VERDICT_KIT_ERROR, "There is no test %s.", name);
	else if (first->verdict.kind == VERDICT_NOT_STARTED)
		verdict_set(verdict, VERDICT_NOT_STARTED, "%s", first->verdict.message);
	else if (first->verdict.kind != VERDICT_PASSED)
		verdict_set(verdict, VERDICT_BLOCKED, "Runs when %s passes.", name);
}

static void check_needs(const struct ledger_row *row, struct verdict *verdict)
{
	char names[sizeof row->needs], *rest = names;
	if (the_options.test != NULL)
		return;
	memcpy(names, row->needs, sizeof names);
	for (char *name; (name = strsep(&rest, " ")) != NULL;)
		if (name[0] != '\0')
			check_need(name, verdict);
}

/* The command that measures this row alone. */
static void say_how_to_measure(const struct ledger_row *row, struct verdict *verdict)
{
	size_t used = strlen(verdict->next_step);
	if (verdict->kind == VERDICT_NOT_MEASURED)
		snprintf(verdict->next_step + used, sizeof verdict->next_step - used,
		         "%s\nmake check LAB=%.2s TEST=%s", used > 0 ? "" : "Later, or elsewhere:",
		         the_lab, row->name);
}

static void run_row_now(const struct suite_row *suite_row, struct ledger_row *row)
{
	static struct test test;
	test.plugin = the_options.plugin;
	test.seed = the_options.seed;
	double start = clock_wall();
	row->state = ROW_RUNNING;
	check_needs(row, &test.verdict);
	if (verdict_open(&test.verdict))
		suite_row->run(&test);
	say_how_to_measure(row, &test.verdict);
	if (test.verdict.kind == VERDICT_MISSING)
		verdict_set(&test.verdict, VERDICT_PASSED, "%s", "");
	suite_note_hang(the_ledger, row, &test);
	memcpy(row->output, test.outcome.output, sizeof row->output);
	row->seconds = clock_wall() - start;
	row->verdict = test.verdict;
	row->state = ROW_DONE;
}

/* Check's handlers come down by fork: its SIGTERM handler in a child would send
 * the signal on to whatever it takes for its test. */
static void become_test(void)
{
	signal(SIGALRM, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

static bool counts_as_passed(const struct ledger_row *row)
{
	return row->state == ROW_DONE && (row->verdict.kind == VERDICT_PASSED ||
	                                  row->verdict.kind == VERDICT_NOT_MEASURED);
}

START_TEST(run_row)
{
	struct ledger_row *row = &the_ledger->row[_i];
	become_test();
	run_row_now(&the_rows[_i], row);
	ck_assert_msg(counts_as_passed(row), "%s", row->verdict.message);
}
END_TEST

/* --- all rows --------------------------------------------------------------- */

static void copy_text(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from == NULL ? "" : from);
}

static void fill_ledger(const struct suite_row rows[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct ledger_row *row = &the_ledger->row[i];
		copy_text(row->name, sizeof row->name, rows[i].name);
		copy_text(row->category, sizeof row->category, rows[i].category);
		copy_text(row->about, sizeof row->about, rows[i].about);
		copy_text(row->needs, sizeof row->needs, rows[i].needs);
		row->points = rows[i].points;
	}
	the_ledger->rows = (int)count;
}

static bool selected(const struct suite_row *row)
{
	return the_options.test == NULL || strcmp(row->name, the_options.test) == 0;
}

/* Check takes settings from the environment, some of which select no test at all
 * and call that success. */
static void forget_check_settings(void)
{
	static const char *const names[] = {
		"CK_RUN_SUITE", "CK_RUN_CASE", "CK_INCLUDE_TAGS", "CK_EXCLUDE_TAGS", "CK_FORK",
		"CK_VERBOSITY", "CK_DEFAULT_TIMEOUT", "CK_TIMEOUT_MULTIPLIER",
		"CK_LOG_FILE_NAME", "CK_XML_LOG_FILE_NAME", "CK_TAP_LOG_FILE_NAME",
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unsetenv(names[i]);
}

/* How many selected rows did not pass; writes down where Check saw it otherwise. */
static int run_rows(const char *lab, const struct suite_row rows[], size_t count)
{
	Suite *suite = suite_create(lab);
	SRunner *runner = srunner_create(suite);
	int wanted = 0, not_passed = 0;
	for (int i = 0; i < (int)count; i++) {
		if (!selected(&rows[i]))
			continue;
		TCase *test_case = tcase_create(rows[i].name);
		tcase_set_timeout(test_case, debug_wanted() ? 0 : BACKSTOP_SECONDS);
		tcase_add_loop_test(test_case, run_row, i, i + 1);
		suite_add_tcase(suite, test_case);
		wanted++;
	}
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_SILENT);
	for (size_t i = 0; i < count; i++)
		not_passed += selected(&rows[i]) && !counts_as_passed(&the_ledger->row[i]);
	if (srunner_ntests_run(runner) != wanted || srunner_ntests_failed(runner) != not_passed)
		snprintf(the_ledger->trouble, sizeof the_ledger->trouble,
		         "Check ran %d tests of %d and saw %d not pass; the ledger says %d",
		         srunner_ntests_run(runner), wanted, srunner_ntests_failed(runner), not_passed);
	srunner_free(runner);
	return not_passed;
}

static void print_rows(void)
{
	for (int i = 0; i < the_ledger->rows; i++) {
		const struct ledger_row *row = &the_ledger->row[i];
		if (row->state != ROW_DONE)
			printf("%s: %d points: %s\n", row->name, row->points, row->about);
		else
			printf("%s: %s %s\n  %s\n  %s\n", row->name, verdict_name(row->verdict.kind),
			       diagnosis_code(row->verdict.diagnosis), row->verdict.message,
			       row->verdict.next_step);
	}
}

static bool read_options(int argc, char *argv[], struct options *o)
{
	static const struct option known[] = {
		{ "plugin", required_argument, NULL, 'p' }, { "ledger", required_argument, NULL, 'l' },
		{ "test", required_argument, NULL, 't' },   { "seed", required_argument, NULL, 's' },
		{ "list", no_argument, NULL, 'L' },         { NULL, 0, NULL, 0 },
	};
	for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		switch (option) {
		case 'p': o->plugin = optarg; break;
		case 'l': o->ledger_fd = atoi(optarg); break;
		case 't': o->test = optarg; break;
		case 's': o->seed = (uint32_t)strtoul(optarg, NULL, 10); break;
		case 'L': o->list = true; break;
		default: return false;
		}
	}
	return optind == argc && (o->list || o->plugin != NULL);
}

int suite_main(int argc, char *argv[], const char *lab, const struct suite_row rows[],
               size_t count)
{
	if (!read_options(argc, argv, &the_options) || count > LEDGER_ROWS) {
		fprintf(stderr, "usage: %s --plugin=FILE.so [--ledger=FD] [--test=NAME] [--seed=N] "
		                "[--list]\n", argv[0]);
		return 2;
	}
	the_ledger = ledger_open(the_options.ledger_fd);
	if (the_ledger == NULL) {
		perror("crossover: the ledger cannot be opened");
		return 2;
	}
	the_lab = lab;
	the_rows = rows;
	shared_hide(the_ledger, sizeof *the_ledger);
	forget_check_settings();
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* no process of the student's may look in here */
	fill_ledger(rows, count);
	int not_passed = the_options.list ? 0 : run_rows(lab, rows, count);
	if (the_options.ledger_fd == -1)
		print_rows();
	return not_passed > 0 || the_ledger->trouble[0] != '\0';
}
