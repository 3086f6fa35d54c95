/* The pools under fire: `make bench-deaths`, with N= kills for each lab, and SEED=.
 *
 * In each round a program makes a pool and uses it, while a thread beside it kills
 * workers by SIGKILL at moments that are uniform in time: while the pool is made, in a
 * call, while the workers are asleep, while the pool is ended. A call may then fail
 * with ECHILD; but what succeeds has the right results, nothing hangs and nothing is
 * left, which the kit's supervision watches from outside. In lab 06 a death may fail
 * no more than one call, as long as somebody lives.
 *
 * What the rounds do follows from the seed; the moments depend on the machine, too.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "compile.h"
#include "judge.h"
#include "labs.h"
#include "program.h"
#include "shared.h"
#include "supervise.h"
#include "task.h"

enum { WORKERS_MOST = 4, KILLS_MOST = 3, CALLS_MOST = 12, TASKS_MOST = 3000, ASYNC_MOST = 8 };
enum { CALLS_UNTIL_THE_LAST = 1000 };
enum { ROUNDS_PER_KILL = 20, KILLS_DEFAULT = 200 };
#define WITHIN_SECONDS 8e-3 /* of a round's beginning the kills come */

enum phase { CREATING, MAPPING, APPLYING, ASYNC, ASLEEP, ENDING, PHASES };
static const char *const phase_names[PHASES] = { "in create",    "in map", "in apply",
	                                             "async calls", "asleep", "at the end" };

/* One round; shared with the caller. */
struct round {
	bool async; /* lab 06 */
	uint32_t random, killers_random;
	int workers, kills_planned, calls_planned;
	bool from_the_start; /* kills come from pool_create on, or from its return on */
	bool to_the_last;    /* the pool is used until all kills came, or maybe ended before */

	pid_t caller;
	atomic_int phase;
	atomic_bool all_came; /* the kills */
	atomic_bool ended;    /* the pool: nobody is left to kill */
	atomic_int aimed;  /* kills that may have come by now */
	atomic_int kills, kills_in[PHASES];
	int succeeded, died, wrong; /* calls: right, failed with ECHILD, neither */
	double slowest_failure;     /* in seconds */
	char mistake[200];          /* the first, in words */
};

static struct round *the_round; /* in the caller */

/* --- the student's functions -------------------------------------------------------- */

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

/* --- chance, time and tasks ------------------------------------------------------------ */

static uint32_t mix(uint32_t x)
{
	x = (x ^ (x >> 16)) * 0x85ebca6bu; /* the end of MurmurHash3 */
	x = (x ^ (x >> 13)) * 0xc2b2ae35u;
	return x ^ (x >> 16);
}

static uint32_t below(uint32_t *random, uint32_t bound)
{
	*random += 0x9e3779b9u;
	return mix(*random) % bound;
}

static void nap_until(double end)
{
	double left;
	while ((left = end - clock_wall()) > 0)
		nanosleep(&(struct timespec){ .tv_nsec = (long)(left < 0.5 ? left * 1e9 : 5e8) }, NULL);
}

/* No two seeds of a round have the same result. One task in 16 takes longer. */
static int32_t task(uint32_t seed)
{
	uint32_t spin = seed % 16 == 0 ? 20000 : 0;
	for (volatile uint32_t i = 0; i < spin; i++)
		;
	return (int32_t)mix(seed);
}

/* --- who kills --------------------------------------------------------------------------- */

/* The children of the caller that live. */
static int find_workers(pid_t parent, pid_t workers[], int most)
{
	char name[80];
	int found = 0, pid;
	struct process process;
	snprintf(name, sizeof name, "/proc/%d/task/%d/children", parent, parent);
	FILE *file = fopen(name, "re");
	if (file == NULL)
		return -1;
	while (found < most && fscanf(file, "%d", &pid) == 1)
		if (tree_read(pid, &process) && process.parent == parent && process_alive(&process))
			workers[found++] = pid;
	fclose(file);
	return found;
}

