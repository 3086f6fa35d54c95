/* The rounds of `make bench`: every way takes its turn at every size. */
#ifndef MEASURE_H
#define MEASURE_H

#include <stddef.h>

#include "bars.h"
#include "figure.h"
#include "ways.h"

/* Fills in what was measured: times, and what stands beside them. figure->ways and its
 * names, bases and workers are there already. A wrong result ends the program. */
void measure_all(struct figure *figure, struct costs *costs, const struct way *const ways[],
                 size_t max, int rounds);

#endif
