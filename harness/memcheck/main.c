/* `make memcheck`: the graded tests under Valgrind, one at a time.
 *
 * Every process of a test writes an XML file of its own. What is found in the
 * student's code is reported for the test that was running: wrong accesses in
 * any process, lost memory in the caller's alone, because a worker may end with
 * what it inherited (and one that is killed cannot free anything).
 *
 * The record is of the same form as make check's (points aside).
 *
 * Ends with status 0 if nothing was found, 1 if something was, 2 for usage.
 */
#define _GNU_SOURCE
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "compile.h"
#include "findings.h"
#include "ledger.h"
#include "options.h"
#include "program.h"
#include "record.h"
#include "text.h"

enum { FILES_MAX = 512, CALLER_DEPTH = 3, COMMAND_OUTPUT = 4096 };

/* The processes of one test, by their files. */
static struct findings process[FILES_MAX];
static int processes;

static void folder_of(const char *lab, char path[PATH_LENGTH])
{
	const char *build = getenv("CROSSOVER_BUILD");
	snprintf(path, PATH_LENGTH, "%s/valgrind", build != NULL ? build : "build");
	mkdir(path, 0755);
	size_t end = strlen(path);
	snprintf(path + end, PATH_LENGTH - end, "/%s", lab);
	mkdir(path, 0755);
}

