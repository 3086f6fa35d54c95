/* The probe: a task that computes the reference result and writes down that it
 * was run, by whom, when, and with how much CPU time.
 *
 * The maps of the labs take their task from the caller, so that the harness can
 * hand them this one: what it learns, it learns without trusting a word of the
 * student's code and without changing it. The log lies in shared memory, because
 * the tasks run in processes of the student's making.
 */
#ifndef PROBE_H
#define PROBE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct probe_entry {
	uint32_t seed;
	pid_t pid;          /* the process that ran the task */
	pid_t tid;          /* and the thread; equal to pid in a process's first thread */
	double start, end;  /* seconds, CLOCK_MONOTONIC */
	double cpu_seconds; /* of the thread, for this task */
};

struct probe_log {
	size_t capacity;           /* how many entries there is room for */
	atomic_size_t count;       /* tasks started; may exceed capacity */
	struct probe_entry entry[];
};

/* Bytes of a log with room for this many tasks. */
size_t probe_log_size(size_t capacity);

/* Makes a log in memory of probe_log_size(capacity) bytes, which the caller owns
 * and which must be shared, and has probe_task write to it from now on. */
struct probe_log *probe_init(void *memory, size_t capacity);

/* A task_fn: reference_square(seed), logged. */
int32_t probe_task(uint32_t seed);

/* How many entries the log really holds: the tasks that there was room for. */
size_t probe_entries(const struct probe_log *log);

/* How often the task with this seed was run. */
size_t probe_times_run(const struct probe_log *log, uint32_t seed);

#endif
