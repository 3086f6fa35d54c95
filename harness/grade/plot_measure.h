/* What `make plot` measures: which ways can be drawn, and how long they take. */
#ifndef PLOT_MEASURE_H
#define PLOT_MEASURE_H

#include "figure.h"
#include "options.h"

/* Compiles the labs, tries each way at a few sizes, and leaves out what does not
 * give the right results or leaves something behind; then measures the rest, size
 * by size. The figure's notes say what was left out, and why. It ends early when a
 * signal has come (see program_told); the figure has what was measured until then.
 * Without any parallel way nothing is measured. Returns 0; 1 where there is nothing
 * to draw; 2 where the harness itself failed. */
int plot_measure(const struct options *options, struct figure *figure);

#endif
