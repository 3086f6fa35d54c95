/* The exported calls' notes: see notes.h.
 *
 * Any number of processes may write at once, and any may be killed meanwhile: so
 * there is no lock, and a hash is either there or not. A place that is taken
 * stays taken. Sequential consistency is more than is needed: the supervisor
 * reads when all writers are dead.
 */
#define _GNU_SOURCE
#include "notes.h"

#include <stdio.h>

/* FNV-1a (Fowler, Noll, Vo), of 64 bits. */
static uint64_t mix(uint64_t h, unsigned char byte)
{
	return (h ^ byte) * 1099511628211u;
}

static uint64_t hash(enum name_kind kind, unsigned long id, const char *text)
{
	bool by_text = kind == NAME_FILE || kind == NAME_FOLDER || kind == NAME_QUEUE;
	uint64_t h = mix(14695981039346656037u, (unsigned char)kind);
	for (; by_text && *text != '\0'; text++)
		h = mix(h, (unsigned char)*text);
	for (size_t i = 0; !by_text && i < sizeof id; i++)
		h = mix(h, (unsigned char)(id >> 8 * i));
	return h != 0 ? h : 1;
}

/* Returns the place of the hash, or the free place where it belongs; NULL where
 * there is neither. */
static _Atomic uint64_t *find(struct notes *notes, uint64_t h)
{
	for (size_t i = 0; i < NOTES; i++) {
		_Atomic uint64_t *place = &notes->made[(h + i) % NOTES];
		uint64_t found = atomic_load(place);
		if (found == h || found == 0)
			return place;
	}
	return NULL;
}

/* Returns whether it was not there yet. */
static bool insert(struct notes *notes, uint64_t h)
{
	for (;;) {
		uint64_t found = 0;
		_Atomic uint64_t *place = find(notes, h);
		if (place == NULL)
			return false;
		if (atomic_compare_exchange_strong(place, &found, h))
			return true;
		if (found == h)
			return false;
	}
}

void notes_add(struct notes *notes, enum name_kind kind, unsigned long id, const char *text)
{
	if (!insert(notes, hash(kind, id, text)) || kind != NAME_QUEUE)
		return;
	int index = atomic_fetch_add(&notes->queues, 1);
	if (index < QUEUES_NOTED)
		snprintf(notes->queue[index], NAME_TEXT, "%s", text);
}

bool notes_have(struct notes *notes, enum name_kind kind, unsigned long id, const char *text)
{
	uint64_t h = hash(kind, id, text);
	_Atomic uint64_t *place = find(notes, h);
	return place != NULL && atomic_load(place) == h;
}
