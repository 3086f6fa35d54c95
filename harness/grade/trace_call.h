/* One call of a lab's map, with what its processes did: for a timeline. */
#ifndef TRACE_CALL_H
#define TRACE_CALL_H

#include <stddef.h>

#include "supervise.h"
#include "timeline.h"
#include "trace.h"
#include "verdict.h"

enum { TRACE_TASKS_MOST = 400 };

struct trace_call {
	const char *lab, *plugin;
	int workers;
	size_t n;
	char text[96]; /* the call, as the student would write it */
};

/* The task takes some 2 ms of CPU time, each fifth three times as much. Returns whether
 * the lab has something to be traced. */
bool trace_call_choose(struct trace_call *call);

/* Makes the call; the verdict says where it did not come back, or failed. The timeline is
 * to be freed with trace_call_free. */
void trace_call_run(const struct trace_call *call, struct verdict *verdict,
                    struct outcome *outcome, struct timeline *timeline);
void trace_call_free(struct timeline *timeline);

#endif
