/* Between map.c, map_task.c, map_process.c and map_steps.c; and the sessions of the pools. */
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

/* The same without a map to be entered in: *first, whether nobody asked in this process yet. */
struct map_self *map_own_self(bool *first);

/* A task is done that was called from there: whether, after its return, the worker
 * shall go step by step, until the next task. If so, map_trap(true) is the last thing
 * that the task does, and map_trap(false) the first of the next: each instruction that
 * comes between costs much. */
bool map_steps_next(struct map_self *self, const struct map_plan *plan, const void *called_from);
extern bool map_stepping; /* the last answer */

static inline void map_trap(bool on)
{
#ifdef __x86_64__
	enum { TRAP_FLAG = 0x100 };
	unsigned long long flags = __builtin_ia32_readeflags_u64() & ~(unsigned long long)TRAP_FLAG;
	__builtin_ia32_writeeflags_u64(on ? flags | TRAP_FLAG : flags);
#else
	(void)on;
#endif
}

#endif
