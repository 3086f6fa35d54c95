/* What the exported calls saw being made, in any process of the tree: for an
 * ordinary user, whose other programs make such names too, this tells which are
 * the call's.
 *
 * It lies in memory that student code can spoil. All that could be won by that is
 * a leftover which is not told; nothing is removed that belongs to another user.
 */
#ifndef NOTES_H
#define NOTES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "names.h"

enum {
	NOTES = 4096,      /* different names of one call */
	QUEUES_NOTED = 256 /* as many as the kernel allows, unless told otherwise */
};

struct notes {
	_Atomic uint64_t made[NOTES]; /* a set of hashes; 0: a free place */
	atomic_int queues;
	char queue[QUEUES_NOTED][NAME_TEXT]; /* with their slashes */
};

/* A name by its text (kinds of /dev/shm and NAME_QUEUE), or else by its id. */
void notes_add(struct notes *notes, enum name_kind kind, unsigned long id, const char *text);
bool notes_have(struct notes *notes, enum name_kind kind, unsigned long id, const char *text);

#endif
