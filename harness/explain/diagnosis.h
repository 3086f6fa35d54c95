/* The diagnoses: short fixed codes for what went wrong.
 *
 * Each has a section in docs/diagnoses.md under its code. The codes are part of
 * the record, and other programs rely on them.
 */
#ifndef DIAGNOSIS_H
#define DIAGNOSIS_H

enum diagnosis {
	DIAGNOSIS_NONE,
	DOES_NOT_COMPILE,
	WRONG_RESULT,
	LOST_TASK,
	REPEATED_TASK,
	OUT_OF_BOUNDS,
	CRASH,
	EARLY_EXIT,
	FELL_THROUGH,
	DUPLICATED_OUTPUT,
	ZOMBIE,
	ORPHAN,
	STOLEN_CHILD,
	LEAKED_FD,
	CLOSED_FD,
	LEAKED_MEMORY,
	LEAKED_SHARED,
	PIPE_DEADLOCK,
	LOCK_DEADLOCK,
	ENDLESS_LOOP,
	HANG,
	RACE,
	SHORT_TRANSFER,
	INTERRUPTED_CALL,
	IGNORED_FAILURE,
	WORKER_DEATH,
	NO_PROCESSES,
	EXTRA_PROCESSES,
	SERIALISED,
	UNBALANCED,
	BUSY_WAIT,
	BLOCKED_CALL,
	WRONG_TIMEOUT,
	NOT_FASTER,
	LATE_CROSSOVER,
	BAD_ARGUMENT,
	UNEXPECTED_ERROR,
	WRONG_ERRNO,
	DIAGNOSES
};

/* "zombie", "leaked-fd", ...; "" for DIAGNOSIS_NONE. */
const char *diagnosis_code(enum diagnosis diagnosis);

#endif
