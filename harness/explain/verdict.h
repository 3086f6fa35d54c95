/* A verdict: what a test says of a solution, and why.
 *
 * A message says what happened, in the student's terms, then what was expected;
 * next_step says what to do. Line breaks are the report's work.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include <stdbool.h>

#include "diagnosis.h"

enum verdict_kind {
	VERDICT_MISSING, /* nobody has decided: counts as a kit error */
	VERDICT_PASSED,
	VERDICT_FAILED,
	VERDICT_NOT_STARTED,
	VERDICT_BLOCKED,
	VERDICT_NOT_MEASURED,
	VERDICT_KIT_ERROR,
	VERDICT_KINDS
};

enum { MESSAGE_LENGTH = 1200, NEXT_STEP_LENGTH = 600 };

struct verdict {
	enum verdict_kind kind;
	enum diagnosis diagnosis; /* of a failure */
	char message[MESSAGE_LENGTH];
	char next_step[NEXT_STEP_LENGTH];
};

/* "passed", "failed", "not started", ... */
const char *verdict_name(enum verdict_kind kind);

/* Decides, if nobody has yet: the first decision stands, so that the cause comes
 * before its symptoms. verdict_set also overrules a VERDICT_PASSED. */
void verdict_set(struct verdict *verdict, enum verdict_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void verdict_fail(struct verdict *verdict, enum diagnosis diagnosis, const char *next_step,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));

static inline bool verdict_open(const struct verdict *verdict)
{
	return verdict->kind == VERDICT_MISSING || verdict->kind == VERDICT_PASSED;
}

/* A failure that an injected event brought about gets that event's diagnosis,
 * and the event before its message. Nothing happens to other verdicts. */
void verdict_blame(struct verdict *verdict, enum diagnosis diagnosis, const char *next_step,
                   const char *event, ...) __attribute__((format(printf, 4, 5)));

/* Another next step for a failure, where the test knows better. */
void verdict_next(struct verdict *verdict, const char *next_step);

/* What the message of a failure should begin with; nothing for other verdicts. */
void verdict_before(struct verdict *verdict, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
