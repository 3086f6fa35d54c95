/* The program of a session, in the caller: see session.h. */
#define _GNU_SOURCE
#include "session.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "fence.h"
#include "makespan.h"
#include "map_shared.h"
#include "session_shared.h"
#include "shared.h"

static jmp_buf end_of_program; /* in frames of the harness's own */

/* --- the student's functions ---------------------------------------------------------- */

typedef struct pool *create_fn(int);
typedef int workers_fn(const struct pool *);
typedef int apply_fn(struct pool *, task_fn *, uint32_t, int32_t *);
typedef int map_pool_fn(struct pool *, task_fn *, const uint32_t *, size_t, int32_t *, size_t);
typedef int end_fn(struct pool *);

/* --- noting a call --------------------------------------------------------------------- */

task_fn *session_given_task(const struct session *s)
{
	return s->no_task ? NULL : s->other_task ? session_other_task : session_task;
}

struct session_call *session_begin_call(struct session *s, size_t n, const char *format, ...)
{
	va_list list;
	if (s->calls == SESSION_CALLS || s->given + n > s->tasks)
		session_complain(s, DIAGNOSIS_NONE, "", "The session is too small for its program.");
	struct session_call *c = &s->call[s->calls];
	*c = (struct session_call){ .expected = s->expected, .error = s->error, .work = s->work,
		                        .other_task = s->other_task, .first = s->given, .n = n,
		                        .start = clock_wall() };
	va_start(list, format);
	vsnprintf(c->text, sizeof c->text, format, list);
	va_end(list);
	for (size_t i = 0; i < n; i++)
		s->call_of[s->given + i] = (uint16_t)s->calls;
	if (n > 0 && s->work.doing == DO_MEET)
		rendezvous_init(&s->meeting, (unsigned)s->work.amount);
	if (n > 0 && s->work.doing == DO_SIMULATED)
		workload_init(&s->load, (unsigned)s->work.amount, n);
	s->given += n;
	s->calls++;
	errno = 0;
	return c;
}

static bool as_expected(const struct session_call *c)
{
	bool failed = c->value == -1;
	if (c->expected == TO_SUCCEED)
		return !failed;
	if (c->expected == TO_FAIL)
		return failed && c->value_error == c->error;
	return !failed || c->value_error == c->error;
}

static size_t begun(const struct session *s, const struct session_call *c)
{
	size_t count = 0;
	for (size_t i = 0; i < c->n; i++)
		count += atomic_load(&s->times[c->first + i]) > 0;
	return count;
}

/* A call that comes back before all of its tasks have begun was too early, or has lost
 * some. Which of them, shows when no other call comes in between; so that is the end of
 * the program. */
static void look_for_late_tasks(struct session *s, struct session_call *c)
{
	const double end = clock_wall() + 0.1;
	c->soon_after = c->at_return;
	if (c->at_return == c->n)
		return;
	while (c->soon_after < c->n && clock_wall() < end) {
		sched_yield();
		c->soon_after = begun(s, c);
	}
	session_leave(s);
}

/* A child that came back from the student's function is not to go on as if it were the
 * caller; call_end knows what to do with it. */
static void look_who_came_back(struct session *s)
{
	if ((pid_t)syscall(SYS_getpid) == s->caller)
		return;
	if (s->parent_dies)
		_exit(0);
	call_end(0);
}

void session_end_call(struct session *s, struct session_call *c, long value, double start)
{
	int error = errno;
	look_who_came_back(s);
	c->start = start;
	c->seconds = clock_wall() - start;
	c->value = value;
	c->value_error = error;
	c->returned = true;
	c->at_return = begun(s, c);
	if (value == 0 && c->maps)
		look_for_late_tasks(s, c);
	if (!as_expected(c))
		session_leave(s);
}

/* --- the calls --------------------------------------------------------------------------- */

struct pool *session_create(struct session *s, int workers)
{
	create_fn *create = (create_fn *)plugin_function("pool_create");
	struct session_call *c = session_begin_call(s, 0, "pool_create(%d)", workers);
	double start = clock_wall();
	struct pool *pool = create(workers);
	session_end_call(s, c, pool == NULL ? -1 : 0, start);
	if (pool != NULL)
		s->workers_asked += workers;
	return pool;
}

uint32_t *session_make_seeds(struct session *s, const struct session_call *c)
{
	uint32_t *seeds = fence_alloc(c->n * sizeof *seeds);
	for (size_t i = 0; i < c->n; i++)
		seeds[i] = session_seed(s, c->first + i);
	return seeds;
}

void session_take_results(struct session *s, struct session_call *c, const int32_t *results)
{
	c->maps = true;
	c->broken_results = fence_broken(results);
	memcpy(s->results + c->first, results, c->n * sizeof *results);
}

/* The caller, too, may stop between any two instructions of the student's. */
static void step_into(struct session *s, const void *function)
{
	bool first;
	if (!s->steps)
		return;
	struct map_plan every = { .steps = true, .steps_most = SESSION_STEPS };
	map_trap(map_steps_next(map_own_self(&first), &every, function));
}

static const char *word(bool null, const char *name)
{
	return null ? "NULL" : name;
}

