/* What was found so far, from one check to the next: see progress.h. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "progress.h"
#include "record.h"

static const char path[] = "build/progress.json";

static json_t *known;

static json_t *all(void)
{
	if (known == NULL)
		known = json_load_file(path, 0, NULL);
	if (!json_is_object(known)) {
		json_decref(known);
		known = json_object();
	}
	return known;
}

static void note_lab(const json_t *lab, bool whole)
{
	const char *name = json_string_value(json_object_get(lab, "lab"));
	json_t *entry = json_object_get(all(), name), *tests = json_object_get(entry, "tests"), *test;
	size_t i;
	if (whole || !json_is_object(tests)) {
		entry = json_pack("{s:{}}", "tests");
		tests = json_object_get(entry, "tests");
		json_object_set_new(all(), name, entry);
	}
	json_object_set_new(entry, "checked", json_integer((json_int_t)time(NULL)));
	json_array_foreach(json_object_get(lab, "tests"), i, test)
		json_object_set(tests, json_string_value(json_object_get(test, "name")), test);
}

void progress_note(const json_t *record, bool whole)
{
	const char *implementation = json_string_value(json_object_get(record, "implementation"));
	json_t *lab;
	size_t i;
	if (strcmp(implementation, "labs") != 0)
		return;
	json_array_foreach(json_object_get(record, "labs"), i, lab)
		note_lab(lab, whole);
	record_write(all(), path);
}

const json_t *progress_of(const char *lab)
{
	return json_object_get(all(), lab);
}

static bool is_done(const json_t *test)
{
	const char *verdict = json_string_value(json_object_get(test, "verdict"));
	return verdict != NULL &&
	       (strcmp(verdict, "passed") == 0 || strcmp(verdict, "not measured") == 0);
}

const json_t *progress_first_open(const json_t *lab)
{
	const char *name;
	json_t *test;
	json_object_foreach(json_object_get(lab, "tests"), name, test)
		if (!is_done(test))
			return test;
	return NULL;
}

void progress_points(const json_t *lab, int *points, int *open, int *most)
{
	const char *name;
	json_t *test;
	*points = *open = *most = 0;
	json_object_foreach(json_object_get(lab, "tests"), name, test) {
		*points += (int)json_integer_value(json_object_get(test, "points"));
		*open += (int)json_integer_value(json_object_get(test, "open_points"));
		*most += (int)json_integer_value(json_object_get(test, "max_points"));
	}
}
