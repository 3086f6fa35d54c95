/* The call that is traced, and the timeline made of it: see trace_call.h. */
#define _GNU_SOURCE
#include "trace_call.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "judge.h"
#include "run_workers.h"
#include "task.h"

#define TASK_SECONDS 0.002
enum { HEAVY_EVERY = 5, HEAVY_TIMES = 3, CHUNK = 2, STATUSES = 64 };

typedef int serial_fn(task_fn *, const uint32_t *, size_t, int32_t *);
typedef int run_workers_fn(int, worker_fn *, void *, int[]);
typedef int map_workers_fn(task_fn *, const uint32_t *, size_t, int32_t *, int);
typedef int chunked_fn(task_fn *, const uint32_t *, size_t, int32_t *, int, size_t);
typedef struct pool *create_fn(int);
typedef int pool_map_fn(struct pool *, task_fn *, const uint32_t *, size_t, int32_t *, size_t);
typedef struct async_result *map_async_fn(struct pool *, task_fn *, const uint32_t *, size_t, size_t);
typedef int get_fn(struct async_result *, int32_t *, double);
typedef void free_fn(struct async_result *);
typedef int end_fn(struct pool *);

/* In the caller's process and its children. */
static const struct trace_call *the_call;
static uint32_t seeds[TRACE_TASKS_MOST];
static int32_t results[TRACE_TASKS_MOST];

/* --- in the caller ---------------------------------------------------------------- */

static int32_t traced_task(uint32_t index)
{
	struct trace_event *event = trace_open(TRACE_TASK, (long)index);
	double cost = index % HEAVY_EVERY == 0 ? HEAVY_TIMES * TASK_SECONDS : TASK_SECONDS;
	double start = clock_thread_cpu();
	while (clock_thread_cpu() - start < cost)
		;
	trace_close(event);
	return (int32_t)index;
}

static int slice(int rank, int workers, void *context)
{
	(void)context;
	size_t from = the_call->n * (size_t)rank / (size_t)workers;
	size_t to = the_call->n * (size_t)(rank + 1) / (size_t)workers;
	for (size_t i = from; i < to; i++)
		traced_task((uint32_t)i);
	return 0;
}

static int call_pool(void)
{
	create_fn *create = (create_fn *)plugin_function("pool_create");
	pool_map_fn *map = (pool_map_fn *)plugin_function("pool_map");
	end_fn *end = (end_fn *)plugin_function("pool_close");
	struct pool *pool = create(the_call->workers);
	if (pool == NULL)
		return -1;
	int value = map(pool, traced_task, seeds, the_call->n / 2, results, CHUNK);
	if (value == 0)
		value = map(pool, traced_task, seeds + the_call->n / 2, the_call->n - the_call->n / 2,
		            results, CHUNK);
	return value == 0 ? end(pool) : value;
}

static int call_async(void)
{
	create_fn *create = (create_fn *)plugin_function("pool_create");
	map_async_fn *map = (map_async_fn *)plugin_function("pool_map_async");
	get_fn *get = (get_fn *)plugin_function("async_get");
	free_fn *release = (free_fn *)plugin_function("async_free");
	end_fn *end = (end_fn *)plugin_function("pool_close");
	struct pool *pool = create(the_call->workers);
	struct async_result *result =
		pool == NULL ? NULL : map(pool, traced_task, seeds, the_call->n, CHUNK);
	if (result == NULL)
		return -1;
	int value = get(result, results, -1);
	release(result);
	return value == 0 ? end(pool) : value;
}

static int call_function(void)
{
	const struct trace_call *c = the_call;
	int statuses[STATUSES];
	switch (atoi(c->lab)) {
	case 1:
		return ((serial_fn *)plugin_function("serial_map"))(traced_task, seeds, c->n, results);
	case 2:
		return ((run_workers_fn *)plugin_function("run_workers"))(c->workers, slice, NULL, statuses);
	case 3:
		return ((map_workers_fn *)plugin_function("pipe_map"))(traced_task, seeds, c->n, results,
		                                                       c->workers);
	case 4:
		return ((chunked_fn *)plugin_function("shared_map_dynamic"))(traced_task, seeds, c->n,
		                                                             results, c->workers, CHUNK);
	case 5:
		return call_pool();
	default:
		return call_async();
	}
}

static void body(void *arg)
{
	the_call = arg;
	for (size_t i = 0; i < the_call->n; i++)
		seeds[i] = (uint32_t)i;
	call_begin();
	call_end(call_function());
}

/* --- in the grader ------------------------------------------------------------------ */

bool trace_call_choose(struct trace_call *c)
{
	const size_t size = sizeof c->text;
	switch (atoi(c->lab)) {
	case 1:
		snprintf(c->text, size, "serial_map(task, seeds, %zu, results)", c->n);
		return true;
	case 2:
		snprintf(c->text, size, "run_workers(%d, body, NULL, statuses), %zu tasks", c->workers, c->n);
		return true;
	case 3:
		snprintf(c->text, size, "pipe_map(task, seeds, %zu, results, %d)", c->n, c->workers);
		return true;
	case 4:
		snprintf(c->text, size, "shared_map_dynamic(task, seeds, %zu, results, %d, %d)", c->n,
		         c->workers, CHUNK);
		return true;
	case 5:
	case 6:
		snprintf(c->text, size, "%s of %zu tasks in a pool of %d",
		         atoi(c->lab) == 5 ? "two pool_map" : "pool_map_async", c->n, c->workers);
		return true;
	default:
		return false;
	}
}

