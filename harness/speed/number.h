/* Numbers for people. */
#ifndef NUMBER_H
#define NUMBER_H

#include <stdint.h>

enum { NUMBER_TEXT = 32 };

/* "10,000,000"; in one of a few buffers that are used in turn. */
const char *number_text(uint64_t number);

/* The same for an estimate: three digits count, "1,790" for 1787.3; "never" for
 * INFINITY. */
const char *number_estimate(double number);

#endif
