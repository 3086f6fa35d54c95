/* What a count of rare events says of their rate. */
#ifndef PROPORTION_H
#define PROPORTION_H

#include <stddef.h>

/* The upper end of the one-sided 95% confidence interval of a rate, after `count`
 * events in n trials (Clopper and Pearson, 1934): the largest rate at which so few
 * events are seen once in twenty times. For no event it is near 3 / n. 1 for n = 0. */
double proportion_upper_bound(size_t count, size_t n);

#endif
