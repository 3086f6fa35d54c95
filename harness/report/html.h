/* The report as one HTML page that needs nothing else: no script, no network.
 *
 * Made from a record (docs/record.md), with the pages of the diagnoses that occur in it,
 * and pictures that were made before: the crossover figure, a timeline.
 */
#ifndef HTML_H
#define HTML_H

#include <jansson.h>
#include <stdio.h>

struct html_picture {
	const char *title;
	const char *path; /* of an SVG; left out where there is none */
};

/* Writes the whole page. Returns 0, or -1 with errno where out could not be written. */
int html_report(FILE *out, const json_t *record, const struct html_picture pictures[], int count);

/* Text with what HTML would take for its own. */
void html_text(FILE *out, const char *text);

/* The section "## code" of docs/diagnoses.md, as paragraphs, lists and blocks of code.
 * Returns whether it is there. */
int html_diagnosis(FILE *out, const char *code);

#endif
