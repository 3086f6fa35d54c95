/* A timeline: a row for each process, a bar for each thing that it did.
 *
 * Filled in by whoever knows what happened (grade/trace_lab.c), in seconds from its
 * beginning; drawn as text of 80 columns, as an SVG, and as the JSON of Chrome's trace
 * viewer and Perfetto (their "Trace Event Format", complete events).
 */
#ifndef TIMELINE_H
#define TIMELINE_H

#include <stdbool.h>
#include <stdio.h>

enum { TIMELINE_ROWS = 24, TIMELINE_NAME = 24 };

enum bar_kind { BAR_TASK, BAR_FORK, BAR_READ, BAR_WRITE, BAR_WAIT, BAR_LOCK, BAR_LOOK, BAR_KINDS };

struct timeline_bar {
	int row;
	enum bar_kind kind;
	double from, to;
	bool endless; /* it was still going on at the end */
	char label[TIMELINE_NAME];
};

struct timeline {
	char title[96];
	double seconds; /* from 0 to that */
	int rows;
	struct {
		char name[TIMELINE_NAME];
		double born, gone; /* it lived from, to */
	} row[TIMELINE_ROWS];
	int bars;
	struct timeline_bar *bar;
};

/* What a kind is called, and the character and the colour (#rrggbb) that it is drawn with. */
const char *timeline_kind(enum bar_kind kind);
char timeline_letter(enum bar_kind kind);
const char *timeline_colour(enum bar_kind kind);

/* Whether a bar of this kind is there. */
bool timeline_has(const struct timeline *t, enum bar_kind kind);

void timeline_text(const struct timeline *t, FILE *out);

/* Each returns 0, or -1 with errno where the file cannot be written. */
int timeline_svg(const struct timeline *t, const char *path);
int timeline_json(const struct timeline *t, const char *path);

#endif
