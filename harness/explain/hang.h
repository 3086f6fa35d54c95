/* Why a call hung, as a diagnosis, from the scene that the supervisor took down.
 *
 * pipe-deadlock and lock-deadlock name who waits for what and who stands in the
 * way; endless-loop names the line; what cannot be explained is a hang, with what
 * each process was doing.
 */
#ifndef HANG_H
#define HANG_H

#include <stdbool.h>
#include <stddef.h>

#include "supervise.h"
#include "verdict.h"

/* Decides the verdict of a call whose ending is ENDING_TIMED_OUT. */
void hang_explain(struct verdict *verdict, const struct call *call, const struct outcome *outcome);

/* Decides the verdict of a call whose ending is ENDING_LOOPED. */
void hang_explain_loop(struct verdict *verdict, const struct call *call,
                       const struct outcome *outcome);

/* For a test whose call->stalled gave something up (a meeting) so that the call
 * came to its end all the same. Where somebody was held up by a full pipe or a
 * lock when that happened, decides the verdict, pipe-deadlock or lock-deadlock,
 * and returns true. Otherwise it returns false and leaves the verdict open, for
 * the test's own words (serialised). */
bool hang_explains_stall(struct verdict *verdict, const struct call *call,
                         const struct outcome *outcome);

/* "the caller waits for worker 0 (waitpid); worker 0 (pid 4711) is stopped; and 3
 * more": what the first processes of the scene were doing, in at most `size` bytes. */
void hang_describe(const struct outcome *outcome, char *text, size_t size);

/* The process that used the most CPU time; NULL for an empty scene. */
const struct scene_process *hang_busiest(const struct outcome *outcome);

#endif
