/* Valgrind's XML (its protocol 4) by expat: see findings.h.
 *
 * Of each <error> these elements are used: <kind>, <what> or <xwhat><text>, and
 * of the first <stack> the <frame>s with <obj>, <fn>, <dir>, <file>, <line>.
 */
#define _GNU_SOURCE
#include "findings.h"

#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct reader {
	struct findings *findings;
	const char *plugin;
	char text[1024]; /* of the element that is open */
	size_t length;
	struct finding current;
	bool in_error;
	int stacks;      /* of the current error, so far */
	char object[512], function[64], folder[256], file[128], line[16];
};

static bool is(const char *element, const char *name)
{
	return strcmp(element, name) == 0;
}

static void XMLCALL on_start(void *data, const char *element, const char **attributes)
{
	struct reader *r = data;
	(void)attributes;
	r->length = 0;
	r->text[0] = '\0';
	if (is(element, "error")) {
		r->in_error = true;
		r->stacks = 0;
		memset(&r->current, 0, sizeof r->current);
	}
	if (is(element, "stack"))
		r->stacks++;
	if (is(element, "frame"))
		r->object[0] = r->function[0] = r->folder[0] = r->file[0] = r->line[0] = '\0';
}

static void XMLCALL on_text(void *data, const char *text, int length)
{
	struct reader *r = data;
	size_t room = sizeof r->text - 1 - r->length;
	size_t taken = (size_t)length < room ? (size_t)length : room;
	memcpy(r->text + r->length, text, taken);
	r->length += taken;
	r->text[r->length] = '\0';
}

/* The folder as it is seen from the kit's own, where this runs. */
static const char *short_folder(const char *folder)
{
	char here[4096];
	size_t length = getcwd(here, sizeof here) != NULL ? strlen(here) : 0;
	if (length > 0 && strncmp(folder, here, length) == 0 && folder[length] == '/')
		return folder + length + 1;
	return folder;
}

/* The innermost frame in the plug-in is where the student should look. */
static void end_frame(struct reader *r)
{
	if (r->stacks != 1 || r->current.where[0] != '\0' || strstr(r->object, r->plugin) == NULL)
		return;
	snprintf(r->current.where, sizeof r->current.where, " in %.60s, %.100s/%.80s:%s", r->function,
	         short_folder(r->folder), r->file, r->line);
}

static void end_error(struct reader *r)
{
	struct findings *f = r->findings;
	r->in_error = false;
	if (f->count < FINDINGS_MAX)
		f->finding[f->count] = r->current;
	f->count++;
}

static void copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%.*s", (int)size - 1, from);
}

static void XMLCALL on_end(void *data, const char *element)
{
	struct reader *r = data;
	struct finding *current = &r->current;
	if (is(element, "pid"))
		r->findings->pid = (pid_t)atol(r->text);
	else if (is(element, "ppid"))
		r->findings->parent = (pid_t)atol(r->text);
	else if (is(element, "kind") && r->in_error)
		current->leak = strncmp(r->text, "Leak_", 5) == 0;
	else if ((is(element, "what") || is(element, "text")) && current->what[0] == '\0')
		copy(current->what, sizeof current->what, r->text);
	else if (is(element, "obj"))
		copy(r->object, sizeof r->object, r->text);
	else if (is(element, "fn"))
		copy(r->function, sizeof r->function, r->text);
	else if (is(element, "dir"))
		copy(r->folder, sizeof r->folder, r->text);
	else if (is(element, "file"))
		copy(r->file, sizeof r->file, r->text);
	else if (is(element, "line"))
		copy(r->line, sizeof r->line, r->text);
	else if (is(element, "frame"))
		end_frame(r);
	else if (is(element, "error"))
		end_error(r);
	else if (is(element, "valgrindoutput"))
		r->findings->complete = true;
}

int findings_read(const char *path, const char *plugin, struct findings *findings)
{
	struct reader reader = { .findings = findings, .plugin = plugin };
	char block[4096];
	FILE *file = fopen(path, "re");
	memset(findings, 0, sizeof *findings);
	if (file == NULL)
		return -1;
	XML_Parser parser = XML_ParserCreate(NULL);
	XML_SetUserData(parser, &reader);
	XML_SetElementHandler(parser, on_start, on_end);
	XML_SetCharacterDataHandler(parser, on_text);
	for (size_t size; (size = fread(block, 1, sizeof block, file)) > 0;)
		if (XML_Parse(parser, block, (int)size, 0) == XML_STATUS_ERROR)
			break;
	XML_ParserFree(parser);
	fclose(file);
	return 0;
}