/* Files of an earlier run would be counted again. */
static void remove_files(const char *pattern)
{
	glob_t found;
	if (glob(pattern, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		unlink(found.gl_pathv[i]);
	globfree(&found);
}

static int read_files(const char *pattern, const char *plugin)
{
	glob_t found;
	processes = 0;
	if (glob(pattern, 0, NULL, &found) != 0)
		return -1;
	for (size_t i = 0; i < found.gl_pathc && processes < FILES_MAX; i++)
		if (findings_read(found.gl_pathv[i], plugin, &process[processes]) == 0)
			processes++;
	globfree(&found);
	return 0;
}

/* How many of the test's processes stand above this one: the check program, its
 * test, the supervisor, and then the caller. */
static int depth(pid_t pid)
{
	for (int i = 0; i < processes; i++)
		if (process[i].pid == pid)
			return process[i].parent == pid ? 0 : 1 + depth(process[i].parent);
	return -1;
}

static bool counts(const struct findings *f, const struct finding *finding)
{
	return finding->where[0] != '\0' && (!finding->leak || depth(f->pid) == CALLER_DEPTH);
}

/* Decides on a row: the first thing that was found in the student's code, and how
 * much more there is. */
static void judge(struct ledger_row *row)
{
	const char *who = "";
	const struct finding *first = NULL;
	int found = 0;
	for (int i = 0; i < processes; i++) {
		for (int j = 0; j < process[i].count && j < FINDINGS_MAX; j++) {
			const struct finding *finding = &process[i].finding[j];
			if (!counts(&process[i], finding))
				continue;
			who = depth(process[i].pid) == CALLER_DEPTH ? "in the caller" : "in a child process";
			first = found++ == 0 ? finding : first;
		}
	}
	bool ran = row->state == ROW_DONE, started = row->verdict.kind != VERDICT_NOT_STARTED;
	if (!ran)
		row->verdict = (struct verdict){ .kind = VERDICT_KIT_ERROR,
			                             .message = "The test did not run to its end." };
	else if (started) /* what else the test says is make check's subject */
		row->verdict = (struct verdict){ 0 };
	if (found > 0)
		verdict_fail(&row->verdict, LEAKED_MEMORY,
		             first->leak ? "Free it on every way out of the function."
		                         : "Look at the line: is the pointer valid there, the memory not yet "
		                           "freed, and the index within what was asked for?",
		             "Valgrind: %s%s, %s%s.", first->what, first->where, who,
		             found > 1 ? " (and more)" : "");
	if (row->verdict.kind == VERDICT_MISSING)
		verdict_set(&row->verdict, VERDICT_PASSED, "%s", "");
	row->state = ROW_DONE;
}

static void print_row(const struct ledger_row *row)
{
	bool clean = row->verdict.kind == VERDICT_PASSED;
	const char *diagnosis = diagnosis_code(row->verdict.diagnosis);
	char what[16];
	snprintf(what, sizeof what, "%-13s", clean ? "clean" : verdict_name(row->verdict.kind));
	fputs("  ", stdout);
	text_print(stdout, clean ? GREEN : RED, what);
	printf(" %s\n", row->name);
	if (diagnosis[0] != '\0') {
		printf("    %s: ", diagnosis);
		text_wrap(stdout, 4, 6 + (int)strlen(diagnosis), row->verdict.message);
		fputs("    Next step: ", stdout);
		text_wrap(stdout, 4, 15, row->verdict.next_step);
		printf("    See docs/diagnoses.md#%s\n", diagnosis);
	}
	fflush(stdout);
}

/* Returns 0, or -1 where Valgrind did not run. */
static int check_row(const char *lab, struct ledger_row *row, int fd, const char *plugin)
{
	const char *test = row->name;
	char folder[PATH_LENGTH], pattern[PATH_LENGTH + 80], program[PATH_LENGTH];
	char xml[PATH_LENGTH + 80], plugin_option[PATH_LENGTH + 16], test_option[NAME_LENGTH + 16];
	char ledger_option[32];
	static char output[COMMAND_OUTPUT];
	folder_of(lab, folder);
	labs_program(lab, program);
	snprintf(pattern, sizeof pattern, "%s/%s.*.xml", folder, test);
	snprintf(xml, sizeof xml, "--xml-file=%s/%s.%%p.xml", folder, test);
	snprintf(plugin_option, sizeof plugin_option, "--plugin=%s", plugin);
	snprintf(test_option, sizeof test_option, "--test=%s", test);
	snprintf(ledger_option, sizeof ledger_option, "--ledger=%d", fd);
	char *arguments[] = { "valgrind", "--quiet", "--leak-check=full", "--run-libc-freeres=no",
		                  "--show-leak-kinds=definite,indirect", "--trace-children=no",
		                  "--xml=yes", xml, program, plugin_option, test_option, ledger_option, NULL };
	remove_files(pattern);
	int status = command_run(arguments, output, sizeof output);
	program_stop_if_told();
	if (status > 1 || read_files(pattern, plugin) != 0) {
		fprintf(stderr, "crossover: valgrind did not run (status %d): %s\n", status, output);
		return -1;
	}
	judge(row);
	print_row(row);
	return 0;
}

static void fail_to_compile(struct ledger *ledger, const struct plugin *plugin)
{
	for (int i = 0; i < ledger->rows; i++) {
		verdict_fail(&ledger->row[i].verdict, DOES_NOT_COMPILE, "Mend the first error.", "%s",
		             plugin->first_line);
		ledger->row[i].state = ROW_DONE;
	}
	printf("  does-not-compile: %s\n", plugin->first_line);
}

/* Returns 0, or -1 where Valgrind did not run. */
static int check_lab(const struct options *o, const char *lab, json_t *record)
{
	int fd, status = 0;
	struct sources sources;
	struct plugin plugin;
	struct ledger *ledger = ledger_create(&fd);
	if (ledger == NULL || program_list(lab, ledger, fd) != 0)
		return -1;
	labs_sources(o->implementation, lab, &sources);
	compile_plugin(o->implementation, lab, &sources, &plugin);
	printf("%s\n", lab);
	if (!plugin.compiled)
		fail_to_compile(ledger, &plugin);
	for (int i = 0; plugin.compiled && status == 0 && i < ledger->rows; i++) {
		if (o->test == NULL || strcmp(o->test, ledger->row[i].name) == 0)
			status = check_row(lab, &ledger->row[i], fd, plugin.path);
		program_stop_if_told();
	}
	if (o->test != NULL && ledger_find(ledger, o->test) == NULL)
		options_refuse("TEST=%s: no such test in %s", o->test, lab);
	record_add_lab(record, lab, ledger, o->test, plugin.first_line);
	ledger_close(ledger, fd);
	return status;
}

int main(int argc, char *argv[])
{
	struct options options;
	options_read(argc, argv, &options);
	setenv("CROSSOVER_KEEP_USER", "1", 1); /* the XML files are this user's */
	setenv("CROSSOVER_SLOW", "20", 1);
	program_handle_signals();
	json_t *record = record_create(options.implementation, options.seed, &(struct machine){ 0 });
	for (int i = 0; i < options.labs.count; i++)
		if (check_lab(&options, options.labs.name[i], record) != 0)
			return 2;
	record_finish(record);
	int status = record_status(record);
	printf("\n%s\n", status == 0 ? "Valgrind found nothing."
	       : "Something was found, or not written yet, or could not be run: see above.");
	if (record_write(record, options.record) != 0) {
		perror(options.record);
		status = 2;
	}
	json_decref(record);
	return status;
}
