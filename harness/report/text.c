/* Text for a terminal: see text.h. */
#define _GNU_SOURCE
#include "text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool text_coloured(FILE *out)
{
	const char *no = getenv("NO_COLOR"); /* no-color.org: any value but "" */
	const char *term = getenv("TERM");
	if ((no != NULL && no[0] != '\0') || (term != NULL && strcmp(term, "dumb") == 0))
		return false;
	return isatty(fileno(out));
}

void text_print(FILE *out, enum colour colour, const char *text)
{
	static const char *const codes[] = { "", "\033[1m", "\033[32m", "\033[31m", "\033[33m" };
	if (colour == PLAIN || !text_coloured(out))
		fputs(text, out);
	else
		fprintf(out, "%s%s\033[0m", codes[colour], text);
}

/* Text may come from a student's program: a terminal's commands are not obeyed. */
static int print_plain(FILE *out, const char *text, int length)
{
	for (int i = 0; i < length; i++)
		fputc(iscntrl((unsigned char)text[i]) ? '?' : text[i], out);
	return length;
}

static void new_line(FILE *out, int indent)
{
	fprintf(out, "\n%*s", indent, "");
}

void text_wrap(FILE *out, int indent, int column, const char *text)
{
	bool first = true;
	while (*text != '\0') {
		if (*text == '\n') {
			new_line(out, indent);
			column = indent;
			first = true;
			text++;
			continue;
		}
		int length = (int)strcspn(text, " \n");
		if (!first && column + 1 + length > COLUMNS) {
			new_line(out, indent);
			column = indent;
			first = true;
		}
		column += first ? 0 : fprintf(out, " ");
		column += print_plain(out, text, length);
		first = false;
		text += length;
		while (*text == ' ')
			text++;
	}
	fputc('\n', out);
}

const char *text_commas(unsigned long long number)
{
	static char buffers[8][32];
	static int turn;
	char digits[24], *text = buffers[turn++ % 8];
	int length = snprintf(digits, sizeof digits, "%llu", number), used = 0;
	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			text[used++] = ',';
		text[used++] = digits[i];
	}
	text[used] = '\0';
	return text;
}
