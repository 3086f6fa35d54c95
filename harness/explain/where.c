/* From address to source line, by addr2line: see where.h. */
#define _GNU_SOURCE
#include "where.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

enum { PLACE_LENGTH = 300 };

/* The compiler writes absolute names; the student thinks from the kit's folder. */
static const char *short_name(const char *file)
{
	char folder[4096];
	if (getcwd(folder, sizeof folder) == NULL)
		return file;
	size_t length = strlen(folder);
	if (strncmp(file, folder, length) == 0 && file[length] == '/')
		return file + length + 1;
	return file;
}

/* addr2line prints the function, then file:line, perhaps " (discriminator 3)",
 * or ?? and ??:0. Returns whether it knew. */
static bool look_up(const char *plugin, uintptr_t offset, char *text, size_t size)
{
	char address[32], output[1024];
	snprintf(address, sizeof address, "0x%lx", (unsigned long)offset);
	char *argv[] = { "addr2line", "-f", "-e", (char *)plugin, address, NULL };
	if (command_run(argv, output, sizeof output) != 0)
		return false;

	char *rest = output;
	char *function = strsep(&rest, "\n");
	char *line = strsep(&rest, "\n");
	if (line == NULL || line[0] == '?' || strstr(line, ":?") != NULL)
		return false;
	char *remark = strstr(line, " (discriminator");
	if (remark != NULL)
		*remark = '\0';
	snprintf(text, size, " in %s, %s", function, short_name(line));
	return true;
}

void where_crashed(const char *plugin, const struct crash *crash, char *text, size_t size)
{
	text[0] = '\0';
	for (int i = 0; i < crash->frames && i < CRASH_FRAMES; i++)
		if (look_up(plugin, crash->offset[i], text, size))
			return;
}

void where_called(const char *plugin, uintptr_t place, char *text, size_t size)
{
	char found[PLACE_LENGTH];
	text[0] = '\0';
	if (place != 0 && look_up(plugin, place, found, sizeof found))
		snprintf(text, size, "%s", found + strlen(" in "));
}

void where_looped(const char *plugin, const struct scene *scene, char *text, size_t size)
{
	char place[SCENE_SAMPLES][PLACE_LENGTH];
	int best = -1, most = 0;
	text[0] = '\0';
	for (int i = 0; i < scene->samples && i < SCENE_SAMPLES; i++) {
		int seen = 0;
		if (!look_up(plugin, scene->sample[i], place[i], sizeof place[i]))
			place[i][0] = '\0';
		for (int j = 0; j <= i; j++)
			seen += place[i][0] != '\0' && strcmp(place[i], place[j]) == 0;
		if (seen > most) {
			most = seen;
			best = i;
		}
	}
	if (best >= 0)
		snprintf(text, size, "%s", place[best]);
}
