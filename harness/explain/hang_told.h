/* How a finding of waits.h is told. Only hang*.c include it. */
#ifndef HANG_TOLD_H
#define HANG_TOLD_H

#include "tell.h"
#include "verdict.h"
#include "waits.h"

enum { CIRCLE_TOLD = 4 }; /* of those who wait for each other in a circle */

/* A message and what to do, being written. */
struct told {
	enum diagnosis diagnosis;
	char message[MESSAGE_LENGTH], next_step[NEXT_STEP_LENGTH];
	struct tell tell, next; /* the second writes next_step */
};

/* Searches the scene and tells what it finds, with the line of it if the plug-in is
 * not NULL. Returns false where there is nothing to tell; *told is ready to go on
 * with in either case. */
bool hang_tell(const struct scene *scene, const char *plugin, struct told *told);

void hang_tell_pipe(const struct scene *scene, const struct finding *finding, struct told *told);
void hang_tell_lock(const struct scene *scene, const struct finding *finding, struct told *told);

/* Adds "Meanwhile the caller waits for worker 1 (waitpid). " if the sentences so
 * far leave out what the caller does. */
void hang_tell_caller(const struct scene *scene, const struct finding *finding,
                      struct told *told);

/* Adds how many more a circle has than were told. */
void hang_tell_rest(const struct finding *finding, struct told *told);

#endif
