/* Verdicts: see verdict.h. */
#include "verdict.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *verdict_name(enum verdict_kind kind)
{
	static const char *const names[VERDICT_KINDS] = {
		[VERDICT_MISSING] = "kit error",
		[VERDICT_PASSED] = "passed",
		[VERDICT_FAILED] = "failed",
		[VERDICT_NOT_STARTED] = "not started",
		[VERDICT_BLOCKED] = "blocked",
		[VERDICT_NOT_MEASURED] = "not measured",
		[VERDICT_KIT_ERROR] = "kit error",
	};
	return kind >= 0 && kind < VERDICT_KINDS ? names[kind] : "kit error";
}

void verdict_set(struct verdict *verdict, enum verdict_kind kind, const char *format, ...)
{
	va_list arguments;
	if (!verdict_open(verdict))
		return;
	verdict->kind = kind;
	va_start(arguments, format);
	vsnprintf(verdict->message, sizeof verdict->message, format, arguments);
	va_end(arguments);
}

void verdict_fail(struct verdict *verdict, enum diagnosis diagnosis, const char *next_step,
                  const char *format, ...)
{
	va_list arguments;
	if (!verdict_open(verdict))
		return;
	verdict->kind = VERDICT_FAILED;
	verdict->diagnosis = diagnosis;
	snprintf(verdict->next_step, sizeof verdict->next_step, "%s", next_step);
	va_start(arguments, format);
	vsnprintf(verdict->message, sizeof verdict->message, format, arguments);
	va_end(arguments);
}

void verdict_next(struct verdict *verdict, const char *next_step)
{
	if (verdict->kind == VERDICT_FAILED)
		snprintf(verdict->next_step, sizeof verdict->next_step, "%s", next_step);
}

static void put_before(struct verdict *verdict, const char *format, va_list arguments)
{
	char rest[MESSAGE_LENGTH];
	memcpy(rest, verdict->message, sizeof rest);
	int used = vsnprintf(verdict->message, sizeof verdict->message, format, arguments);
	if (used >= 0 && (size_t)used < sizeof verdict->message)
		snprintf(verdict->message + used, sizeof verdict->message - (size_t)used, "%s", rest);
}

void verdict_before(struct verdict *verdict, const char *format, ...)
{
	va_list arguments;
	if (verdict->kind != VERDICT_FAILED)
		return;
	va_start(arguments, format);
	put_before(verdict, format, arguments);
	va_end(arguments);
}

void verdict_blame(struct verdict *verdict, enum diagnosis diagnosis, const char *next_step,
                   const char *event, ...)
{
	va_list arguments;
	if (verdict->kind != VERDICT_FAILED)
		return;
	verdict->diagnosis = diagnosis;
	snprintf(verdict->next_step, sizeof verdict->next_step, "%s", next_step);
	va_start(arguments, event);
	put_before(verdict, event, arguments);
	va_end(arguments);
}
