/* The tests of the graded tests.
 *
 *     verdicts [--all] [TEXT]
 *
 * Grades every file in tests/wrong/NN_name with the test that its first lines
 * name, and requires exactly the diagnosis that they name; with --all, every test
 * is run on it, and none may pass the lab. Every file in tests/right/NN_name and
 * the solutions must get all points, the starters must be "not started".
 *
 * A mistake that depends on who is late may name two: "lock-deadlock or repeated-task".
 * Of a race, both lines that the message names must be marked in the file: "race" in a
 * comment. Those that are not about speed are graded two at a time.
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
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "command.h"
#include "compile.h"
#include "labs.h"
#include "ledger.h"
#include "program.h"
#include "verdicts_jobs.h"

enum { TRIES = 3, AT_ONCE = 2 };

/* Shared with the jobs. */
static struct {
	atomic_int passed, failed, skipped;
} *tally;

static bool all_tests;
static const char *only = ""; /* what has this in its path */

/* What a file is required to get; a second diagnosis is as good. */
struct expectation {
	char test[NAME_LENGTH];
	char diagnosis[NAME_LENGTH], other[NAME_LENGTH];
};

static void report(bool good, const char *path, const char *what)
{
	if (good)
		tally->passed++;
	else
		tally->failed++;
	if (!good)
		printf("not ok  %s: %s\n", path, what);
	else if (isatty(STDOUT_FILENO))
		printf("\r%5d as expected ", tally->passed);
	fflush(stdout);
}

static void skip(const char *path, const char *what)
{
	tally->skipped++;
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
		sscanf(line, " * Diagnosis: %47s or %47s", e->diagnosis, e->other);
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

/* Whether all lines "FILE:NUMBER" that the message names have the mark in the file. */
static bool names_marked_lines(const char *path, const char *message)
{
	int named = 0;
	const char *name = strrchr(path, '/');
	for (const char *at = message; (at = strstr(at, name)) != NULL; at++) {
		char line[400] = "";
		FILE *file = fopen(path, "re");
		for (int number = atoi(at + strlen(name) + 1); file != NULL && number > 0; number--)
			if (fgets(line, sizeof line, file) == NULL)
				line[0] = '\0';
		if (file != NULL)
			fclose(file);
		named++;
		if (strstr(line, "/* race") == NULL)
			return false;
	}
	return named == 2;
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
		const char *code = diagnosis_code(row->verdict.diagnosis);
		bool good = ledger->trouble[0] == '\0' && row->verdict.kind == VERDICT_FAILED &&
		            (strcmp(code, e.diagnosis) == 0 || strcmp(code, e.other) == 0);
		if (good && strcmp(code, diagnosis_code(RACE)) == 0)
			good = names_marked_lines(path, row->verdict.message);
		int used = snprintf(text, sizeof text, "expected %s%s, got ", e.diagnosis,
		                    strcmp(code, diagnosis_code(RACE)) == 0 ? " in the marked lines" : "");
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

static void run_starter(const struct job *job)
{
	expect_all(job->path, job->lab, VERDICT_NOT_STARTED);
}

static void run_right(const struct job *job)
{
	expect_all(job->path, job->lab, VERDICT_PASSED);
}

static void run_wrong(const struct job *job)
{
	struct expectation e;
	expect_diagnosis(job->path, job->lab);
	bool memory = read_expectation(job->path, &e) && is_for_valgrind(&e);
	if (all_tests && !memory) /* what only Valgrind sees may pass everything else */
		expect_failure(job->path, job->lab);
}

static void broken(const struct job *job)
{
	report(false, job->path, "it was not graded to the end");
}

/* Is the test that this wrong solution fails one of speed? */
static bool is_about_speed(const char *path, struct ledger *rows)
{
	struct expectation e;
	const struct ledger_row *row = read_expectation(path, &e) ? ledger_find(rows, e.test) : NULL;
	return row != NULL && strcmp(row->category, "speed") == 0;
}

static void add(const char *path, const char *lab, void (*run)(const struct job *job), bool alone)
{
	struct job job = { .lab = lab, .run = run, .alone = alone };
	if (strstr(path, only) == NULL)
		return;
	snprintf(job.path, sizeof job.path, "%s", path);
	jobs_add(&job);
}

/* Every file that matches; there must be some. */
static void add_files(const char *folder, const char *lab, void (*run)(const struct job *job),
                      struct ledger *rows)
{
	char pattern[PATH_LENGTH];
	glob_t found;
	snprintf(pattern, sizeof pattern, "tests/%s/%s/*.c", folder, lab);
	if (glob(pattern, 0, NULL, &found) != 0) {
		report(false, pattern, "there are no such files");
		return;
	}
	for (size_t i = 0; i < found.gl_pathc; i++)
		add(found.gl_pathv[i], lab, run,
		    all_tests || run == run_right || is_about_speed(found.gl_pathv[i], rows));
	globfree(&found);
}

static void add_lab(const char *lab)
{
	int fd;
	struct ledger *rows = ledger_create(&fd);
	if (rows == NULL || program_list(lab, rows, fd) != 0) {
		fprintf(stderr, "verdicts: the check program of %s does not run\n", lab);
		exit(2);
	}
	if (only[0] == '\0') {
		add("labs/.starter", lab, run_starter, false);
		add("solutions", lab, run_right, true);
	}
	add_files("right", lab, run_right, rows);
	add_files("wrong", lab, run_wrong, rows);
	ledger_close(rows, fd);
}

static void share_tally(void)
{
	tally = mmap(NULL, sizeof *tally, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tally == MAP_FAILED) {
		perror("verdicts");
		exit(2);
	}
}

int main(int argc, char *argv[])
{
	static struct labs kit;
	all_tests = argc >= 2 && strcmp(argv[1], "--all") == 0;
	if (argc == 2 + all_tests)
		only = argv[1 + all_tests];
	if (argc > 2 + all_tests || only[0] == '-' || labs_find(&kit) != 0) {
		fputs("usage: verdicts [--all] [TEXT], in the kit's own folder\n", stderr);
		return 2;
	}
	share_tally();
	program_handle_signals();
	for (int i = 0; i < kit.count; i++)
		add_lab(kit.name[i]);
	jobs_run(AT_ONCE, broken);
	printf("%sverdicts: %d passed, %d failed, %d skipped\n", isatty(STDOUT_FILENO) ? "\r" : "",
	       tally->passed, tally->failed, tally->skipped);
	return tally->failed > 0;
}
