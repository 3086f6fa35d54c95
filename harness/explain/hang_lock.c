/* Processes that wait for a lock or a semaphore, in words. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "hang_told.h"

enum { OTHERS_TOLD = 3 };

/* "a mutex in shared memory (/dev/shm/pool, byte 64)" */
static void tell_word(struct tell *t, const struct scene_word *word)
{
	tell(t, "%s", waits_word_name(word));
	if (!word->shared)
		tell(t, " in its private memory");
	else if (word->name[0] == '\0')
		tell(t, " in shared memory (byte %z of its mapping)", (size_t)word->offset);
	else
		tell(t, " in shared memory (%s, byte %z)", word->name, (size_t)word->offset);
}

static void tell_waiter(struct tell *t, const struct step *step)
{
	tell(t, "%w waits for ", step->process);
	tell_word(t, &step->thread->word);
}

/* One who is gone keeps its rank, if it was the caller that started it. */
static void tell_owner(const struct scene *scene, struct tell *t, pid_t owner)
{
	for (int rank = 0; rank < scene->starts; rank++) {
		if (scene->started[rank] == owner) {
			tell(t, "worker %d (pid %d)", rank, (int)owner);
			return;
		}
	}
	tell(t, "process %d", (int)owner);
}

static pid_t owner_of(const struct step *step)
{
	return waits_lock(&step->thread->word).owner;
}

static void tell_dead(const struct scene *scene, struct told *told, const struct step *step)
{
	struct tell *t = &told->tell;
	tell_waiter(t, step);
	tell(t, ". ");
	tell(t, "It is locked by ");
	tell_owner(scene, t, owner_of(step));
	tell(t, ", which has ended without unlocking it, so nobody can. Expected: a lock is unlocked "
	        "on every way out, and a worker's death locks nobody out.");
	tell(&told->next, "Unlock before each return, break and _exit. Against workers that are killed, "
	                  "make the mutex robust (pthread_mutexattr_setrobust): pthread_mutex_lock then "
	                  "returns EOWNERDEAD, and pthread_mutex_consistent mends it.");
}

static void tell_self(struct told *told, const struct step *step)
{
	tell_waiter(&told->tell, step);
	tell(&told->tell, ", which it has locked itself. Expected: whoever locks a mutex unlocks it "
	                  "before it locks it again.");
	tell(&told->next, "Look for a way round the loop or out of the function on which "
	                  "pthread_mutex_unlock is not called, such as an error path or continue.");
}

static void tell_not_shared(struct told *told, const struct step *step)
{
	const struct scene_word *word = &step->thread->word;
	struct tell *t = &told->tell;
	tell_waiter(t, step);
	tell(t, ", but it waits as for a thread of its own process: whatever another process does to "
	        "it does not wake it. The %s was not initialised as shared between processes. "
	        "Expected: what processes share is initialised for that.",
	     waits_lock(word).kind == LOCK_MUTEX ? "mutex" : "mutex, semaphore or condition");
	tell(&told->next, "Call pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED) before "
	                  "pthread_mutex_init(&lock, &attr) (pthread_condattr_setpshared for a "
	                  "condition); sem_init(&sem, 1, n). In a raw futex call, leave out "
	                  "FUTEX_PRIVATE_FLAG.");
}

static void tell_copy(struct told *told, const struct step *step)
{
	tell_waiter(&told->tell, step);
	tell(&told->tell, ". After fork each process has its own copy of private memory: what the others "
	                  "do to theirs never comes here. Expected: a lock between processes lies in "
	                  "memory that they share.");
	tell(&told->next, "Put it into memory from mmap with MAP_SHARED, before you fork, and "
	                  "initialise it there, once, as shared between processes.");
}

static void tell_circle(struct told *told, const struct finding *f)
{
	struct tell *t = &told->tell;
	for (int i = f->circle; i < f->length && i - f->circle < CIRCLE_TOLD; i++) {
		int owner = i + 1 < f->length ? i + 1 : f->circle;
		tell_waiter(t, &f->step[i]);
		tell(t, ", which %w holds. ", f->step[owner].process);
	}
	hang_tell_rest(f, told);
	tell(t, "Each holds what the other waits for. Expected: everybody takes the locks in the same "
	        "order.");
	tell(&told->next, "Choose one order for the locks, for example by address, and take them in "
	                  "that order everywhere.");
}

static void tell_held(const struct scene *scene, struct told *told, const struct step *step)
{
	struct tell *t = &told->tell;
	int owner = waits_find(scene, owner_of(step));
	tell_waiter(t, step);
	tell(t, ". %w holds it", owner);
	for (int i = 0; i < scene->process[owner].threads && i < SCENE_THREADS; i++) {
		if (scene->process[owner].thread[i].tid == owner_of(step)) {
			tell(t, " and ");
			tell_deed(t, owner, &scene->process[owner].thread[i]);
		}
	}
	tell(t, ". Expected: nobody waits while it holds a lock that others need.");
	tell(&told->next, "Unlock as soon as the shared data are written: before you wait, read, write "
	                  "or leave the function, on the error paths too.");
}

static void tell_no_post(const struct scene *scene, struct told *told, const struct step *step)
{
	struct tell *t = &told->tell;
	int others = 0;
	tell_waiter(t, step);
	tell(t, ", and nobody is left to wake it");
	for (int i = 0; i < scene->count && others < OTHERS_TOLD; i++) {
		if (i == step->process || scene->process[i].threads == 0)
			continue;
		tell(t, "%s%w ", others++ == 0 ? ": " : "; ", i);
		tell_deed(t, i, &scene->process[i].thread[0]);
	}
	if (waits_lock(&step->thread->word).kind == LOCK_BARRIER) {
		tell(t, ". Expected: as many reach the barrier as it was initialised for.");
		tell(&told->next, "Who can miss it, by an early return, or because it died? waitpid is the "
		                  "one wait that ends in that case, too.");
		return;
	}
	tell(t, ". Expected: for each wait there is one post or signal, and it cannot be missed.");
	if (waits_lock(&step->thread->word).kind == LOCK_SEMAPHORE)
		tell(&told->next, "A semaphore that serves as a lock starts at 1: sem_init(&sem, 1, 1). "
		                  "For any other, find who should have posted, and why it did not.");
	else
		tell(&told->next, "Find who should have posted or signalled, and whether it did so before "
		                  "the other waited: a condition needs a variable that is tested under "
		                  "its mutex.");
}

void hang_tell_lock(const struct scene *scene, const struct finding *f, struct told *told)
{
	const struct step *step = &f->step[f->at];
	told->diagnosis = LOCK_DEADLOCK;
	switch (f->kind) {
	case FOUND_LOCK_DEAD: tell_dead(scene, told, step); break;
	case FOUND_LOCK_SELF: tell_self(told, step); break;
	case FOUND_LOCK_NOT_SHARED: tell_not_shared(told, step); break;
	case FOUND_LOCK_COPY: tell_copy(told, step); break;
	case FOUND_LOCK_CIRCLE: tell_circle(told, f); break;
	case FOUND_LOCK_HELD: tell_held(scene, told, step); break;
	case FOUND_NO_POST: tell_no_post(scene, told, step); break;
	default: break;
	}
}
