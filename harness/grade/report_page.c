/* `crossover report`: build/report.html from the last record. See commands.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "html.h"

static const char path[] = "build/report.html";

int command_report(const struct options *o)
{
	static const struct html_picture pictures[] = {
		{ "Execution time against n", "build/crossover.svg" },
		{ "A timeline", "build/trace.svg" },
	};
	json_error_t error;
	json_t *record = json_load_file(o->record, 0, &error);
	if (record == NULL)
		options_refuse("%s: %s. make check writes one", o->record, error.text);
	FILE *out = fopen(path, "we");
	int bad = out == NULL || html_report(out, record, pictures, sizeof pictures / sizeof *pictures) != 0;
	if (out != NULL && fclose(out) != 0)
		bad = 1;
	json_decref(record);
	if (bad)
		options_refuse("%s: %s", path, strerror(errno));
	printf("%s\n", path);
	return 0;
}
