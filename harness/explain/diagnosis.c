/* The codes of the diagnoses: see diagnosis.h. */
#include "diagnosis.h"

static const char *const codes[DIAGNOSES] = {
	[DIAGNOSIS_NONE] = "",
	[DOES_NOT_COMPILE] = "does-not-compile",
	[WRONG_RESULT] = "wrong-result",
	[LOST_TASK] = "lost-task",
	[REPEATED_TASK] = "repeated-task",
	[OUT_OF_BOUNDS] = "out-of-bounds",
	[CRASH] = "crash",
	[EARLY_EXIT] = "early-exit",
	[FELL_THROUGH] = "fell-through",
	[DUPLICATED_OUTPUT] = "duplicated-output",
	[ZOMBIE] = "zombie",
	[ORPHAN] = "orphan",
	[STOLEN_CHILD] = "stolen-child",
	[LEAKED_FD] = "leaked-fd",
	[CLOSED_FD] = "closed-fd",
	[LEAKED_MEMORY] = "leaked-memory",
	[LEAKED_SHARED] = "leaked-shared",
	[PIPE_DEADLOCK] = "pipe-deadlock",
	[LOCK_DEADLOCK] = "lock-deadlock",
	[ENDLESS_LOOP] = "endless-loop",
	[HANG] = "hang",
	[RACE] = "race",
	[SHORT_TRANSFER] = "short-transfer",
	[INTERRUPTED_CALL] = "interrupted-call",
	[IGNORED_FAILURE] = "ignored-failure",
	[WORKER_DEATH] = "worker-death",
	[NO_PROCESSES] = "no-processes",
	[EXTRA_PROCESSES] = "extra-processes",
	[SERIALISED] = "serialised",
	[UNBALANCED] = "unbalanced",
	[BUSY_WAIT] = "busy-wait",
	[BLOCKED_CALL] = "blocked-call",
	[WRONG_TIMEOUT] = "wrong-timeout",
	[NOT_FASTER] = "not-faster",
	[LATE_CROSSOVER] = "late-crossover",
	[BAD_ARGUMENT] = "bad-argument",
	[UNEXPECTED_ERROR] = "unexpected-error",
	[WRONG_ERRNO] = "wrong-errno",
};

const char *diagnosis_code(enum diagnosis diagnosis)
{
	return diagnosis >= 0 && diagnosis < DIAGNOSES ? codes[diagnosis] : "";
}
