/* `crossover explain`: the page of a diagnosis, from docs/diagnoses.md. See commands.h. */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "diagnosis.h"
#include "nearest.h"

static const char path[] = "docs/diagnoses.md";

/* Sections begin with "## code". */
static bool begins(const char *line, const char *code)
{
	size_t length = strlen(code);
	return strncmp(line, "## ", 3) == 0 && strncmp(line + 3, code, length) == 0 &&
	       line[3 + length] == '\n';
}

static const char *nearest_code(const char *wanted)
{
	struct nearest nearest = { 0 };
	for (int i = 1; i < DIAGNOSES; i++)
		nearest_look(&nearest, wanted, diagnosis_code((enum diagnosis)i));
	return nearest.name;
}

int command_explain(const struct options *o)
{
	char line[512];
	bool inside = false, found = false;
	if (o->code == NULL)
		options_refuse("CODE= must name a diagnosis, such as CODE=zombie");
	FILE *file = fopen(path, "re");
	if (file == NULL)
		options_refuse("%s cannot be read", path);
	while (fgets(line, sizeof line, file) != NULL) {
		if (strncmp(line, "## ", 3) == 0)
			inside = begins(line, o->code);
		if (inside)
			fputs(line, stdout);
		found = found || inside;
	}
	fclose(file);
	if (!found)
		options_refuse("CODE=%s: no such diagnosis; did you mean %s?", o->code,
		               nearest_code(o->code));
	return 0;
}
