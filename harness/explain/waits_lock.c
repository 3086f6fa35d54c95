/* The part of the search that is about locks: whether the holder of one can ever
 * release it. Of a semaphore or a condition nobody knows who should post it: that is
 * a weak finding, told only if nothing else explains the hang.
 */
#include "waits_search.h"

static void search_mutex(struct search *s, int process, const struct scene_thread *thread,
                         pid_t owner)
{
	int holder = waits_find(s->scene, owner);
	if (owner == thread->tid)
		search_note(s, FOUND_LOCK_SELF, STRONG);
	else if ((holder == -1 && !s->scene->incomplete) ||
	         (holder >= 0 && s->scene->process[holder].state == 'Z'))
		search_note(s, FOUND_LOCK_DEAD, STRONG);
	else if (thread->word.is_private && holder != process)
		search_note(s, FOUND_LOCK_NOT_SHARED, STRONG);
	else if (holder >= 0 && holder != process) {
		search_follow(s, holder);
		search_note(s, FOUND_LOCK_HELD, STRONG);
	}
}

/* A thread that waits in the private memory of a process that has others may be
 * woken by these: nothing can be said of it. */
void search_lock(struct search *s, int process, const struct scene_thread *thread)
{
	const struct scene_word *word = &thread->word;
	const struct scene_process *p = &s->scene->process[process];
	struct lock lock = waits_lock(word);
	if (!word->known)
		return;
	if (!word->shared) {
		if (lock.kind == LOCK_MUTEX && lock.owner == thread->tid)
			search_note(s, FOUND_LOCK_SELF, STRONG);
		else if (p->threads == 1)
			search_note(s, FOUND_LOCK_COPY, STRONG);
		return;
	}
	if (lock.kind == LOCK_MUTEX) {
		search_mutex(s, process, thread, lock.owner);
		return;
	}
	if (word->is_private && p->threads == 1 && s->scene->starts > 0) {
		search_note(s, FOUND_LOCK_NOT_SHARED, STRONG);
		return;
	}
	search_note(s, FOUND_NO_POST, WEAK);
	search_others(s, process, WAIT_TEST);
}