bool session_map(struct session *s, struct pool *pool, size_t n, size_t chunk)
{
	map_pool_fn *map = (map_pool_fn *)plugin_function("pool_map");
	struct session_call *c = session_begin_call(
		s, n, "pool_map(%s, %s, %s, %zu, %s, %zu)", word(pool == NULL, "pool"),
		word(s->no_task, s->other_task ? "other_task" : "task"), word(s->no_seeds, "seeds"), n,
		word(s->no_results, "results"), chunk);
	uint32_t *seeds = session_make_seeds(s, c);
	int32_t *results = fence_alloc(n * sizeof *results);
	c->chunk = chunk;
	double start = clock_wall();
	step_into(s, (const void *)(uintptr_t)map);
	int value = map(pool, session_given_task(s), s->no_seeds ? NULL : seeds, n,
	                s->no_results ? NULL : results, chunk);
	map_trap(false);
	int error = errno;
	session_take_results(s, c, results);
	c->broken_seeds = fence_broken(seeds);
	for (size_t i = 0; i < n; i++)
		c->seeds_changed = c->seeds_changed || seeds[i] != session_seed(s, c->first + i);
	fence_free(seeds);
	fence_free(results);
	errno = error;
	session_end_call(s, c, value, start);
	return value == 0;
}

bool session_apply(struct session *s, struct pool *pool)
{
	apply_fn *apply = (apply_fn *)plugin_function("pool_apply");
	struct session_call *c = session_begin_call(
		s, 1, "pool_apply(%s, %s, seed, %s)", word(pool == NULL, "pool"),
		word(s->no_task, s->other_task ? "other_task" : "task"), word(s->no_results, "&result"));
	int32_t *result = fence_alloc(sizeof *result);
	double start = clock_wall();
	int value = apply(pool, session_given_task(s), session_seed(s, c->first),
	                  s->no_results ? NULL : result);
	int error = errno;
	session_take_results(s, c, result);
	fence_free(result);
	errno = error;
	session_end_call(s, c, value, start);
	return value == 0;
}

int session_workers(struct session *s, struct pool *pool)
{
	workers_fn *workers = (workers_fn *)plugin_function("pool_workers");
	struct session_call *c = session_begin_call(s, 0, "pool_workers(%s)",
	                                            word(pool == NULL, "pool"));
	double start = clock_wall();
	int value = workers(pool);
	session_end_call(s, c, value, start);
	return value;
}

static void end_pool(struct session *s, struct pool *pool, const char *name)
{
	end_fn *end = (end_fn *)plugin_function(name);
	struct session_call *c = session_begin_call(s, 0, "%s(%s)", name,
	                                            word(pool == NULL, "pool"));
	double start = clock_wall();
	int value = end(pool);
	session_end_call(s, c, value, start);
}

void session_close(struct session *s, struct pool *pool)
{
	end_pool(s, pool, "pool_close");
}

void session_terminate(struct session *s, struct pool *pool)
{
	end_pool(s, pool, "pool_terminate");
}

/* --- what else a program does --------------------------------------------------------------- */

void session_do(struct session *s, struct session_work work)
{
	s->work = work;
}

void session_expect(struct session *s, enum session_expected expected, int error)
{
	s->expected = expected;
	s->error = error;
}

void session_nap(double seconds)
{
	double end = clock_wall() + seconds, left;
	while ((left = end - clock_wall()) > 0)
		nanosleep(&(struct timespec){ .tv_sec = (time_t)left,
			                          .tv_nsec = (long)((left - (double)(time_t)left) * 1e9) },
		          NULL);
}

double session_workers_cpu(const struct session *s)
{
	double sum = 0;
	for (int i = 0; i < s->processes && i < SESSION_PROCESSES; i++)
		sum += clock_cpu_of(s->process[i].pid);
	return sum;
}

double session_sharing(struct session *s)
{
	double seconds[SESSION_PROCESSES] = { 0 };
	for (int i = 0; i < s->processes && i < SESSION_PROCESSES; i++) {
		seconds[i] = s->process[i].cpu_seconds;
		s->process[i].cpu_seconds = 0; /* the workers are idle, and begin anew */
	}
	return makespan_speedup(seconds, SESSION_PROCESSES);
}

void session_kill(struct session *s, int which)
{
	pid_t pid = s->process[which].pid;
	if (pid > 0) /* 0, nobody yet, would be the whole group */
		syscall(SYS_kill, pid, SIGKILL);
}

void session_leave(struct session *s)
{
	if (s->parent_dies)
		_exit(0);
	longjmp(end_of_program, 1);
}

void session_complain(struct session *s, enum diagnosis diagnosis, const char *next_step,
                      const char *format, ...)
{
	va_list list;
	va_start(list, format);
	vsnprintf(s->complaint, sizeof s->complaint, format, list);
	va_end(list);
	snprintf(s->next_step, sizeof s->next_step, "%s", next_step);
	s->diagnosis = diagnosis;
	session_leave(s);
}

/* --- the body of the supervised call ----------------------------------------------------------- */

void session_body(void *arg)
{
	struct session *s = the_session = arg;
	if (!map_prepare_self())
		abort();
	s->caller = getpid();
	call_begin();
	if (setjmp(end_of_program) == 0)
		s->program(s);
	call_end(0);
}
