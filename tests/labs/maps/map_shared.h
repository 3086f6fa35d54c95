/* Between map.c and map_task.c. */
#ifndef MAP_SHARED_H
#define MAP_SHARED_H

#include "map.h"

extern struct map *the_map; /* of this call, in the caller and its children */

uint32_t map_seed(const struct map *map, size_t index);

#endif
