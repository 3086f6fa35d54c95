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
	const json_t *found = json_object_get(lab, "tests");
	json_t *entry = json_object_get(all(), name), *tests = json_object_get(entry, "tests");
	if (whole || !json_is_object(tests)) {
		entry = json_pack("{s:{}}", "tests");
		tests = json_object_get(entry, "tests");
		json_object_set_new(all(), name, entry);
	}
	json_object_set_new(entry, "checked", json_integer((json_int_t)time(NULL)));
	for (size_t i = 0; i < json_array_size(found); i++) {
		json_t *test = json_array_get(found, i);
		json_object_set(tests, json_string_value(json_object_get(test, "name")), test);
	}
}

void progress_note(const json_t *record, bool whole)
{
	const char *implementation = json_string_value(json_object_get(record, "implementation"));
	const json_t *labs = json_object_get(record, "labs");
	if (strcmp(implementation, "labs") != 0)
		return;
	for (size_t i = 0; i < json_array_size(labs); i++)
		note_lab(json_array_get(labs, i), whole);
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
	json_t *tests = json_object_get(lab, "tests");
	for (void *at = json_object_iter(tests); at != NULL; at = json_object_iter_next(tests, at))
		if (!is_done(json_object_iter_value(at)))
			return json_object_iter_value(at);
	return NULL;
}

void progress_points(const json_t *lab, int *points, int *open, int *most)
{
	json_t *tests = json_object_get(lab, "tests");
	*points = *open = *most = 0;
	for (void *at = json_object_iter(tests); at != NULL; at = json_object_iter_next(tests, at)) {
		const json_t *test = json_object_iter_value(at);
		*points += (int)json_integer_value(json_object_get(test, "points"));
		*open += (int)json_integer_value(json_object_get(test, "open_points"));
		*most += (int)json_integer_value(json_object_get(test, "max_points"));
	}
}
