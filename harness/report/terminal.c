/* The terminal's report, made from the record alone: see terminal.h. */
#define _GNU_SOURCE
#include "terminal.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "processes.h"
#include "text.h"

enum { VERDICT_WIDTH = 13, NAME_WIDTH = 40, LAB_WIDTH = 16, INDENT = 4, OUTPUT_SHOWN = 400 };

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text == NULL ? "" : text;
}

static int number_of(const json_t *object, const char *key)
{
	return (int)json_integer_value(json_object_get(object, key));
}

static bool is(const json_t *test, const char *verdict)
{
	return strcmp(text_of(test, "verdict"), verdict) == 0;
}

static size_t tests_of(const json_t *lab)
{
	return json_array_size(json_object_get(lab, "tests"));
}

static const json_t *test_at(const json_t *lab, size_t index)
{
	return json_array_get(json_object_get(lab, "tests"), index);
}

static int count(const json_t *lab, const char *verdict)
{
	int found = 0;
	for (size_t i = 0; i < tests_of(lab); i++)
		found += is(test_at(lab, i), verdict);
	return found;
}

/* A lab of which nothing is written, or which does not compile, is one message. */
static bool all_not_started(const json_t *lab)
{
	return tests_of(lab) > 0 && count(lab, "not started") == (int)tests_of(lab);
}

static bool does_not_compile(const json_t *lab)
{
	return strcmp(text_of(test_at(lab, 0), "diagnosis"), "does-not-compile") == 0 &&
	       count(lab, "failed") == (int)tests_of(lab);
}

static enum colour colour_of(const json_t *test)
{
	if (is(test, "passed"))
		return GREEN;
	return is(test, "failed") || is(test, "kit error") ? RED : YELLOW;
}

static const json_t *first_hang; /* of the record being printed, or NULL */

static void find_first_hang(const json_t *record)
{
	const json_t *labs = json_object_get(record, "labs");
	first_hang = NULL;
	for (size_t i = 0; i < json_array_size(labs) && first_hang == NULL; i++)
		for (size_t j = 0; j < tests_of(json_array_get(labs, i)) && first_hang == NULL; j++)
			if (json_object_get(test_at(json_array_get(labs, i), j), "processes") != NULL)
				first_hang = test_at(json_array_get(labs, i), j);
}

/* --- one test --------------------------------------------------------------- */

static void print_labelled(FILE *out, const char *label, const char *text)
{
	int column = fprintf(out, "%*s%s", INDENT, "", label);
	text_wrap(out, INDENT, column, text);
}

/* What the student's code printed helps to find out what it did; its end does. */
static void print_output(FILE *out, const char *output)
{
	size_t length = strlen(output);
	if (length == 0)
		return;
	fprintf(out, "%*sIt printed%s:\n", INDENT, "",
	        length > OUTPUT_SHOWN ? ", at the end ..." : "");
	const char *line = length > OUTPUT_SHOWN ? output + length - OUTPUT_SHOWN : output;
	while (*line != '\0') {
		int width = (int)strcspn(line, "\n");
		width = width < COLUMNS - 8 ? width : COLUMNS - 8;
		fprintf(out, "%*s| ", INDENT, "");
		for (int i = 0; i < width; i++)
			fputc(iscntrl((unsigned char)line[i]) && line[i] != '\t' ? '?' : line[i], out);
		fputc('\n', out);
		line += width + (line[width] == '\n');
	}
}

/* Of the first hang of a run only: the others are most often the same again. */
static void print_processes(const json_t *test, FILE *out)
{
	const json_t *processes = json_object_get(test, "processes");
	if (processes == NULL || test != first_hang)
		return;
	fprintf(out, "%*sWhat the processes were doing:\n", INDENT, "");
	processes_print(processes, out);
}

static void print_details(const json_t *test, FILE *out)
{
	const char *diagnosis = text_of(test, "diagnosis");
	char label[64];
	snprintf(label, sizeof label, "%s%s", diagnosis, diagnosis[0] != '\0' ? ": " : "");
	print_labelled(out, label, text_of(test, "message"));
	if (text_of(test, "next_step")[0] != '\0')
		print_labelled(out, "Next step: ", text_of(test, "next_step"));
	if (diagnosis[0] != '\0')
		fprintf(out, "%*sSee docs/diagnoses.md#%s\n", INDENT, "", diagnosis);
	print_processes(test, out);
	if (is(test, "failed"))
		print_output(out, text_of(test, "output"));
}

static void print_test(const json_t *test, FILE *out)
{
	char verdict[VERDICT_WIDTH + 1];
	snprintf(verdict, sizeof verdict, "%-*s", VERDICT_WIDTH, text_of(test, "verdict"));
	fputs("  ", out);
	text_print(out, colour_of(test), verdict);
	fprintf(out, " %-*s %3d of %3d", NAME_WIDTH, text_of(test, "name"), number_of(test, "points"),
	        number_of(test, "max_points"));
	if (number_of(test, "open_points") > 0)
		fprintf(out, ", %d open", number_of(test, "open_points"));
	fputc('\n', out);
	if (!is(test, "passed") || text_of(test, "message")[0] != '\0')
		print_details(test, out);
}

/* --- one lab ---------------------------------------------------------------- */

