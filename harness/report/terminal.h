/* The record as a student reads it, in a terminal of 80 columns. */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <jansson.h>
#include <stdio.h>

/* Prints the whole report: a block per lab, a line per lab, the total and the
 * first thing to do. */
void terminal_report(const json_t *record, FILE *out);

#endif
