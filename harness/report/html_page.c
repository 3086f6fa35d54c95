/* A page of docs/diagnoses.md as HTML: see html.h. As much of Markdown as is used there:
 * headings, paragraphs, lists, fenced blocks, `code` and links. */
#define _GNU_SOURCE
#include "html.h"

#include <string.h>

enum { LINE = 512 };

enum block { NOTHING, PARAGRAPH, ITEM, FENCE };

void html_text(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		switch (*text) {
		case '<': fputs("&lt;", out); break;
		case '>': fputs("&gt;", out); break;
		case '&': fputs("&amp;", out); break;
		case '"': fputs("&quot;", out); break;
		default: fputc(*text, out);
		}
	}
}

/* `code`, and of [text](link) the text. */
static void put_words(FILE *out, char *line, int *in_code)
{
	for (char *at = line; *at != '\0'; at++) {
		char one[2] = { *at, '\0' };
		if (*at == '`') {
			fputs(*in_code ? "</code>" : "<code>", out);
			*in_code = !*in_code;
		} else if (!*in_code && *at == ']' && at[1] == '(' && strchr(at, ')') != NULL) {
			at = strchr(at, ')');
		} else if (*in_code || *at != '[') {
			html_text(out, one);
		}
	}
}

static void end_block(FILE *out, enum block *block)
{
	static const char *const ends[] = { "", "</p>\n", "</li></ul>\n", "</pre>\n" };
	fputs(ends[*block], out);
	*block = NOTHING;
}

static void begin_block(FILE *out, enum block *block, enum block next)
{
	static const char *const begins[] = { "", "<p>", "<ul><li>", "<pre>" };
	end_block(out, block);
	fputs(begins[next], out);
	*block = next;
}

static void put_line(FILE *out, char *line, enum block *block, int *in_code)
{
	if (strncmp(line, "```", 3) == 0) {
		if (*block == FENCE)
			end_block(out, block);
		else
			begin_block(out, block, FENCE);
	} else if (*block == FENCE) {
		html_text(out, line);
	} else if (line[0] == '\n') {
		end_block(out, block);
	} else if (strncmp(line, "### ", 4) == 0) {
		end_block(out, block);
		fputs("<h4>", out);
		html_text(out, line + 4);
		fputs("</h4>\n", out);
	} else {
		if (strncmp(line, "- ", 2) == 0)
			begin_block(out, block, ITEM);
		else if (*block == NOTHING)
			begin_block(out, block, PARAGRAPH);
		put_words(out, strncmp(line, "- ", 2) == 0 ? line + 2 : line, in_code);
	}
}

int html_diagnosis(FILE *out, const char *code)
{
	char line[LINE], heading[64];
	enum block block = NOTHING;
	int inside = 0, found = 0, in_code = 0;
	FILE *file = fopen("docs/diagnoses.md", "re");
	snprintf(heading, sizeof heading, "## %.50s\n", code);
	while (file != NULL && fgets(line, sizeof line, file) != NULL) {
		if (strncmp(line, "## ", 3) == 0) {
			inside = strcmp(line, heading) == 0;
			found = found || inside;
		} else if (inside) {
			put_line(out, line, &block, &in_code);
		}
	}
	end_block(out, &block);
	if (file != NULL)
		fclose(file);
	return found;
}