/* One line for all: what failed must not scroll away. */
static void print_blocked(const json_t *lab, FILE *out)
{
	int points = 0, tests = count(lab, "blocked");
	for (size_t i = 0; i < tests_of(lab); i++)
		if (is(test_at(lab, i), "blocked"))
			points += number_of(test_at(lab, i), "max_points");
	if (tests == 0)
		return;
	fputs("  ", out);
	text_print(out, YELLOW, "blocked");
	fprintf(out, "       %d test%s that need%s what has not passed %*s 0 of %3d\n", tests,
	        tests > 1 ? "s" : "", tests > 1 ? "" : "s", tests > 9 ? 4 : 5, "", points);
}

static void print_lab(const json_t *lab, FILE *out)
{
	text_print(out, BOLD, text_of(lab, "lab"));
	fputc('\n', out);
	if (text_of(lab, "compiler")[0] != '\0' && !does_not_compile(lab))
		print_labelled(out, "The compiler warns: ", text_of(lab, "compiler"));
	if (all_not_started(lab)) {
		fputs("  ", out);
		text_print(out, YELLOW, "not started");
		fprintf(out, ": read labs/%s/README.md\n", text_of(lab, "lab"));
	} else if (does_not_compile(lab)) {
		fputs("  ", out);
		text_print(out, RED, "failed\n");
		print_details(test_at(lab, 0), out);
	} else {
		for (size_t i = 0; i < tests_of(lab); i++)
			if (!is(test_at(lab, i), "blocked"))
				print_test(test_at(lab, i), out);
		print_blocked(lab, out);
	}
	fputc('\n', out);
}

static void print_points(const json_t *object, FILE *out)
{
	fprintf(out, "%3d of %3d points", number_of(object, "points"), number_of(object, "max_points"));
	if (number_of(object, "open_points") > 0)
		fprintf(out, ", %d open", number_of(object, "open_points"));
	fputc('\n', out);
}

static void print_summary(const json_t *lab, FILE *out)
{
	fprintf(out, "%-*s ", LAB_WIDTH, text_of(lab, "lab"));
	if (all_not_started(lab))
		fprintf(out, "%-22s", "not started");
	else if (does_not_compile(lab))
		fprintf(out, "%-22s", "does not compile");
	else
		fprintf(out, "%2d of %2zu tests passed ", count(lab, "passed"), tests_of(lab));
	print_points(lab, out);
}

/* --- what to do ------------------------------------------------------------- */

/* " IMPL=..." for commands that are to be typed again. */
static const char *implementation_option(const json_t *record)
{
	static char option[300];
	const char *name = text_of(record, "implementation");
	option[0] = '\0';
	if (strcmp(name, "labs") != 0)
		snprintf(option, sizeof option, " IMPL=%s", name);
	return option;
}

/* What to do, and then the command to type, on a line of its own. */
static void print_next_for(const json_t *record, const json_t *lab, const json_t *test, FILE *out)
{
	char text[1200], command[600];
	const char *name = text_of(lab, "lab"), *option = implementation_option(record);
	snprintf(command, sizeof command, "make check LAB=%.2s%s", name, option);
	if (is(test, "not started"))
		snprintf(text, sizeof text, "read labs/%s/README.md. %s When it is, type:", name,
		         text_of(test, "message"));
	else if (does_not_compile(lab))
		snprintf(text, sizeof text, "mend the compiler's first error, then type:");
	else if (is(test, "kit error"))
		snprintf(text, sizeof text, "this is the kit's fault, not yours. Run it again; if it "
		         "comes back, report it together with the record. Type:");
	else {
		snprintf(text, sizeof text, "mend %s (%s), then type:", text_of(test, "name"),
		         text_of(test, "diagnosis"));
		snprintf(command, sizeof command, "make check LAB=%.2s TEST=%s%s", name,
		         text_of(test, "name"), option);
	}
	text_print(out, BOLD, "Next:");
	fputc(' ', out);
	text_wrap(out, 6, 6, text);
	fputs("      ", out);
	text_wrap(out, 6, 6, command);
}

/* The first test of a lab that something can be done about, or NULL. */
static const json_t *first_open(const json_t *lab)
{
	for (size_t i = 0; i < tests_of(lab); i++) {
		const json_t *test = test_at(lab, i);
		if (!is(test, "passed") && !is(test, "not measured") && !is(test, "blocked"))
			return test;
	}
	return NULL;
}

static void print_next(const json_t *record, FILE *out)
{
	const json_t *labs = json_object_get(record, "labs");
	for (size_t i = 0; i < json_array_size(labs); i++) {
		const json_t *lab = json_array_get(labs, i);
		const json_t *test = first_open(lab);
		if (test != NULL) {
			print_next_for(record, lab, test, out);
			return;
		}
	}
	int open = number_of(record, "open_points");
	if (open > 0)
		fprintf(out, "Nothing failed. %d points are open: what could not be measured says how to.\n",
		        open);
	else if (json_array_size(labs) == 1 && tests_of(json_array_get(labs, 0)) == 1)
		fprintf(out, "Passed. The whole lab: make check LAB=%.2s%s\n",
		        text_of(json_array_get(labs, 0), "lab"), implementation_option(record));
	else
		fputs("Everything passed.\n", out);
}

void terminal_report(const json_t *record, FILE *out)
{
	const json_t *labs = json_object_get(record, "labs");
	find_first_hang(record);
	for (size_t i = 0; i < json_array_size(labs); i++)
		print_lab(json_array_get(labs, i), out);
	for (size_t i = 0; i < json_array_size(labs); i++)
		print_summary(json_array_get(labs, i), out);
	fprintf(out, "%-*s %-22s", LAB_WIDTH, "Total", "");
	print_points(record, out);
	fputc('\n', out);
	print_next(record, out);
}
