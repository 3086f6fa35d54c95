/* The tests of the graded tests.
 *
 *     verdicts [--all] [TEXT]
 *
 * Grades every file in tests/wrong/NN_name with the test that its first lines
 * name, and requires exactly the diagnosis that they name; with --all, every test
 * is run on it, and none may pass the lab. Every file in tests/right/NN_name and
 * the solutions must get all points, the starters must be "not started".
 *
 * With TEXT, such as wrong/05_pool, only the files that have it in their paths are graded.
 *
 * Tests of speed may find that nothing can be measured here and now. They are tried
 * again a few times, and then count as skipped, neither passed nor failed.
 *
 * Prints a line per file that is not as it should be, and the numbers at the end.
 */
#define _GNU_SOURCE
#include <glob.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "compile.h"
#include "labs.h"
#include "ledger.h"
#include "program.h"

enum { TRIES = 3 };

static struct {
	int passed, failed, skipped;
} tally;

static const char *only = ""; /* what has this in its path */

/* What a file is required to get. */
struct expectation {
	char test[NAME_LENGTH];
	char diagnosis[NAME_LENGTH];
};

static void report(bool good, const char *path, const char *what)
{
	tally.passed += good;
	tally.failed += !good;
	if (!good)
		printf("not ok  %s: %s\n", path, what);
	else if (isatty(STDOUT_FILENO))
		printf("\r%5d as expected ", tally.passed);
	fflush(stdout);
}

static void skip(const char *path, const char *what)
{
	tally.skipped++;
	printf("skipped %s: %s\n", path, what);
	fflush(stdout);
}

/* Reads " * Test: NAME" and " * Diagnosis: CODE" from the head of the file. */
static bool read_expectation(const char *path, struct expectation *e)
{
	char line[256];
	FILE *file = fopen(path, "re");
	memset(e, 0, sizeof *e);
	for (int i = 0; file != NULL && i < 30 && fgets(line, sizeof line, file) != NULL; i++) {
		sscanf(line, " * Test: %47s", e->test);
		sscanf(line, " * Diagnosis: %47s", e->diagnosis);
	}
	if (file != NULL)
		fclose(file);
	return e->test[0] != '\0' && e->diagnosis[0] != '\0';
}

/* Grades one implementation of a lab; the caller closes the ledger. */
static struct ledger *grade(const char *implementation, const char *lab, const char *test, int *fd)
{
	struct sources sources;
	struct plugin plugin;
	struct ledger *ledger = ledger_create(fd);
	if (ledger == NULL || program_list(lab, ledger, *fd) != 0) {
		fprintf(stderr, "verdicts: the check program of %s does not run\n", lab);
		exit(2);
	}
	labs_sources(implementation, lab, &sources);
	compile_plugin(implementation, lab, &sources, &plugin);
	if (plugin.compiled)
		program_grade(lab, ledger, *fd, plugin.path, test, 4711);
	else
		snprintf(ledger->trouble, sizeof ledger->trouble, "%.200s", plugin.first_line);
	return ledger;
}

static void describe(const struct ledger *ledger, const struct ledger_row *row, char *text,
                     size_t size)
{
	if (ledger->trouble[0] != '\0')
		snprintf(text, size, "%s", ledger->trouble);
	else
		snprintf(text, size, "%s: %s %s: %.300s", row->name, verdict_name(row->verdict.kind),
		         diagnosis_code(row->verdict.diagnosis), row->verdict.message);
}

/* Valgrind's diagnosis is given by `make memcheck` alone; but for a leak per call there is
 * a test. */
static bool is_for_valgrind(const struct expectation *e)
{
	return strcmp(e->diagnosis, diagnosis_code(LEAKED_MEMORY)) == 0 &&
	       strcmp(e->test, "calls_leak_nothing") != 0;
}

static void expect_memory_diagnosis(const char *path, const char *test)
{
	char program[PATH_LENGTH], impl[PATH_LENGTH + 16], option[NAME_LENGTH + 16], output[4096];
	const char *build = getenv("CROSSOVER_BUILD");
	snprintf(program, sizeof program, "%s/memcheck", build != NULL ? build : "build");
	snprintf(impl, sizeof impl, "--impl=%s", path);
	snprintf(option, sizeof option, "--test=%s", test);
	char *arguments[] = { program, impl, option, "--record=/dev/null", NULL };
	int status = command_run(arguments, output, sizeof output);
	report(status == 1 && strstr(output, "leaked-memory: ") != NULL &&
	       strstr(output, path) != NULL, path, output);
}

/* Grades with one test, which gets some more tries to be measured. */
static struct ledger *grade_test(const char *implementation, const char *lab, const char *test,
                                 int *fd)
{
	for (int attempt = 1;; attempt++) {
		struct ledger *ledger = grade(implementation, lab, test, fd);
		const struct ledger_row *row = ledger_find(ledger, test);
		if (attempt == TRIES || row == NULL || row->verdict.kind != VERDICT_NOT_MEASURED)
			return ledger;
		ledger_close(ledger, *fd);
	}
}

