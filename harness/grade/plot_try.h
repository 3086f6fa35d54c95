/* Which ways can be drawn: those that give the right results and leave nothing. */
#ifndef PLOT_TRY_H
#define PLOT_TRY_H

#include "figure.h"
#include "options.h"
#include "plot_call.h"

/* The ways of the figure, serial first. */
struct plot_tried {
	int ways;
	struct plot_way way[FIGURE_WAYS];
	const struct plot_library *task; /* the student's random_square, or NULL */
};

/* Compiles the labs and tries what is in them with a few sizes. Names the ways that
 * pass in the figure, and notes what does not. Serial is the student's serial_map
 * with random_square, if these pass, and else the kit's own loop. */
void plot_try(const struct options *options, struct figure *figure, struct plot_tried *tried);

/* Notes that a way is not drawn, because of what happened at this n. */
void plot_note_failure(const struct options *options, struct figure *figure,
                       const struct plot_way *way, size_t n, const struct verdict *verdict);

#endif
