/* Names that a call left behind, of those that outlive it: see names.h.
 *
 * What was there before the caller started is not the call's. Of the rest, all
 * that belongs to a user that only the caller has, or else what the exported
 * calls saw being made.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "desk.h"
#include "watch.h"

static bool remember(const struct name *name, void *watch)
{
	struct watch *w = watch;
	void *more = realloc(w->old_names, (w->old_name_count + 1) * sizeof *w->old_names);
	if (more == NULL)
		_exit(2); /* what is forgotten here would be removed later */
	w->old_names = more;
	w->old_names[w->old_name_count++] = (struct old_name){ name->kind, name->id };
	return false;
}

static bool was_there(const struct watch *w, const struct name *name)
{
	for (size_t i = 0; i < w->old_name_count; i++)
		if (w->old_names[i].kind == name->kind && w->old_names[i].id == name->id)
			return true;
	return false;
}

static bool made_by_call(const struct watch *w, const struct name *name)
{
	if (w->user != getuid())
		return true;
	return (name->creator != 0 && name->creator == w->caller) ||
	       notes_have(&the_desk->notes, name->kind, name->id, name->text);
}

static bool take_down(const struct name *name, void *watch)
{
	struct watch *w = watch;
	if (was_there(w, name) || !made_by_call(w, name))
		return false;
	names_add(&w->outcome->leaked_names, name);
	return true;
}

void look_for_old_names(struct watch *w)
{
	names_each(w->user, remember, w);
}

/* Noted queues that are not seen in /dev/mqueue: where it is not mounted. */
void look_for_names(struct watch *w)
{
	names_each(w->user, take_down, w);
	int queues = atomic_load(&the_desk->notes.queues);
	for (int i = 0; i < queues && i < QUEUES_NOTED; i++) {
		char text[NAME_TEXT];
		snprintf(text, sizeof text, "%.*s", NAME_TEXT - 1, the_desk->notes.queue[i]);
		names_queue(w->user, text, take_down, w);
	}
}
