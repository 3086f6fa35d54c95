/* The program of a round, in the caller: see deaths.c. */
#define _GNU_SOURCE
#include "deaths.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "supervise.h"
#include "task.h"

enum { TASKS_MOST = 1000, ASYNC_MOST = 8, CALLS_UNTIL_THE_LAST = 1000 };
#define WITHIN_SECONDS 15e-3 /* the kills come, after pool_create; or, in some rounds, */
#define EARLY_SECONDS 1.5e-3 /* after it was called */

/* --- the student's functions ---------------------------------------------------- */

struct pool;
struct async_result;

static struct {
	struct pool *(*create)(int);
	int (*apply)(struct pool *, task_fn *, uint32_t, int32_t *);
	int (*map)(struct pool *, task_fn *, const uint32_t *, size_t, int32_t *, size_t);
	int (*close)(struct pool *);
	int (*terminate)(struct pool *);
	struct async_result *(*map_async)(struct pool *, task_fn *, const uint32_t *, size_t, size_t);
	int (*wait_any)(struct async_result *[], size_t, double);
	int (*get)(struct async_result *, int32_t *, double);
	void (*free_result)(struct async_result *);
} student;

static void find(void *function, const char *name)
{
	plugin_fn *found = plugin_function(name);
	memcpy(function, &found, sizeof found);
}

static void find_all(bool async)
{
	find(&student.create, "pool_create");
	find(&student.apply, "pool_apply");
	find(&student.map, "pool_map");
	find(&student.close, "pool_close");
	find(&student.terminate, "pool_terminate");
	if (!async)
		return;
	find(&student.map_async, "pool_map_async");
	find(&student.wait_any, "async_wait_any");
	find(&student.get, "async_get");
	find(&student.free_result, "async_free");
}

uint32_t deaths_mix(uint32_t x)
{
	x = (x ^ (x >> 16)) * 0x85ebca6bu; /* the end of MurmurHash3 */
	x = (x ^ (x >> 13)) * 0xc2b2ae35u;
	return x ^ (x >> 16);
}

uint32_t deaths_random(uint32_t *random, uint32_t bound)
{
	*random += 0x9e3779b9u;
	return deaths_mix(*random) % bound;
}

/* --- time and tasks ------------------------------------------------------------- */

static void nap_until(double end)
{
	double left;
	while ((left = end - clock_wall()) > 0)
		nanosleep(&(struct timespec){ .tv_nsec = (long)(left < 0.5 ? left * 1e9 : 5e8) }, NULL);
}

/* No two seeds of a round have the same result. Some tasks take long, so that the workers
 * are in a task most of the time. */
static int32_t task(uint32_t seed)
{
	uint32_t spin = seed % 4 == 0 ? 50000 : 500;
	for (volatile uint32_t i = 0; i < spin; i++)
		;
	return (int32_t)deaths_mix(seed);
}

/* --- who kills ------------------------------------------------------------------ */

static bool lives_below(pid_t parent, pid_t pid)
{
	struct process process;
	return tree_read(pid, &process) && process.parent == parent && process_alive(&process);
}

/* Where a kernel does not list children, all processes are looked through. */
static int scan_workers(pid_t parent, pid_t workers[], int most)
{
	struct process_list list;
	int found = 0;
	if (tree_scan(parent, &list) == -1)
		return 0;
	for (int i = 0; i < list.count && i < PROCESSES_KEPT && found < most; i++)
		if (lives_below(parent, list.process[i].pid))
			workers[found++] = list.process[i].pid;
	return found;
}

/* The children of the caller that live. */
static int find_workers(pid_t parent, pid_t workers[], int most)
{
	char name[80];
	int found = 0, pid;
	snprintf(name, sizeof name, "/proc/%d/task/%d/children", parent, parent);
	FILE *file = fopen(name, "re");
	if (file == NULL)
		return scan_workers(parent, workers, most);
	while (found < most && fscanf(file, "%d", &pid) == 1)
		if (lives_below(parent, pid))
			workers[found++] = pid;
	fclose(file);
	return found;
}