/* One worker, by the lot; or the first one there is, if the pool is still being made. */
static void kill_one(struct round *r)
{
	pid_t worker[WORKERS_MOST];
	int count = 0;
	while (!atomic_load(&r->ended) && count == 0)
		count = find_workers(r->caller, worker, WORKERS_MOST);
	if (count <= 0)
		return;
	int phase = atomic_load(&r->phase);
	atomic_fetch_add(&r->aimed, 1);
	if (syscall(SYS_kill, worker[below(&r->killers_random, (uint32_t)count)], SIGKILL) != 0)
		return;
	atomic_fetch_add(&r->kills, 1);
	atomic_fetch_add(&r->kills_in[phase], 1);
}

static void *kill_some(void *arg)
{
	struct round *r = arg;
	double moment[KILLS_MOST];
	for (int i = 0; i < r->kills_planned; i++) {
		moment[i] = WITHIN_SECONDS * below(&r->killers_random, 1000000) / 1e6;
		for (int k = i; k > 0 && moment[k] < moment[k - 1]; k--) {
			double later = moment[k - 1];
			moment[k - 1] = moment[k];
			moment[k] = later;
		}
	}
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

/* --- what became of a call ------------------------------------------------------------------ */

static void note_mistake(struct round *r, const char *call, const char *what, int number)
{
	if (r->wrong++ == 0)
		snprintf(r->mistake, sizeof r->mistake, "%s: %s (%d)", call, what, number);
}

static void check_results(struct round *r, const char *call, const uint32_t *seeds, size_t n,
                          const int32_t *results)
{
	for (size_t i = 0; i < n; i++) {
		if (results[i] == (int32_t)mix(seeds[i]))
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

/* --- what the program does --------------------------------------------------------------------- */

static uint32_t next_seed;

static void take_seeds(uint32_t *seeds, int32_t *results, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		seeds[i] = next_seed++;
		results[i] = (int32_t)~mix(seeds[i]);
	}
}

static size_t some_tasks(struct round *r)
{
	static const uint32_t most[] = { 4, 60, TASKS_MOST };
	return 1 + below(&r->random, most[below(&r->random, 3)]);
}

static size_t some_chunk(struct round *r)
{
	static const size_t chunks[] = { 0, 0, 1, 7, 500 };
	return chunks[below(&r->random, 5)];
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
	size_t count = 1 + below(&r->random, ASYNC_MOST);
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
		bool give_up = below(&r->random, 6) == 0;
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
	switch (below(&r->random, r->async ? 6 : 4)) {
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
	bool terminate = below(&r->random, 2) == 0;
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

static void body(void *arg)
{
	struct round *r = the_round = arg;
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

/* --- the rounds of a lab, and what is said of them ------------------------------------------------ */

struct sums {
	int rounds, kills, kills_in[PHASES], succeeded, died, wrong, hangs, left, others;
	double slowest_failure;
};

static void add(struct sums *sums, const struct round *r)
{
	sums->rounds++;
	sums->kills += r->kills;
	for (int i = 0; i < PHASES; i++)
		sums->kills_in[i] += r->kills_in[i];
	sums->succeeded += r->succeeded;
	sums->died += r->died;
	sums->wrong += r->wrong;
	if (r->slowest_failure > sums->slowest_failure)
		sums->slowest_failure = r->slowest_failure;
}

/* Returns whether the program came to its end and left nothing. */
static bool judge(struct sums *sums, const struct call *call, const struct outcome *outcome,
                  struct verdict *verdict)
{
	bool hung = outcome->ending == ENDING_TIMED_OUT || outcome->ending == ENDING_LOOPED;
	if (!judge_ending(verdict, call, outcome)) {
		sums->hangs += hung;
		sums->others += !hung;
		return false;
	}
	judge_leftovers(verdict, outcome);
	sums->left += !verdict_open(verdict);
	return verdict_open(verdict);
}

static void run_round(struct sums *sums, struct round *r, const char *plugin, uint32_t seed)
{
	static struct outcome outcome;
	struct verdict verdict = { 0 };
	bool async = r->async;
	*r = (struct round){ .async = async, .random = mix(seed), .killers_random = mix(~seed) };
	r->workers = 1 + (int)below(&r->random, WORKERS_MOST);
	r->kills_planned = 1 + (int)below(&r->random, KILLS_MOST);
	r->calls_planned = (int)below(&r->random, CALLS_MOST + 1);
	r->from_the_start = below(&r->random, 4) == 0;
	r->to_the_last = below(&r->random, 3) > 0;
	struct call call = { .plugin = plugin, .body = body, .arg = r, .text = "a program with a pool",
		                 .limits = { .wall_seconds = 2, .most_seconds = 60, .cpu_seconds = 20 } };
	supervise(&call, &outcome);
	add(sums, r);
	if (!judge(sums, &call, &outcome, &verdict))
		printf("  round %d: %s\n", sums->rounds, verdict.message);
	if (r->wrong > 0)
		printf("  round %d: %s\n", sums->rounds, r->mistake);
}

static int mistakes(const struct sums *s, int kills)
{
	return s->wrong + s->hangs + s->left + s->others + (s->kills < kills) + (s->succeeded == 0);
}

static void print_line(const char *lab, const struct sums *s)
{
	printf("%-10s %5d %5d %7d %7d %5.0f ms %5d %5d %5d %5d\n", lab, s->rounds, s->kills,
	       s->succeeded, s->died, s->slowest_failure * 1e3, s->wrong, s->hangs, s->left, s->others);
	printf("  kills:");
	for (int i = 0; i < PHASES; i++)
		printf("%s %d %s", i == 0 ? "" : ",", s->kills_in[i], phase_names[i]);
	printf("\n");
	fflush(stdout);
}

/* Returns whether all went well. */
static bool run_lab(const char *lab, const char *plugin, int kills, uint32_t seed)
{
	struct round *r = shared_alloc(sizeof *r);
	struct sums sums = { 0 };
	for (int i = 0; sums.kills < kills && i < ROUNDS_PER_KILL * kills; i++) {
		r->async = strcmp(lab, "06_async") == 0;
		run_round(&sums, r, plugin, seed + (uint32_t)i);
	}
	print_line(lab, &sums);
	shared_free(r, sizeof *r);
	return mistakes(&sums, kills) == 0;
}

/* --- the command ------------------------------------------------------------------------------------- */

static void compile(const char *implementation, const char *lab, struct plugin *plugin)
{
	struct sources sources;
	labs_sources(implementation, lab, &sources);
	compile_plugin(implementation, lab, &sources, plugin);
	if (plugin->compiled)
		return;
	fprintf(stderr, "deaths: %s, %s: %s\n", implementation, lab, plugin->first_line);
	exit(2);
}

static uint32_t setting(const char *name, uint32_t usual)
{
	const char *text = getenv(name);
	char *end;
	if (text == NULL || text[0] == '\0')
		return usual;
	unsigned long value = strtoul(text, &end, 10);
	if (*end == '\0' && text[0] != '-' && value > 0 && value <= UINT32_MAX)
		return (uint32_t)value;
	fprintf(stderr, "deaths: %s=%s: a number above 0 is needed\n", name, text);
	exit(2);
}

int main(void)
{
	static const char *const labs[] = { "05_pool", "06_async" };
	enum { LABS = sizeof labs / sizeof *labs };
	const char *given = getenv("IMPL"), *only = getenv("LAB");
	const char *implementation = given == NULL || given[0] == '\0' ? "solutions" : given;
	uint32_t seed = setting("SEED", mix((uint32_t)time(NULL)) | 1);
	int kills = (int)setting("N", KILLS_DEFAULT), passed = 0, failed = 0;
	program_handle_signals();
	printf("Workers of %s killed at random moments, %d for each lab, SEED=%u\n\n", implementation,
	       kills, seed);
	printf("%-10s %5s %5s %7s %7s %8s %5s %5s %5s %5s\n", "", "", "", "calls", "failed:", "slowest",
	       "", "", "", "");
	printf("%-10s %5s %5s %7s %7s %8s %5s %5s %5s %5s\n", "lab", "round", "kills", "right", "ECHILD",
	       "of them", "wrong", "hangs", "left", "ended");
	for (int i = 0; i < LABS; i++) {
		struct plugin plugin;
		if (only != NULL && only[0] != '\0' && strstr(labs[i], only) == NULL)
			continue;
		compile(implementation, labs[i], &plugin);
		bool good = run_lab(labs[i], plugin.path, kills, seed);
		passed += good;
		failed += !good;
	}
	printf("deaths: %d passed, %d failed\n", passed, failed);
	return failed > 0 || passed == 0;
}
