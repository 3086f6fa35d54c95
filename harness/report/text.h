/* Text for a terminal: 80 columns, colour only where it can be seen. */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stdio.h>

enum colour { PLAIN, BOLD, GREEN, RED, YELLOW };

enum { COLUMNS = 80 };

/* Whether out is a terminal that takes colour: no NO_COLOR, no TERM=dumb. */
bool text_coloured(FILE *out);

/* Prints the text in a colour, if out takes one. */
void text_print(FILE *out, enum colour colour, const char *text);

/* Prints the text broken between words, each line indented by so many columns and
 * none beyond column 80; the first is expected to stand at `column` already. Line
 * breaks of the text are kept. Ends the last line. */
void text_wrap(FILE *out, int indent, int column, const char *text);

/* "10,000,000", in one of a few buffers that are used in turn. */
const char *text_commas(unsigned long long number);

#endif
