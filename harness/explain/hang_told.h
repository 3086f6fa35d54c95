/* How a finding of waits.h is told. Only hang*.c include it. */
#ifndef HANG_TOLD_H
#define HANG_TOLD_H

#include "tell.h"
#include "verdict.h"
#include "waits.h"

/* A message and what to do, being written. */
struct told {
	enum diagnosis diagnosis;
	char message[MESSAGE_LENGTH], next_step[NEXT_STEP_LENGTH];
	struct tell tell, next; /* the second writes next_step */
};

void hang_tell_pipe(const struct scene *scene, const struct finding *finding, struct told *told);
void hang_tell_lock(const struct scene *scene, const struct finding *finding, struct told *told);

/* Adds "Meanwhile the caller waits for worker 1 (waitpid). " if the sentences so
 * far leave out what the caller does. */
void hang_tell_caller(const struct scene *scene, const struct finding *finding,
                      struct told *told);

#endif
