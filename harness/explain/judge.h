/* From the outcome of a call to a diagnosis, the cause before its symptoms.
 *
 * A test calls judge_ending first, then holds the results against what it
 * expects, and calls judge_leftovers last if cleanliness is its subject. Each
 * leaves a verdict that has already been decided as it is.
 */
#ifndef JUDGE_H
#define JUDGE_H

#include <stdbool.h>

#include "supervise.h"
#include "verdict.h"

/* Did the function come back, in its own process and alone? Decides on crashes,
 * early exits, children that fell through, time-outs, too many processes.
 * Returns whether the outcome can be looked at further. */
bool judge_ending(struct verdict *verdict, const struct call *call, const struct outcome *outcome);

/* What the call left behind: children (stolen, zombies, orphans), descriptors,
 * shared mappings and names, lines that came out twice; or all of these. */
void judge_children(struct verdict *verdict, const struct outcome *outcome);
void judge_detached(struct verdict *verdict, const struct outcome *outcome); /* of these, only
	processes that a child started: out of the caller's reach */
void judge_descriptors(struct verdict *verdict, const struct outcome *outcome);
void judge_shared(struct verdict *verdict, const struct outcome *outcome);
void judge_output(struct verdict *verdict, const struct outcome *outcome);
void judge_leftovers(struct verdict *verdict, const struct outcome *outcome);

/* A canary was overwritten: how far outside (see fence_broken), of which buffer,
 * with how many elements of how many bytes. Nothing where broken is 0. */
void judge_fence(struct verdict *verdict, long broken, const char *buffer, size_t elements,
                 size_t bytes);

/* A call that should have succeeded returned -1: with which errno. `what` is the
 * call as the student would write it. */
void judge_refusal(struct verdict *verdict, const struct outcome *outcome, const char *what);

/* A call that should fail with this errno; `what` as above, and `why` it should. */
void judge_failure(struct verdict *verdict, const struct outcome *outcome, int error,
                   const char *what, const char *why);

/* Whether the function says that it is not written yet: -1 with ENOSYS. Decides. */
bool judge_not_started(struct verdict *verdict, const struct outcome *outcome,
                       const char *function);

#endif
