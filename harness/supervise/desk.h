/* The memory between the caller and its supervisor. Only this room includes it.
 *
 * The caller's side can be spoiled by student code, so that the supervisor takes
 * from here only what it cannot see for itself: what the caller says that its
 * function returned, and what the exported calls have counted.
 */
#ifndef DESK_H
#define DESK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "notes.h"
#include "supervise.h"

enum stage {
	STAGE_STARTING,   /* rights and limits are not set yet */
	STAGE_LOADING,    /* before the plug-in's first function: the caller stands still */
	STAGE_PREPARING,  /* in the body, outside of the student's function */
	STAGE_BEFORE,     /* call_begin: the caller stands still */
	STAGE_CALLING,    /* in the student's function */
	STAGE_AFTER,      /* call_end: the caller stands still */
	STAGE_DONE,
	STAGE_NOT_LOADED
};

enum { BYSTANDER_ENDED, BYSTANDER_RUNNING, BYSTANDERS };
enum { STREAMS_KEPT = 64, MAPS_FENCED = 64, INTERRUPTED_KEPT = 16 };
enum { STARTS_LOGGED = 256 };

struct desk {
	/* The caller writes, then raises `asked`; the supervisor answers by raising
	 * `answered` to the same number. Both are futex words. */
	atomic_uint asked, answered;
	atomic_int stage;
	pid_t judge, supervisor, caller;
	pid_t bystander[BYSTANDERS];
	pid_t own_child[OWN_CHILDREN]; /* of the body's */
	int own_children;
	long value;
	int error;
	char load_error[DESK_TEXT], kit_error[DESK_TEXT];

	/* set before the caller starts, then constant */
	bool captured; /* the output goes to a file, and markers are printed */
	struct limits limits;
	struct faults faults;
	bool note_pipes;

	/* counted by the exported calls, in any process of the tree */
	atomic_bool armed; /* between call_begin and call_end */
	atomic_int forks, forks_before_wait, waits, threads;
	atomic_long locks;
	atomic_int made[FAILINGS], failed[FAILINGS]; /* calls that can be made to fail */
	atomic_int interruptions, short_transfers;
	atomic_bool fault_noted;
	char first_fault[DESK_TEXT];
	atomic_int interrupted; /* processes below the caller, which has the first of these: */
	struct {
		atomic_bool open; /* the call that returned EINTR was not made again so far */
		char text[64];
	} unanswered[INTERRUPTED_KEPT];
	atomic_uint regions;    /* shared mappings without a file, numbered (regions.c) */
	atomic_int maps_fenced; /* shared mappings, each followed by a page that nobody may touch */
	struct {
		uintptr_t fence; /* where that begins */
		size_t bytes;    /* that were asked for */
	} map_fenced[MAPS_FENCED];
	atomic_int streams; /* pipes that somebody wrote more than PIPE_BUF bytes to at once */
	atomic_ulong streamed[STREAMS_KEPT];
	atomic_int pipe_uses;
	struct pipe_use pipe_use[PIPE_USES];
	atomic_int kills_of_all, kills_of_group, kills_of_harness;
	atomic_int clock_readings, fell_through;
	atomic_int starts_logged; /* by the caller, in the order of its starts */
	pid_t started[STARTS_LOGGED];
	struct notes notes;

	/* written once each by the fault handler of whoever crashed */
	atomic_bool caller_crashed, child_crashed;
	struct crash caller_crash, child_crash;
	uintptr_t plugin_base, plugin_end;
	uintptr_t stack_top; /* of the caller; about, and that of its children too */
	size_t stack_bytes;
};

extern struct desk *the_desk; /* NULL outside of a supervised call */

/* An unlikely line that the caller prints and does not flush. */
#define DESK_MARKER "\001crossover: printed before the call\n"

/* Whether it is a bystander, or the body's own: not started by the student's code. */
bool desk_knows(pid_t pid);

/* Waits until *word is no longer `value`, at most `seconds`, or less. */
void desk_wait(atomic_uint *word, unsigned value, double seconds);
void desk_wake(atomic_uint *word);

/* The caller's whole life; never returns. output is the descriptor that its
 * standard output and error go to, -1: leave them. The outcome is the
 * supervisor's: out of the caller's reach before it runs anything. */
void caller_run(const struct call *call, struct outcome *outcome, int output)
	__attribute__((noreturn));

/* Gives up rights and sets limits (contain.c). *keep is a descriptor to be kept
 * open, under another number. Returns whether that went well. */
bool contain(const struct limits *limits, int output, int *keep);

/* Whether a root supervisor gives its caller a user of its own, and which. */
bool contain_changes_user(void);
uid_t contain_user(pid_t supervisor);

/* The supervisor's whole life; never returns. */
void supervisor_run(const struct call *call, struct outcome *outcome) __attribute__((noreturn));

/* Have faults (SIGSEGV and the like) of this process and its children noted. */
void crash_watch(void);

#endif