/* One worker, by the lot; while the pool is being made, of those that are there. */
static void kill_one(struct round *r)
{
	pid_t worker[WORKERS_MOST];
	int count;
	do
		count = find_workers(r->caller, worker, WORKERS_MOST);
	while (count == 0 && atomic_load(&r->phase) == CREATING);
	if (count == 0)
		return;
	int phase = atomic_load(&r->phase);
	atomic_fetch_add(&r->aimed, 1);
	if (syscall(SYS_kill, worker[deaths_random(&r->killers_random, (uint32_t)count)], SIGKILL) != 0)
		return;
	atomic_fetch_add(&r->kills, 1);
	atomic_fetch_add(&r->kills_in[phase], 1);
}

/* Sorted, in seconds. */
static void plan_moments(struct round *r, double moment[], int count)
{
	double within = r->from_the_start ? EARLY_SECONDS : WITHIN_SECONDS;
	for (int i = 0; i < count; i++) {
		double next = within * deaths_random(&r->killers_random, 1000000) / 1e6;
		int k = i;
		for (; k > 0 && moment[k - 1] > next; k--)
			moment[k] = moment[k - 1];
		moment[k] = next;
	}
}

static void *kill_some(void *arg)
{
	struct round *r = arg;
	double moment[KILLS_MOST] = { 0 };
	plan_moments(r, moment, r->kills_planned);
	while (!r->from_the_start && atomic_load(&r->phase) == CREATING)
		sched_yield();
	double start = clock_wall();
	for (int i = 0; i < r->kills_planned && !atomic_load(&r->ended); i++) {
		nap_until(start + moment[i]);
		kill_one(r);
	}
	atomic_store(&r->all_came, true);
	return NULL;
}

/* --- what became of a call ------------------------------------------------------ */

static void note_mistake(struct round *r, const char *call, const char *what, int number)
{
	if (r->wrong++ == 0)
		snprintf(r->mistake, sizeof r->mistake, "%s: %s (%d)", call, what, number);
}

static void check_results(struct round *r, const char *call, const uint32_t *seeds, size_t n,
                          const int32_t *results)
{
	for (size_t i = 0; i < n; i++) {
		if (results[i] == (int32_t)deaths_mix(seeds[i]))
			continue;
		note_mistake(r, call, "succeeded with a wrong result at index", (int)i);
		return;
	}
	r->succeeded++;
}

/* A call may fail where workers have been killed: any call of lab 05, whose pool is broken
 * then; in lab 06 one for each, until all are dead. */
static void check_failure(struct round *r, const char *call, int error, double start)
{
	int aimed = atomic_load(&r->aimed);
	double seconds = clock_wall() - start;
	r->slowest_failure = seconds > r->slowest_failure ? seconds : r->slowest_failure;
	if (error != ECHILD)
		note_mistake(r, call, "failed with another errno than ECHILD", error);
	else if (aimed == 0 || (r->async && aimed < r->workers && r->died >= aimed))
		note_mistake(r, call, "failed with ECHILD, more often than workers died", r->died + 1);
	else
		r->died++;
}

/* --- what the program does ------------------------------------------------------ */

static uint32_t next_seed;

static void take_seeds(uint32_t *seeds, int32_t *results, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		seeds[i] = next_seed++;
		results[i] = (int32_t)~deaths_mix(seeds[i]);
	}
}

static size_t some_tasks(struct round *r)
{
	static const uint32_t most[] = { 4, 60, TASKS_MOST };
	return 1 + deaths_random(&r->random, most[deaths_random(&r->random, 3)]);
}

static size_t some_chunk(struct round *r)
{
	static const size_t chunks[] = { 0, 0, 1, 30, 500 };
	return chunks[deaths_random(&r->random, 5)];
}

static void use_map(struct round *r, struct pool *pool, bool apply)
{
	static uint32_t seeds[TASKS_MOST];
	static int32_t results[TASKS_MOST];
	const char *call = apply ? "pool_apply" : "pool_map";
	size_t n = apply ? 1 : some_tasks(r);
	take_seeds(seeds, results, n);
	atomic_store(&r->phase, apply ? APPLYING : MAPPING);
	double start = clock_wall();
	if ((apply ? student.apply(pool, task, seeds[0], results)
	           : student.map(pool, task, seeds, n, results, some_chunk(r))) == 0)
		check_results(r, call, seeds, n, results);
	else
		check_failure(r, call, errno, start);
}

