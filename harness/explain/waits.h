/* Who waits for whom: from a scene to the one thing that holds everybody up.
 *
 * The search starts at the caller, whom the test waits for, and follows what each
 * process waits for: a child, whoever could fill or drain a pipe, the owner of a
 * lock, the others at a meeting. It ends where it comes back to a process that
 * waits already (a circle), or at something that nobody can bring about. What it
 * passed on the way is innocent.
 */
#ifndef WAITS_H
#define WAITS_H

#include "scene.h"

/* --- reading a scene ---------------------------------------------------------- */

/* The index of the process with this pid, or of one with such a thread; -1. */
int waits_find(const struct scene *scene, pid_t pid);

/* The pipe or socket behind a descriptor, or NULL. */
const struct scene_end *waits_end(const struct scene *scene, int process, int fd);

/* Whether it is in one call that reads or writes (and not in poll and the like). */
bool waits_moves_data(const struct scene_thread *thread);

/* "read", "waitpid", ...; "system call 42" */
const char *waits_call_name(const struct scene_thread *thread);

/* The processes alive that could read from, or write to, a pipe. */
struct holders {
	int count;
	int process[SCENE_PROCESSES];
};
void waits_holders(const struct scene *scene, unsigned long pipe, bool writers,
                   struct holders *holders);
bool waits_holds(const struct holders *holders, int process);

/* Whether the worker of this rank has ended; whether any has. */
bool waits_ended(const struct scene *scene, int rank);
bool waits_any_ended(const struct scene *scene);

/* What stands at a futex word, as far as that can be told. */
enum lock_kind { LOCK_UNKNOWN, LOCK_MUTEX, LOCK_SEMAPHORE, LOCK_BARRIER, LOCK_WORD };
struct lock {
	enum lock_kind kind;
	pid_t owner; /* of a locked mutex: its thread; 0: nobody */
};
struct lock waits_lock(const struct scene_word *word);

/* "a mutex", "a semaphore", ... */
const char *waits_word_name(const struct scene_word *word);

/* --- the search ----------------------------------------------------------------- */

enum step_kind { STEP_CHILD, STEP_READ, STEP_WRITE, STEP_MEET, STEP_LOCK };

/* One process that waits for the next one in one way. */
struct step {
	enum step_kind kind;
	int process;
	const struct scene_thread *thread;
	unsigned long pipe;
	int fd;
};

enum finding_kind {
	FOUND_NOTHING,
	FOUND_NO_END,         /* reads, and the write end stays open in those who do not write */
	FOUND_BOTH_READ,      /* each reads what the other should write */
	FOUND_FULL_WAITED,    /* writes to a full pipe, and its reader waits for the writer */
	FOUND_FULL_ELSEWHERE, /* and its reader reads another pipe */
	FOUND_FULL_MEETING,   /* of a worker that waits for the writer in its task */
	FOUND_BOTH_WRITE,     /* each writes to the other */
	FOUND_FULL_UNREAD,    /* and nobody else has the read end */
	FOUND_LOCK_SELF,      /* locked by itself */
	FOUND_LOCK_DEAD,      /* locked by one who has ended */
	FOUND_LOCK_NOT_SHARED, /* in shared memory, but made for threads of one process */
	FOUND_LOCK_COPY,      /* in private memory */
	FOUND_LOCK_CIRCLE,    /* each holds what the other waits for */
	FOUND_LOCK_HELD,      /* its owner waits for something else */
	FOUND_NO_POST         /* a semaphore or the like that nobody is left to post */
};

struct finding {
	enum finding_kind kind;
	int at;         /* the step that is to blame */
	int circle;     /* where the circle begins that ends with the last step */
	int length;
	struct step step[SCENE_PROCESSES];
};

void waits_search(const struct scene *scene, struct finding *finding);

#endif
