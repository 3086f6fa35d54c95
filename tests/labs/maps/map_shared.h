/* Between map.c, map_task.c, map_process.c and map_steps.c. */
#ifndef MAP_SHARED_H
#define MAP_SHARED_H

#include "map.h"

extern struct map *the_map; /* of this call, in the caller and its children */

uint32_t map_seed(const struct map *map, size_t index);

/* What a process that runs tasks knows of itself. A child begins with nothing of it. */
struct map_self {
	pid_t pid;                   /* 0: this is its first task */
	struct map_process *process; /* its entry; NULL where there are too many */
	bool steps_prepared;
};

/* To be called by the caller, once, before the others; whether there is memory. Then,
 * in any process, what it knows of itself: at its first task it is entered in the map. */
bool map_prepare_self(void);
struct map_self *map_self(struct map *map);

/* A task is done that was called from there: after its return the worker goes step
 * by step, until it calls a function that is not the student's. */
void map_step(struct map_self *self, const void *called_from);
void map_run(void); /* and at full speed again */

#endif
