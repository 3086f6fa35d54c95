/* The tables of `make bench`, of what was measured; 80 columns. */
#ifndef TABLES_H
#define TABLES_H

#include <stdio.h>

#include "bars.h"
#include "figure.h"

/* For each size and way: medians; from the lower to the upper quartile; speed-ups. A
 * title has 6 characters at most. */
void tables_print(const struct figure *figure, const char *const titles[], FILE *out);

/* For each way: where it crosses over, and how good it is at the largest size. */
void tables_print_ways(const struct figure *figure, const struct costs *costs, FILE *out);

/* What does not depend on n: medians, with quartiles in brackets. */
void tables_print_costs(const struct costs *costs, FILE *out);

#endif
