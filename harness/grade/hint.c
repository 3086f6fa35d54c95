/* `crossover hint`: the next hint of a lab. See commands.h.
 *
 * labs/NN_name/hints.md has a section for each test, "## test", with numbered hints from
 * a question to nearly the answer. Which of them were shown is kept in build/hints.json.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "progress.h"
#include "record.h"

static const char shown_path[] = "build/hints.json";

enum { SECTION = 64 };

/* The tests of the lab, in the order of its hints: the first that is not passed, or the
 * one that was asked for. */
static const char *choose_test(const struct options *o, const char *lab)
{
	const json_t *open = progress_first_open(progress_of(lab));
	if (o->test != NULL)
		return o->test;
	return open == NULL ? NULL : json_string_value(json_object_get(open, "name"));
}

static FILE *open_hints(const char *lab)
{
	char path[PATH_LENGTH];
	snprintf(path, sizeof path, "labs/%s/hints.md", lab);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		options_refuse("%s cannot be read", path);
	return file;
}

/* Goes to the test's section, or to the first (test NULL), and tells its name. */
static bool find_section(FILE *file, const char *test, char name[SECTION])
{
	char line[256];
	while (fgets(line, sizeof line, file) != NULL)
		if (sscanf(line, "## %63s", name) == 1 && (test == NULL || strcmp(name, test) == 0))
			return true;
	return false;
}

/* Prints hint number `wanted` of the section. Returns how many it has. */
static int print_hint(FILE *file, int wanted)
{
	char line[256];
	int number = 0;
	while (fgets(line, sizeof line, file) != NULL && strncmp(line, "## ", 3) != 0) {
		if (isdigit((unsigned char)line[0]) && strchr(line, '.') != NULL)
			number = atoi(line);
		if (number == wanted && line[0] != '\n')
			fputs(line, stdout);
	}
	return number;
}

/* How many hints of this test were shown before; counts one more, up to `most`. */
static int shown_before(const char *lab, const char *test, int most)
{
	char key[2 * SECTION];
	json_t *shown = json_load_file(shown_path, 0, NULL);
	if (!json_is_object(shown)) {
		json_decref(shown);
		shown = json_object();
	}
	snprintf(key, sizeof key, "%.31s/%s", lab, test);
	int before = (int)json_integer_value(json_object_get(shown, key));
	if (before < 0 || before >= most)
		before = 0; /* all of them: from the first again */
	json_object_set_new(shown, key, json_integer(before + 1));
	record_write(shown, shown_path);
	json_decref(shown);
	return before;
}

static int count_hints(const char *lab, const char *test)
{
	char name[SECTION];
	FILE *file = open_hints(lab);
	int count = find_section(file, test, name) ? print_hint(file, -1) : 0;
	fclose(file);
	return count;
}

/* What the last check said of this test, and where there is more. */
static void say_what_else(const char *lab, const char *test, bool more)
{
	const json_t *row = json_object_get(json_object_get(progress_of(lab), "tests"), test);
	const char *code = json_string_value(json_object_get(row, "diagnosis"));
	putchar('\n');
	if (code != NULL && code[0] != '\0')
		printf("It was %s when it was last checked: make explain CODE=%s\n", code, code);
	if (more)
		printf("Try it first. The next one: make hint LAB=%.2s TEST=%s\n", lab, test);
	else
		printf("That was the last one for this test.\n");
}

int command_hint(const struct options *o)
{
	if (!o->lab_given || o->labs.count != 1)
		options_refuse("LAB= must name the one lab that you want a hint for, such as LAB=%.2s",
		               o->kit.name[0]);
	const char *lab = o->labs.name[0];
	FILE *file = open_hints(lab);
	char test[SECTION];
	if (!find_section(file, choose_test(o, lab), test))
		options_refuse("TEST=%s: lab %.2s has no hints for that", o->test, lab);
	int count = count_hints(lab, test), number = shown_before(lab, test, count) + 1;
	printf("Lab %.2s, %s, hint %d of %d:\n\n", lab, test, number, count);
	print_hint(file, number);
	fclose(file);
	say_what_else(lab, test, number < count);
	return 0;
}
