/* The asynchronous calls of a session, in the caller: see session.h. What they are held
 * against in the process that decides stands in session_async_judge.c. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "fence.h"
#include "session_shared.h"

/* --- the student's functions ------------------------------------------------------- */

typedef struct async_result *apply_async_fn(struct pool *, task_fn *, uint32_t);
typedef struct async_result *map_async_fn(struct pool *, task_fn *, const uint32_t *, size_t,
										  size_t);
typedef int ready_fn(struct async_result *);
typedef int wait_fn(struct async_result *, double);
typedef int wait_any_fn(struct async_result *[], size_t, double);
typedef int get_fn(struct async_result *, int32_t *, double);
typedef void free_fn(struct async_result *);

/* --- words ------------------------------------------------------------------------- */

enum { NAME = 24 };

/* "r3": the third result of the session. */
static void name_of(const struct session *s, struct session_result r, char name[NAME])
{
	if (r.result == NULL)
		snprintf(name, NAME, "NULL");
	else
		snprintf(name, NAME, "r%d", s->call[r.call].result);
}

static const char *pool_name(const struct pool *pool)
{
	return pool == NULL ? "NULL" : "pool";
}

static const char *task_name(const struct session *s)
{
	return s->no_task ? "NULL" : s->other_task ? "other_task" : "task";
}

/* --- queuing ----------------------------------------------------------------------- */

static struct session_result note_result(struct session *s, struct session_call *c,
										 struct async_result *result)
{
	int error = errno;
	struct session_result r = { result, (int)(c - s->call) };
	errno = error;
	session_end_call(s, c, result == NULL ? -1 : 0, c->start);
	return r;
}

static void begin_queuing(struct session *s, struct session_call *c)
{
	c->patience = CALL_MUST_NOT_WAIT;
	c->result = ++s->results_made;
	c->start = clock_wall();
}

struct session_result session_apply_async(struct session *s, struct pool *pool)
{
	apply_async_fn *apply = (apply_async_fn *)plugin_function("pool_apply_async");
	struct session_call *c = session_begin_call(s, 1, "r%d = pool_apply_async(%s, %s, seed)",
												s->results_made + 1, pool_name(pool), task_name(s));
	begin_queuing(s, c);
	return note_result(s, c, apply(pool, session_given_task(s), session_seed(s, c->first)));
}

/* What pool_map_async has not copied by now it will not see. */
static void spoil_seeds(const struct session *s, struct session_call *c, uint32_t *seeds)
{
	int error = errno;
	c->broken_seeds = fence_broken(seeds);
	for (size_t i = 0; i < c->n; i++) {
		c->seeds_changed = c->seeds_changed || seeds[i] != session_seed(s, c->first + i);
		seeds[i] = session_late_seed(s, c->first + i);
	}
	fence_free(seeds);
	errno = error;
}

struct session_result session_map_async(struct session *s, struct pool *pool, size_t n,
										size_t chunk)
{
	map_async_fn *map = (map_async_fn *)plugin_function("pool_map_async");
	struct session_call *c =
		session_begin_call(s, n, "r%d = pool_map_async(%s, %s, %s, %zu, %zu)", s->results_made + 1,
						   pool_name(pool), task_name(s), s->no_seeds ? "NULL" : "seeds", n, chunk);
	uint32_t *seeds = session_make_seeds(s, c);
	c->chunk = chunk;
	begin_queuing(s, c);
	struct async_result *result =
		map(pool, session_given_task(s), s->no_seeds ? NULL : seeds, n, chunk);
	spoil_seeds(s, c, seeds);
	return note_result(s, c, result);
}

/* --- looking and waiting ----------------------------------------------------------- */

/* A time-out is asked for, or none (negative). */
static void set_timeout(struct session_call *c, double timeout)
{
	c->patience = timeout < 0 ? CALL_MAY_WAIT : CALL_HAS_TIMEOUT;
	c->timeout = timeout;
	c->waits = true;
	c->start = clock_wall();
}

/* Numbers that the contract does not know are not to be taken for success. */
static void end_with_number(struct session *s, struct session_call *c, int value, int most)
{
	session_end_call(s, c, value, c->start);
	if (value < -1 || value > most)
		session_complain(s, WRONG_RESULT, "The header says what each function returns.",
						 "%s returned %d. Expected: %s.", session_place_of(s, c), value,
						 most == 0 ? "0, or -1 with errno" : "0 or 1, or an index of the array");
}

int session_ready(struct session *s, struct session_result r)
{
	ready_fn *ready = (ready_fn *)plugin_function("async_ready");
	char name[NAME];
	name_of(s, r, name);
	struct session_call *c = session_begin_call(s, 0, "async_ready(%s)", name);
	c->patience = CALL_MUST_NOT_WAIT;
	c->start = clock_wall();
	int value = ready(r.result);
	end_with_number(s, c, value, 1);
	return value;
}

