/* What a call left behind: processes, descriptors, mappings.
 *
 * The supervisor looks from outside while the caller stands still, so that
 * nothing here depends on what the student's code says of itself.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "desk.h"
#include "watch.h"

#define GRACE_SECONDS 0.020 /* for children that are just ending */
#define GRACE_MOST_SECONDS 1.0

static void nap(double seconds)
{
	nanosleep(&(struct timespec){ .tv_nsec = (long)(seconds * 1e9) }, NULL);
}

static bool listed(const struct process_list *list, pid_t pid)
{
	for (int i = 0; i < list->count && i < PROCESSES_KEPT; i++)
		if (list->process[i].pid == pid)
			return true;
	return false;
}

static void append(struct process_list *list, const struct process *process)
{
	if (listed(list, process->pid))
		return;
	if (list->count < PROCESSES_KEPT)
		list->process[list->count] = *process;
	list->count++;
}

/* Everyone below the supervisor that the student's code has started. */
static void scan_started(const struct watch *w, struct process_list *started)
{
	static struct process_list all;
	started->count = 0;
	if (tree_scan(getpid(), &all) <= 0)
		return;
	for (int i = 0; i < all.count && i < PROCESSES_KEPT; i++) {
		pid_t pid = all.process[i].pid;
		if (pid != w->caller && !desk_knows(pid))
			append(started, &all.process[i]);
	}
}

bool look_any_alive(const struct process_list *list, bool running)
{
	for (int i = 0; i < list->count && i < PROCESSES_KEPT; i++) {
		const struct process *p = &list->process[i];
		if (process_alive(p) && (!running || p->state == 'R' || p->state == 'D'))
			return true;
	}
	return false;
}

/* A child that is about to end becomes a zombie within the grace, on a busy
 * machine too: the grace goes on while somebody wants to run. */
static void scan_after_grace(const struct watch *w, struct process_list *left)
{
	double start = clock_wall();
	for (double asleep_since = start;;) {
		scan_started(w, left);
		double now = clock_wall();
		if (look_any_alive(left, true))
			asleep_since = now;
		if (!look_any_alive(left, false) || now - asleep_since >= GRACE_SECONDS ||
		    now - start >= GRACE_MOST_SECONDS)
			return;
		nap(GRACE_SECONDS / 4);
	}
}

/* A child of the caller that ended is a zombie; whoever still runs is an orphan,
 * and so is whoever lost its parent: the caller can no longer wait for it. */
static void find_left_processes(struct watch *w)
{
	struct process_list at_once, left;
	scan_started(w, &at_once);
	if (at_once.count == 0)
		return;
	scan_after_grace(w, &left);
	for (int i = 0; i < at_once.count && i < PROCESSES_KEPT; i++)
		if (at_once.process[i].parent == getpid())
			append(&w->outcome->orphans, &at_once.process[i]);
	for (int i = 0; i < left.count && i < PROCESSES_KEPT; i++) {
		const struct process *p = &left.process[i];
		bool ended = !process_alive(p) && p->parent != getpid();
		if (!listed(&w->outcome->orphans, p->pid))
			append(ended ? &w->outcome->zombies : &w->outcome->orphans, p);
	}
}

void look_for_late(struct watch *w)
{
	struct process_list late;
	scan_started(w, &late);
	for (int i = 0; i < late.count && i < PROCESSES_KEPT; i++)
		if (process_alive(&late.process[i]))
			append(&w->outcome->orphans, &late.process[i]);
}

void look_for_bystanders(struct watch *w)
{
	struct process p;
	if (the_desk->bystander[BYSTANDER_RUNNING] == 0)
		return;
	for (int which = 0; which < BYSTANDERS; which++) {
		bool there = tree_read(the_desk->bystander[which], &p) && p.parent == w->caller;
		w->outcome->bystanders_reaped += !there;
		if (which == BYSTANDER_RUNNING)
			w->outcome->bystanders_killed += there && !process_alive(&p);
	}
}

/* The kernel forgets PR_SET_PDEATHSIG when a process changes its user. */
static void see_as(uid_t user, pid_t judge)
{
	setfsgid(user);
	setfsuid(user);
	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	if (getppid() != judge)
		raise(SIGTERM);
}

/* Root without CAP_SYS_PTRACE, as in many a container, sees what a process holds
 * only as that process's user. */
void look_from(struct watch *w)
{
	w->judge = getppid();
	if (w->as_user)
		see_as(w->user, w->judge);
}

void look_away(const struct watch *w)
{
	if (w->as_user)
		see_as(getuid(), w->judge);
}

static void look_at_caller(struct watch *w, struct fd_list *fds, struct mapping_list *mappings)
{
	look_from(w);
	snapshot_fds(w->caller, fds);
	snapshot_mappings(w->caller, mappings);
	look_away(w);
}

bool look_possible(struct watch *w)
{
	struct fd_list fds;
	struct mapping_list mappings;
	look_at_caller(w, &fds, &mappings);
	if ((fds.count < 0 || mappings.count < 0) && w->user != getuid()) {
		w->as_user = true;
		look_at_caller(w, &fds, &mappings);
	}
	return fds.count >= 0 && mappings.count >= 0;
}

void look_before(struct watch *w)
{
	look_at_caller(w, &w->fds, &w->mappings);
	if (w->looked)
		return;
	w->looked = true;
	w->first_fds = w->fds;
	w->first_mappings = w->mappings;
}

void look_after(struct watch *w)
{
	struct outcome *o = w->outcome;
	struct fd_list fds;
	struct mapping_list mappings;

	find_left_processes(w);
	look_at_caller(w, &fds, &mappings);
	snapshot_added_fds(&w->fds, &fds, &o->leaked_fds);
	snapshot_added_fds(&fds, &w->fds, &o->closed_fds);
	snapshot_added_mappings(&w->mappings, &mappings, &o->leaked_mappings);
	look_for_bystanders(w);
	o->value = the_desk->value;
	o->error = the_desk->error;
	o->calls_returned++;
}