/* Some results at once. */
struct batch {
	size_t count;
	struct async_result *result[ASYNC_MOST];
	size_t n[ASYNC_MOST];
	uint32_t seeds[ASYNC_MOST][TASKS_MOST];
};

static void start_batch(struct round *r, struct pool *pool, struct batch *b)
{
	int32_t unused[TASKS_MOST];
	size_t count = 1 + deaths_random(&r->random, ASYNC_MOST);
	atomic_store(&r->phase, ASYNC);
	for (b->count = 0; b->count < count; b->count++) {
		size_t i = b->count;
		b->n[i] = some_tasks(r);
		take_seeds(b->seeds[i], unused, b->n[i]);
		b->result[i] = student.map_async(pool, task, b->seeds[i], b->n[i], some_chunk(r));
		if (b->result[i] == NULL) {
			check_failure(r, "pool_map_async", errno, clock_wall());
			return;
		}
	}
}

/* Gets them as they become ready, but for some that are given up. After pool_terminate they
 * may have been cancelled. */
static void finish_batch(struct round *r, struct batch *b, bool terminated)
{
	int32_t results[TASKS_MOST];
	while (b->count > 0) {
		double start = clock_wall();
		bool give_up = deaths_random(&r->random, 6) == 0;
		int i = give_up ? 0 : student.wait_any(b->result, b->count, -1);
		if (i < 0 || (size_t)i >= b->count) {
			note_mistake(r, "async_wait_any", "returned", i);
			i = 0;
		}
		if (!give_up && student.get(b->result[i], results, -1) == 0)
			check_results(r, "async_get", b->seeds[i], b->n[i], results);
		else if (!give_up && !(terminated && errno == ECANCELED))
			check_failure(r, "async_get", errno, start);
		student.free_result(b->result[i]);
		b->count--;
		b->result[i] = b->result[b->count];
		b->n[i] = b->n[b->count];
		memcpy(b->seeds[i], b->seeds[b->count], sizeof b->seeds[i]);
	}
}

static void use_pool(struct round *r, struct pool *pool, struct batch *b)
{
	switch (deaths_random(&r->random, r->async ? 6 : 4)) {
	case 0:
		atomic_store(&r->phase, ASLEEP);
		nap_until(clock_wall() + 1e-3);
		break;
	case 1: use_map(r, pool, true); break;
	case 2:
	case 3: use_map(r, pool, false); break;
	default:
		start_batch(r, pool, b);
		finish_batch(r, b, false);
	}
}

/* With calls outstanding, in lab 06. */
static void end_pool(struct round *r, struct pool *pool, struct batch *b)
{
	bool terminate = deaths_random(&r->random, 2) == 0;
	if (r->async)
		start_batch(r, pool, b);
	atomic_store(&r->phase, ENDING);
	if ((terminate ? student.terminate(pool) : student.close(pool)) != 0 && errno != ECHILD)
		note_mistake(r, terminate ? "pool_terminate" : "pool_close", "failed", errno);
	atomic_store(&r->ended, true);
	finish_batch(r, b, terminate);
}

static void use_a_pool(struct round *r)
{
	static struct batch batch;
	struct pool *pool = student.create(r->workers);
	if (pool == NULL) {
		note_mistake(r, "pool_create", "failed", errno);
		atomic_store(&r->phase, ENDING);
		atomic_store(&r->ended, true);
		return;
	}
	atomic_store(&r->phase, ASLEEP);
	for (int i = 0; r->to_the_last && i < CALLS_UNTIL_THE_LAST && !atomic_load(&r->all_came); i++)
		use_pool(r, pool, &batch);
	for (int i = 0; i < r->calls_planned; i++)
		use_pool(r, pool, &batch);
	end_pool(r, pool, &batch);
}

void deaths_round(void *arg)
{
	struct round *r = arg;
	pthread_t killer;
	find_all(r->async);
	r->caller = getpid();
	next_seed = r->random;
	call_begin();
	if (pthread_create(&killer, NULL, kill_some, r) != 0)
		abort();
	use_a_pool(r);
	pthread_join(killer, NULL);
	call_end(0);
}
