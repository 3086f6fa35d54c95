/* What the processes of a call did, and when: for a timeline (make trace).
 *
 * The exported calls (calls_*.c) and the task that is mapped note events in memory that
 * all of them share. An event is noted when it begins; one that has no end was going on
 * when its process, or the call, came to its end.
 */
#ifndef TRACE_H
#define TRACE_H

#include <stdatomic.h>
#include <sys/types.h>

enum { TRACE_EVENTS = 16384 };

enum trace_kind {
	TRACE_TASK,  /* detail: its index */
	TRACE_FORK,  /* detail: the child's pid; noted by the parent */
	TRACE_READ,  /* from a descriptor: detail */
	TRACE_WRITE,
	TRACE_WAIT,  /* for a child: the pid that it came back with, or 0 */
	TRACE_LOCK,  /* a mutex, a semaphore, a futex */
	TRACE_LOOK,  /* poll, select: until something can be read or written */
	TRACE_KINDS
};

struct trace_event {
	pid_t pid;
	enum trace_kind kind;
	long detail;
	double start, end; /* seconds on the monotonic clock; end 0: it never came */
};

/* Lies in shared memory. */
struct trace {
	atomic_uint count; /* may exceed TRACE_EVENTS: later ones are lost */
	struct trace_event event[TRACE_EVENTS];
};

/* From now on the supervised calls of this process, and their children, note what they
 * do; until trace_end, which frees the memory. */
struct trace *trace_begin(void);
void trace_end(struct trace *trace);

/* An event begins. Returns NULL where nobody wants to know, which trace_close takes. */
struct trace_event *trace_open(enum trace_kind kind, long detail);
void trace_close(struct trace_event *event);

#endif