/* The caller's row, or that of a child, in the order in which they were started. */
static int row_of(struct timeline *t, pid_t rows[], pid_t pid)
{
	for (int row = 0; row < t->rows; row++)
		if (rows[row] == pid)
			return row;
	if (t->rows == TIMELINE_ROWS)
		return -1;
	rows[t->rows] = pid;
	if (t->rows == 0)
		snprintf(t->row[0].name, TIMELINE_NAME, "caller");
	else
		snprintf(t->row[t->rows].name, TIMELINE_NAME, "worker %d", t->rows - 1);
	return t->rows++;
}

static void label(const struct trace_event *event, char text[TIMELINE_NAME])
{
	static const char *const form[TRACE_KINDS] = { "task %ld",   "fork %ld", "read(%ld)", "write(%ld)",
		                                           "waitpid, %ld", "lock",     "poll" };
	if (event->kind == TRACE_WAIT && event->detail == 0)
		snprintf(text, TIMELINE_NAME, "waitpid");
	else
		snprintf(text, TIMELINE_NAME, form[event->kind], event->detail);
}

static unsigned kept(const struct trace *trace)
{
	unsigned count = atomic_load(&trace->count);
	return count < TRACE_EVENTS ? count : TRACE_EVENTS;
}

/* From the first event to the last. */
static void find_span(const struct trace *trace, double *from, double *to)
{
	*from = *to = 0;
	for (unsigned i = 0; i < kept(trace); i++) {
		const struct trace_event *e = &trace->event[i];
		double end = e->end > 0 ? e->end : e->start;
		if (i == 0 || e->start < *from)
			*from = e->start;
		if (end > *to)
			*to = end;
	}
}

static void add_bar(struct timeline *t, int row, const struct trace_event *e, double origin)
{
	static const enum bar_kind kind[TRACE_KINDS] = { BAR_TASK, BAR_FORK, BAR_READ, BAR_WRITE,
		                                             BAR_WAIT, BAR_LOCK, BAR_LOOK };
	struct timeline_bar *bar = &t->bar[t->bars++];
	*bar = (struct timeline_bar){ .row = row, .kind = kind[e->kind], .from = e->start - origin,
		                          .to = e->end > 0 ? e->end - origin : t->seconds,
		                          .endless = e->end == 0 };
	label(e, bar->label);
}

/* A child lives from its fork until it is waited for, or is not heard of any more. */
static void find_lives(struct timeline *t, const pid_t rows[], const struct trace *trace,
                       double origin)
{
	for (int row = 0; row < t->rows; row++) {
		t->row[row].born = row == 0 ? 0 : t->seconds;
		t->row[row].gone = row == 0 ? t->seconds : 0;
	}
	for (int i = 0; i < t->bars; i++) {
		const struct timeline_bar *bar = &t->bar[i];
		if (bar->from < t->row[bar->row].born)
			t->row[bar->row].born = bar->from;
		if (bar->to > t->row[bar->row].gone)
			t->row[bar->row].gone = bar->to;
	}
	for (unsigned i = 0; i < kept(trace); i++) {
		const struct trace_event *e = &trace->event[i];
		for (int row = 1; row < t->rows; row++) {
			if (rows[row] == e->detail && e->kind == TRACE_FORK && e->end > 0)
				t->row[row].born = e->end - origin;
			if (rows[row] == e->detail && e->kind == TRACE_WAIT && e->end > 0)
				t->row[row].gone = e->end - origin;
		}
	}
}

static void build(const struct trace *trace, const struct outcome *o, const struct trace_call *call,
                  struct timeline *t)
{
	pid_t rows[TIMELINE_ROWS];
	double from, to;
	*t = (struct timeline){ .bar = calloc(TRACE_EVENTS, sizeof *t->bar) };
	snprintf(t->title, sizeof t->title, "%s", call->text);
	if (t->bar == NULL)
		return;
	find_span(trace, &from, &to);
	t->seconds = to > from ? to - from : 1e-3;
	row_of(t, rows, o->caller);
	for (int i = 0; i < o->starts && i < SCENE_STARTS; i++)
		row_of(t, rows, o->started[i]);
	for (unsigned i = 0; i < kept(trace); i++) {
		int row = row_of(t, rows, trace->event[i].pid);
		if (row >= 0 && trace->event[i].kind < TRACE_KINDS)
			add_bar(t, row, &trace->event[i], from);
	}
	find_lives(t, rows, trace, from);
}

static void judge(const struct trace_call *c, const struct call *call, struct verdict *v,
                  const struct outcome *o)
{
	if (judge_not_started(v, o, c->text) || !judge_ending(v, call, o))
		return;
	judge_refusal(v, o, c->text);
}

void trace_call_run(const struct trace_call *c, struct verdict *verdict, struct outcome *outcome,
                    struct timeline *timeline)
{
	struct trace_call copy = *c;
	struct call call = { .plugin = c->plugin, .body = body, .arg = &copy, .text = c->text,
		                 .limits = { .wall_seconds = 2, .most_seconds = 60, .cpu_seconds = 60 } };
	struct trace *trace = trace_begin();
	supervise(&call, outcome);
	build(trace, outcome, c, timeline);
	trace_end(trace);
	judge(c, &call, verdict, outcome);
}

void trace_call_free(struct timeline *timeline)
{
	free(timeline->bar);
	timeline->bar = NULL;
}