int session_wait(struct session *s, struct session_result r, double timeout)
{
	wait_fn *wait = (wait_fn *)plugin_function("async_wait");
	char name[NAME];
	name_of(s, r, name);
	struct session_call *c = session_begin_call(s, 0, "async_wait(%s, %g)", name, timeout);
	set_timeout(c, timeout);
	int value = wait(r.result, timeout);
	end_with_number(s, c, value, 0);
	return value;
}

int session_wait_any(struct session *s, const struct session_result r[], size_t count,
					 double timeout)
{
	enum { MOST = 1024 };
	static struct async_result *results[MOST];
	wait_any_fn *wait_any = (wait_any_fn *)plugin_function("async_wait_any");
	char name[NAME] = "", array[NAME + 16] = "NULL";
	if (count > 0 && r != NULL)
		name_of(s, r[0], name);
	if (r != NULL)
		snprintf(array, sizeof array, "{%s%s}", name, count > 1 ? ", ..." : "");
	struct session_call *c =
		session_begin_call(s, 0, "async_wait_any(%s, %zu, %g)", array, count, timeout);
	for (size_t i = 0; i < count && i < MOST && r != NULL; i++)
		results[i] = r[i].result;
	set_timeout(c, timeout);
	int value = wait_any(r == NULL ? NULL : results, count, timeout);
	end_with_number(s, c, value, (int)count - 1);
	return value;
}

/* --- getting ----------------------------------------------------------------------- */

/* What came first is what is judged; what comes later must be the same. */
static void keep_results(struct session *s, struct session_call *get, struct session_call *queued,
						 const int32_t *results)
{
	size_t i = 0;
	if (!queued->maps) {
		session_take_results(s, queued, results);
		queued->not_begun = queued->n - session_begun(s, (int)(queued - s->call));
		return;
	}
	while (i < queued->n && results[i] == s->results[queued->first + i])
		i++;
	if (i < queued->n)
		session_complain(
			s, WRONG_RESULT,
			"Keep the results until async_free: a get copies them, and takes nothing away.",
			"%s gave other results than an earlier async_get of the same: results[%zu] "
			"was %d and is now %d. Expected: the same each time.",
			session_place_of(s, get), i, s->results[queued->first + i], results[i]);
}

static bool all_right(const struct session *s, const struct session_call *queued)
{
	size_t i = 0;
	while (i < queued->n && s->results[queued->first + i] == session_right_result(s, queued, i))
		i++;
	return i == queued->n;
}

/* With wrong results it ends the program: a hang or a crash that came later would be told
 * in their place. */
int session_get(struct session *s, struct session_result r, double timeout)
{
	get_fn *get = (get_fn *)plugin_function("async_get");
	struct session_call *queued = r.result == NULL ? NULL : &s->call[r.call];
	char name[NAME];
	name_of(s, r, name);
	struct session_call *c = session_begin_call(s, 0, "async_get(%s, %s, %g)", name,
												s->no_results ? "NULL" : "results", timeout);
	int32_t *results = fence_alloc(queued == NULL ? 0 : queued->n * sizeof *results);
	set_timeout(c, timeout);
	int value = get(r.result, s->no_results ? NULL : results, timeout);
	int error = errno;
	bool given = queued != NULL && value == 0 && !s->no_results;
	if (given)
		keep_results(s, c, queued, results);
	else
		c->broken_results = fence_broken(results);
	fence_free(results);
	errno = error;
	end_with_number(s, c, value, 0);
	if (given && !all_right(s, queued))
		session_leave(s);
	return value;
}

void session_free_result(struct session *s, struct session_result r)
{
	free_fn *release = (free_fn *)plugin_function("async_free");
	char name[NAME];
	name_of(s, r, name);
	struct session_call *c = session_begin_call(s, 0, "async_free(%s)", name);
	c->expected = TO_SUCCEED;
	c->patience = CALL_MUST_NOT_WAIT;
	c->start = clock_wall();
	release(r.result);
	session_end_call(s, c, 0, c->start);
}

void session_take(struct session *s, struct session_result r)
{
	session_get(s, r, -1);
	session_free_result(s, r);
}

/* --- what a program does meanwhile ------------------------------------------------- */

void session_meet_later(struct session *s, unsigned amount)
{
	rendezvous_init(&s->meeting, amount);
}

bool session_meet(struct session *s)
{
	return rendezvous_meet(&s->meeting);
}

size_t session_begun(const struct session *s, int call)
{
	const struct session_call *c = &s->call[call];
	size_t begun = 0;
	for (size_t i = 0; i < c->n; i++)
		begun += atomic_load(&s->times[c->first + i]) > 0;
	return begun;
}
