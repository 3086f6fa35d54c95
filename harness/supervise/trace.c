/* Events of a call's processes: see trace.h. */
#define _GNU_SOURCE
#include "trace.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "calls.h"
#include "clock.h"
#include "shared.h"

static struct trace *the_trace;

struct trace *trace_begin(void)
{
	return the_trace = shared_alloc(sizeof *the_trace);
}

void trace_end(struct trace *trace)
{
	the_trace = NULL;
	shared_free(trace, sizeof *trace);
}

struct trace_event *trace_open(enum trace_kind kind, long detail)
{
	if (the_trace == NULL || !calls_armed())
		return NULL;
	unsigned index = atomic_fetch_add(&the_trace->count, 1);
	if (index >= TRACE_EVENTS)
		return NULL;
	struct trace_event *event = &the_trace->event[index];
	*event = (struct trace_event){ .pid = getpid(), .kind = kind, .detail = detail,
		                           .start = clock_wall() };
	return event;
}

void trace_close(struct trace_event *event)
{
	int error = errno;
	if (event != NULL)
		event->end = clock_wall();
	errno = error;
}