/* The named test must fail with the named diagnosis. */
static void expect_diagnosis(const char *path, const char *lab)
{
	struct expectation e;
	char text[600];
	int fd;
	if (!read_expectation(path, &e)) {
		report(false, path, "its head names no Test: and Diagnosis:");
		return;
	}
	if (is_for_valgrind(&e)) {
		expect_memory_diagnosis(path, e.test);
		return;
	}
	struct ledger *ledger = grade_test(path, lab, e.test, &fd);
	const struct ledger_row *row = ledger_find(ledger, e.test);
	if (row == NULL) {
		report(false, path, "the test that it names does not exist");
	} else if (row->verdict.kind == VERDICT_NOT_MEASURED && ledger->trouble[0] == '\0') {
		skip(path, row->verdict.message);
	} else {
		bool good = ledger->trouble[0] == '\0' && row->verdict.kind == VERDICT_FAILED &&
		            strcmp(diagnosis_code(row->verdict.diagnosis), e.diagnosis) == 0;
		int used = snprintf(text, sizeof text, "expected %s, got ", e.diagnosis);
		describe(ledger, row, text + used, sizeof text - (size_t)used);
		report(good, path, text);
	}
	ledger_close(ledger, fd);
}

/* With all tests (but Valgrind's): the named diagnosis is among the failures, and nothing that is
 * not a failure of the solution's is. */
static void expect_failure(const char *path, const char *lab)
{
	int fd, failed = 0, broken = 0;
	struct ledger *ledger = grade(path, lab, NULL, &fd);
	for (int i = 0; i < ledger->rows; i++) {
		failed += ledger->row[i].verdict.kind == VERDICT_FAILED;
		broken += ledger->row[i].verdict.kind == VERDICT_KIT_ERROR || ledger->row[i].state != ROW_DONE;
	}
	report(failed > 0 && broken == 0 && ledger->trouble[0] == '\0', path,
	       broken > 0 ? "the harness itself failed on it" : "it passes the whole lab");
	ledger_close(ledger, fd);
}

/* A row that could not be measured when all rows ran gets more tries by itself. */
static void measure_again(const char *implementation, const char *lab, struct ledger_row *row)
{
	int fd;
	char what[600];
	if (row->verdict.kind != VERDICT_NOT_MEASURED)
		return;
	struct ledger *ledger = grade_test(implementation, lab, row->name, &fd);
	*row = *ledger_find(ledger, row->name);
	ledger_close(ledger, fd);
	snprintf(what, sizeof what, "%s: %.300s", row->name, row->verdict.message);
	if (row->verdict.kind == VERDICT_NOT_MEASURED)
		skip(implementation, what);
}

static void expect_all(const char *implementation, const char *lab, enum verdict_kind kind)
{
	int fd;
	char text[600] = "no rows";
	struct ledger *ledger = grade(implementation, lab, NULL, &fd);
	bool good = ledger->trouble[0] == '\0' && ledger->rows > 0;
	describe(ledger, &ledger->row[0], text, sizeof text);
	for (int i = 0; good && i < ledger->rows; i++) {
		struct ledger_row *row = &ledger->row[i];
		measure_again(implementation, lab, row);
		good = row->state == ROW_DONE &&
		       (row->verdict.kind == kind || row->verdict.kind == VERDICT_NOT_MEASURED);
		describe(ledger, row, text, sizeof text);
	}
	report(good, implementation, text);
	ledger_close(ledger, fd);
}

/* Calls visit for every file that matches; there must be some. */
static void each_file(const char *folder, const char *lab, bool all,
                      void (*visit)(const char *path, const char *lab, bool all))
{
	char pattern[PATH_LENGTH];
	glob_t found;
	snprintf(pattern, sizeof pattern, "tests/%s/%s/*.c", folder, lab);
	if (glob(pattern, 0, NULL, &found) != 0) {
		report(false, pattern, "there are no such files");
		return;
	}
	for (size_t i = 0; i < found.gl_pathc; i++)
		if (strstr(found.gl_pathv[i], only) != NULL)
			visit(found.gl_pathv[i], lab, all);
	globfree(&found);
}

static void visit_wrong(const char *path, const char *lab, bool all)
{
	expect_diagnosis(path, lab);
	struct expectation e;
	bool memory = read_expectation(path, &e) && is_for_valgrind(&e);
	if (all && !memory) /* what only Valgrind sees may pass everything else */
		expect_failure(path, lab);
}

static void visit_right(const char *path, const char *lab, bool all)
{
	(void)all;
	expect_all(path, lab, VERDICT_PASSED);
}

int main(int argc, char *argv[])
{
	struct labs kit;
	bool all = argc >= 2 && strcmp(argv[1], "--all") == 0;
	if (argc == 2 + all)
		only = argv[1 + all];
	if (argc > 2 + all || only[0] == '-' || labs_find(&kit) != 0) {
		fputs("usage: verdicts [--all] [TEXT], in the kit's own folder\n", stderr);
		return 2;
	}
	program_handle_signals();
	for (int i = 0; i < kit.count; i++) {
		if (only[0] == '\0') {
			expect_all("labs/.starter", kit.name[i], VERDICT_NOT_STARTED);
			expect_all("solutions", kit.name[i], VERDICT_PASSED);
		}
		each_file("right", kit.name[i], all, visit_right);
		each_file("wrong", kit.name[i], all, visit_wrong);
	}
	printf("%sverdicts: %d passed, %d failed, %d skipped\n", isatty(STDOUT_FILENO) ? "\r" : "",
	       tally.passed, tally.failed, tally.skipped);
	return tally.failed > 0;
}
