/* Labs and implementations on disk: see labs.h. There is no list of labs to keep
 * up to date: a folder labs/NN_name is one, if the kit has a starter for it (a
 * student's labs/02_fork_backup is none). */
#define _GNU_SOURCE
#include "labs.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static int is_lab(const struct dirent *entry)
{
	const char *name = entry->d_name;
	return isdigit((unsigned char)name[0]) && isdigit((unsigned char)name[1]) &&
	       name[2] == '_' && strlen(name) < LAB_LENGTH;
}

/* Names that begin with a dot are the editors'. */
static int is_source(const struct dirent *entry)
{
	const char *end = strrchr(entry->d_name, '.');
	return end != NULL && entry->d_name[0] != '.' && strcmp(end, ".c") == 0 &&
	       entry->d_type != DT_DIR;
}

int labs_find(struct labs *labs)
{
	struct dirent **entries;
	int found = scandir("labs", &entries, is_lab, alphasort);
	labs->count = 0;
	for (int i = 0; i < found; i++) {
		char starter[PATH_LENGTH];
		snprintf(starter, sizeof starter, "labs/.starter/%s", entries[i]->d_name);
		if (labs->count < LABS_MAX && access(starter, F_OK) == 0)
			snprintf(labs->name[labs->count++], LAB_LENGTH, "%.*s", LAB_LENGTH - 1,
			         entries[i]->d_name);
		free(entries[i]);
	}
	if (found >= 0)
		free(entries);
	return found < 0 ? -1 : 0;
}

const char *labs_named(const struct labs *labs, const char *text)
{
	char *end;
	if (strncasecmp(text, "lab", 3) == 0)
		text += 3;
	long number = strtol(text, &end, 10);
	for (int i = 0; i < labs->count; i++) {
		const char *name = labs->name[i];
		if (strcmp(name, text) == 0 || strcmp(name + 3, text) == 0 ||
		    (end != text && *end == '\0' && strtol(name, NULL, 10) == number))
			return name;
	}
	return NULL;
}

/* A single file implements the lab of the folder that it lies in. */
static bool file_implements(const char *path, const char *lab)
{
	const char *slash = strrchr(path, '/');
	size_t length = strlen(lab);
	if (slash == NULL || (size_t)(slash - path) < length)
		return false;
	const char *folder = slash - length;
	return strncmp(folder, lab, length) == 0 && (folder == path || folder[-1] == '/');
}

bool labs_implemented(const char *implementation, const char *lab)
{
	struct stat status;
	char folder[PATH_LENGTH];
	if (stat(implementation, &status) == 0 && S_ISREG(status.st_mode))
		return file_implements(implementation, lab);
	snprintf(folder, sizeof folder, "%s/%s", implementation, lab);
	return stat(folder, &status) == 0 && S_ISDIR(status.st_mode);
}

void labs_sources(const char *implementation, const char *lab, struct sources *sources)
{
	struct stat status;
	struct dirent **entries;
	char folder[PATH_LENGTH];
	sources->count = sources->left_out = 0;
	if (stat(implementation, &status) == 0 && S_ISREG(status.st_mode)) {
		if (file_implements(implementation, lab))
			snprintf(sources->path[sources->count++], PATH_LENGTH, "%s", implementation);
		return;
	}
	snprintf(folder, sizeof folder, "%s/%s", implementation, lab);
	int found = scandir(folder, &entries, is_source, alphasort);
	for (int i = 0; i < found; i++) {
		if (sources->count < SOURCES_MAX &&
		    snprintf(sources->path[sources->count], PATH_LENGTH, "%s/%s", folder,
		             entries[i]->d_name) < PATH_LENGTH)
			sources->count++;
		else
			sources->left_out++;
		free(entries[i]);
	}
	if (found >= 0)
		free(entries);
}

void labs_program(const char *lab, char path[PATH_LENGTH])
{
	const char *build = getenv("CROSSOVER_BUILD"); /* another build's, for coverage */
	snprintf(path, PATH_LENGTH, "%s/check/%s", build != NULL ? build : "build", lab);
}
