/* Between map.c, map_task.c and map_steps.c. */
#ifndef MAP_SHARED_H
#define MAP_SHARED_H

#include "map.h"

extern struct map *the_map; /* of this call, in the caller and its children */

uint32_t map_seed(const struct map *map, size_t index);

/* A task is done that was called from there: after its return the worker goes step
 * by step, until it calls a function that is not the student's. */
void map_step(const void *called_from);
void map_run(void); /* and at full speed again */

#endif
