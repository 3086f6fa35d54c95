/* Says what the processes of a call were doing when its time ran out. */
#ifndef HANG_H
#define HANG_H

#include <stddef.h>

#include "supervise.h"

/* "your function is asleep in waitpid(4711); its child 4711 is asleep in read on
 * descriptor 5". At most `size` bytes; names the first few processes. */
void hang_describe(const struct outcome *outcome, char *text, size_t size);

/* The process that used the most CPU time; NULL for an empty table. */
const struct process *hang_busiest(const struct outcome *outcome);

#endif
