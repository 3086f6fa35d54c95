/* Addresses of a plug-in as places in the student's source. */
#ifndef WHERE_H
#define WHERE_H

#include <stddef.h>

#include "supervise.h"

/* Writes " in wait_all, labs/02_fork/run_workers.c:31" (with the space before it)
 * for the innermost frame of the crash that has a line; "" where none has, or
 * where addr2line is not installed. */
void where_crashed(const char *plugin, const struct crash *crash, char *text, size_t size);

/* The same for one place, 0 for unknown, without the " in " before it. */
void where_called(const char *plugin, uintptr_t place, char *text, size_t size);

/* The same as where_crashed for the line at which a loop was seen most often. */
void where_looped(const char *plugin, const struct scene *scene, char *text, size_t size);

#endif
