/* What the supervisor knows while it watches a call, and how it looks at the
 * caller. Only this room includes it.
 */
#ifndef WATCH_H
#define WATCH_H

#include <stdbool.h>

#include "supervise.h"

struct watch {
	const struct call *call;
	struct limits limits; /* not the desk's, which student code can reach */
	pid_t caller;
	bool contained;       /* the caller has got as far as loading the plug-in */
	struct outcome *outcome;
	unsigned answered;
	double start, last_scan, quiet_since, last_cpu, last_signal;
	struct fd_list fds;
	struct mapping_list mappings;
	bool looked;          /* and the same before the first call: what is not the student's */
	struct fd_list first_fds;
	struct mapping_list first_mappings;
	struct name_list names; /* in /dev/shm before the caller started */
	uid_t user;             /* that the caller runs as */
};

double watch_seconds(void); /* CLOCK_MONOTONIC */

/* The caller stands still before, or after, the student's function: take down
 * what it holds, or add to the outcome what is left over. */
void look_before(struct watch *watch);
void look_after(struct watch *watch);

/* Takes down who is there and what they do, into the outcome. */
void scene_take(const struct watch *watch, enum scene_when when);

/* Processes that live although the caller has ended: orphans, too. */
void look_for_late(struct watch *watch);

/* Whether the caller's own children are still there: adds to the outcome. */
void look_for_bystanders(struct watch *watch);

/* When all has ended: names of this call that are left in /dev/shm go into the
 * outcome and are removed. */
void look_for_names(struct watch *watch);

/* Whether somebody in the list is alive; or, with running, wants a CPU or a disk. */
bool look_any_alive(const struct process_list *list, bool running);

#endif
