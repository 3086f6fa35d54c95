/* `crossover reset`: the starter of a lab comes back, the student's file stays.
 *
 * The starters are kept in labs/.starter, which nobody edits. The student's file
 * is renamed to NAME.c.DATE, which no compiler run picks up. The headers come
 * back as well.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "commands.h"

enum { FILE_MOST = 1 << 20 };

/* Returns the number of bytes, or -1 where the file cannot be read. */
static long read_file(const char *path, char text[FILE_MOST])
{
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return -1;
	size_t size = fread(text, 1, FILE_MOST, file);
	bool bad = ferror(file) != 0;
	fclose(file);
	return bad ? -1 : (long)size;
}

static bool write_file(const char *path, const char *text, long size)
{
	FILE *file = fopen(path, "we");
	if (file == NULL)
		return false;
	bool good = fwrite(text, 1, (size_t)size, file) == (size_t)size;
	return fclose(file) == 0 && good;
}

/* Returns 0 if the file is the starter now. */
static int reset_file(const char *starter, const char *path)
{
	static char old[FILE_MOST], new[FILE_MOST];
	char kept[PATH_LENGTH + 32], date[24];
	time_t now = time(NULL);
	long new_size = read_file(starter, new), old_size = read_file(path, old);

	if (new_size >= 0 && old_size == new_size && memcmp(old, new, (size_t)new_size) == 0) {
		printf("%s is as it was handed out.\n", path);
		return 0;
	}
	strftime(date, sizeof date, "%Y-%m-%d_%H%M%S", localtime(&now));
	snprintf(kept, sizeof kept, "%s.%s", path, date);
	if (new_size < 0 || (old_size >= 0 && rename(path, kept) != 0) ||
	    !write_file(path, new, new_size)) {
		fprintf(stderr, "crossover: %s: %s\n", path, strerror(errno));
		return 2;
	}
	if (old_size >= 0)
		printf("Your file is kept as %s\n", kept);
	printf("%s is as it was handed out again.\n", path);
	return 0;
}

int command_reset(const struct options *o)
{
	char pattern[PATH_LENGTH], path[PATH_LENGTH];
	glob_t starters;
	int status = 0;
	if (!o->lab_given || o->labs.count != 1)
		options_refuse("LAB= must name the one lab to reset, such as LAB=%.2s", o->kit.name[0]);
	snprintf(pattern, sizeof pattern, "labs/.starter/%s/*.[ch]", o->labs.name[0]);
	if (glob(pattern, 0, NULL, &starters) != 0)
		options_refuse("there is no starter in labs/.starter/%s", o->labs.name[0]);
	for (size_t i = 0; i < starters.gl_pathc && status == 0; i++) {
		snprintf(path, sizeof path, "labs/%s%s", o->labs.name[0],
		         strrchr(starters.gl_pathv[i], '/'));
		status = reset_file(starters.gl_pathv[i], path);
	}
	globfree(&starters);
	return status;
}
