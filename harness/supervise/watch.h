/* What the supervisor knows while it watches a call, and how it looks at the
 * caller. Only this room includes it.
 */
#ifndef WATCH_H
#define WATCH_H

#include <stdbool.h>

#include "starved.h"
#include "supervise.h"

/* What is to be left alone. */
struct old_name {
	enum name_kind kind;
	unsigned long id;
};

struct watch {
	const struct call *call;
	struct limits limits; /* not the desk's, which student code can reach */
	pid_t caller;
	bool contained;       /* the caller has got as far as loading the plug-in */
	bool as_user;         /* it can be looked at only with its user's rights */
	pid_t judge;
	bool blind;           /* the caller cannot be looked at, although it did nothing yet */
	struct outcome *outcome;
	unsigned answered;
	struct starved starved;
	double start, last_scan, quiet_since, last_cpu, last_signal;
	struct fd_list fds;
	struct mapping_list mappings;
	bool looked;          /* and the same before the first call: what is not the student's */
	struct fd_list first_fds;
	struct mapping_list first_mappings;
	struct old_name *old_names; /* that were there before the caller started */
	size_t old_name_count;
	uid_t user;                 /* that the caller runs as */
};

/* Whether the system lets the supervisor see what the caller holds. */
bool look_possible(struct watch *watch);

/* What reads from /proc what a process of the call holds or does stands between
 * these two. */
void look_from(struct watch *watch);
void look_away(const struct watch *watch);

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

/* Before the caller starts: what is there already. When all has ended: names of
 * this call that are left go into the outcome and are removed. */
void look_for_old_names(struct watch *watch);
void look_for_names(struct watch *watch);

/* Whether somebody in the list is alive; or, with running, wants a CPU or a disk. */
bool look_any_alive(const struct process_list *list, bool running);

#endif
