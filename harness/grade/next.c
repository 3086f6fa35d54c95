/* `crossover next`: what to do now. See commands.h.
 *
 * The labs are meant to be done one after the other. So it is the first that is not
 * done yet, and in it the first test that is not passed, as of the last check.
 */
#define _GNU_SOURCE
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "commands.h"
#include "progress.h"
#include "text.h"

/* Whether a file of the lab was saved after the lab was checked. */
static bool edited_since(const char *lab, const json_t *entry)
{
	char pattern[PATH_LENGTH];
	glob_t files;
	bool edited = false;
	json_int_t checked = json_integer_value(json_object_get(entry, "checked"));
	snprintf(pattern, sizeof pattern, "labs/%s/*.[ch]", lab);
	if (glob(pattern, 0, NULL, &files) != 0)
		return false;
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct stat status;
		edited = edited || (stat(files.gl_pathv[i], &status) == 0 && status.st_mtime > checked);
	}
	globfree(&files);
	return edited;
}

static const char *source_of(const char *lab)
{
	static char path[PATH_LENGTH];
	char pattern[PATH_LENGTH];
	glob_t files;
	snprintf(pattern, sizeof pattern, "labs/.starter/%s/*.c", lab);
	if (glob(pattern, 0, NULL, &files) != 0)
		return lab;
	snprintf(path, sizeof path, "labs/%s%s", lab, strrchr(files.gl_pathv[0], '/'));
	globfree(&files);
	return path;
}

static const char *word(const json_t *test, const char *key)
{
	const char *text = json_string_value(json_object_get(test, key));
	return text == NULL ? "" : text;
}

static void begin(const char *lab)
{
	printf("Lab %.2s is next.\n\n", lab);
	printf("  1. Read       labs/%s/README.md\n", lab);
	printf("  2. Edit       %s\n", source_of(lab));
	printf("  3. Then type  make check LAB=%.2s\n", lab);
}

static void check_again(const char *lab)
{
	printf("You have edited lab %.2s since it was last checked:\n\n", lab);
	printf("      make check LAB=%.2s\n", lab);
}

static void mend(const char *lab, const json_t *entry, const json_t *test)
{
	int points, open, most;
	const char *name = word(test, "name"), *code = word(test, "diagnosis");
	bool failed = code[0] != '\0';
	progress_points(entry, &points, &open, &most);
	printf("Lab %.2s has %d of %d points", lab, points, most);
	printf(open > 0 ? ", %d open.\n\n" : ".\n\n", open);
	printf("%s %s%s%s%s\n", failed ? "Mend" : "Write what", name, failed ? " (" : " tests", code,
	       failed ? ")" : ":");
	printf("  ");
	text_wrap(stdout, 2, 2, failed ? word(test, "next_step") : word(test, "about"));
	printf("\n      make hint LAB=%.2s\n", lab);
	if (failed)
		printf("      make explain CODE=%s\n", code);
	printf("      make check LAB=%.2s TEST=%s\n", lab, name);
}

int command_next(const struct options *o)
{
	for (int i = 0; i < o->kit.count; i++) {
		const char *lab = o->kit.name[i];
		const json_t *entry = progress_of(lab), *test = progress_first_open(entry);
		if (entry == NULL || (test != NULL && strcmp(word(test, "verdict"), "not started") == 0 &&
		                      test == json_object_iter_value(json_object_iter(
		                                  json_object_get(entry, "tests")))))
			begin(lab);
		else if (edited_since(lab, entry))
			check_again(lab);
		else if (test != NULL)
			mend(lab, entry, test);
		else
			continue;
		return 0;
	}
	puts("All labs are done. `make plot` draws the book's figure from your own code; each\n"
	     "handout ends with something to try next.");
	return 0;
}
