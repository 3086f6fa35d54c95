/* The search of waits.c, for its two files. */
#ifndef WAITS_SEARCH_H
#define WAITS_SEARCH_H

#include "waits.h"

enum strength { NONE, WEAK, STRONG };

struct search {
	const struct scene *scene;
	bool visited[SCENE_PROCESSES];
	int length;
	struct step step[SCENE_PROCESSES]; /* the way from where the search began to here */
	enum strength strength;
	struct finding *found;
};

/* The last step of the way is to blame, if nothing as strong was found before. */
void search_note(struct search *search, enum finding_kind kind, enum strength strength);

/* Goes on with whom the last step waits for: a new one, or one on the way. */
void search_follow(struct search *search, int process);

/* Goes on with all who were not visited yet and do not wait in this way. */
void search_others(struct search *search, int process, enum wait_kind but);

bool search_waits_with(const struct scene_process *process, enum wait_kind kind);

/* The last step waits for a futex word. */
void search_lock(struct search *search, int process, const struct scene_thread *thread);

#endif
