/* What the exported calls have in common: see calls.h. */
#define _GNU_SOURCE
#include "calls.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "desk.h"

void calls_find(void *function, const char *name)
{
	void *found;
	memcpy(&found, function, sizeof found);
	if (found != NULL)
		return;
	found = dlsym(RTLD_NEXT, name);
	if (found == NULL)
		abort(); /* a plug-in calls what this libc does not have */
	memcpy(function, &found, sizeof found);
}

bool calls_armed(void)
{
	return the_desk != NULL && atomic_load(&the_desk->armed);
}

int calls_real_waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	static int (*real)(idtype_t, id_t, siginfo_t *, int);
	calls_find(&real, "waitid");
	return real(type, id, info, options);
}
