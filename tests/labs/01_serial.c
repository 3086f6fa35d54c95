/* How lab 01 is graded: the CPUs, the clock, the book's random square, the loop.
 *
 * What the student's functions return is written into memory that the caller
 * shares with this process, after they have returned; it is judged here, against
 * the reference, where no code of the student's runs.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fence.h"
#include "judge.h"
#include "probe.h"
#include "reference.h"
#include "serial.h"
#include "shared.h"
#include "suite.h"

/* --- cpu_count ------------------------------------------------------------- */

typedef int cpu_count_fn(void);

struct cpu_call {
	cpu_set_t mask; /* that the caller runs under */
	int count;
};

static void call_cpu_count(void *arg)
{
	struct cpu_call *call = arg;
	cpu_count_fn *function = (cpu_count_fn *)plugin_function("cpu_count");
	sched_setaffinity(0, sizeof call->mask, &call->mask);
	call_begin();
	call->count = function();
	call_end(call->count);
}

static void check_cpu_count(struct test *t, const cpu_set_t *mask)
{
	struct cpu_call *shared = shared_alloc(sizeof *shared);
	struct call call = { .body = call_cpu_count, .arg = shared };
	int expected = CPU_COUNT(mask);
	shared->mask = *mask;
	test_call(t, &call);
	if (!judge_not_started(&t->verdict, &t->outcome, "cpu_count") &&
	    judge_ending(&t->verdict, &call, &t->outcome) && shared->count != expected)
		verdict_fail(&t->verdict, WRONG_RESULT,
		             "Ask sched_getaffinity, and count the CPUs of the set (CPU_COUNT).",
		             "cpu_count() returned %d in a process that may use %d of the machine's "
		             "%ld CPUs. Expected: %d.",
		             shared->count, expected, sysconf(_SC_NPROCESSORS_ONLN), expected);
	shared_free(shared, sizeof *shared);
}

static void cpu_count_of_this_process(struct test *t)
{
	cpu_set_t mask;
	sched_getaffinity(0, sizeof mask, &mask);
	check_cpu_count(t, &mask);
}

/* Under a mask of one CPU: the first that is allowed, then the last, since some
 * take the highest number for the count. */
static void cpu_count_respects_affinity(struct test *t)
{
	cpu_set_t allowed, one;
	sched_getaffinity(0, sizeof allowed, &allowed);
	size_t first = CPU_SETSIZE, last = 0;
	for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &allowed))
			continue;
		first = first == CPU_SETSIZE ? cpu : first;
		last = cpu;
	}
	for (int i = 0; i < 2 && verdict_open(&t->verdict); i++) {
		CPU_ZERO(&one);
		CPU_SET(i == 0 ? first : last, &one);
		check_cpu_count(t, &one);
	}
}

/* --- wall_seconds ---------------------------------------------------------- */

typedef double wall_seconds_fn(void);

enum { INTERVALS = 12 };

/* Each interval is read by the student's clock between two readings of ours. */
struct clock_call {
	struct reading {
		double before, student, after;
	} start[INTERVALS], end[INTERVALS];
};

static double our_clock(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void pass_time(int interval)
{
	double until = our_clock() + 0.0005 * (1 + interval);
	if (interval % 2 == 0) /* half of them asleep: a clock of CPU time stands still */
		nanosleep(&(struct timespec){ .tv_nsec = 500000 * (1 + interval) }, NULL);
	while (our_clock() < until)
		;
}

static void call_wall_seconds(void *arg)
{
	struct clock_call *call = arg;
	wall_seconds_fn *function = (wall_seconds_fn *)plugin_function("wall_seconds");
	call_begin();
	for (int i = 0; i < INTERVALS; i++) {
		for (int end = 0; end < 2; end++) {
			struct reading *reading = end ? &call->end[i] : &call->start[i];
			reading->before = our_clock();
			reading->student = function();
			reading->after = our_clock();
			if (!end)
				pass_time(i);
		}
	}
	call_end(call->start[0].student == -1 ? -1 : 0);
}

/* A right clock reads a difference between these two bounds; 20 us more are
 * allowed on each side, for rounding and for clocks that are not slewed. */
static bool in_bounds(const struct clock_call *call, int i, double *least, double *most)
{
	double seconds = call->end[i].student - call->start[i].student;
	*least = call->end[i].before - call->start[i].after;
	*most = call->end[i].after - call->start[i].before;
	return seconds >= *least - 20e-6 && seconds <= *most + 20e-6;
}

static bool read_clock(struct test *t, struct clock_call *shared, double step)
{
	struct call call = { .body = call_wall_seconds, .arg = shared,
		                 .faults = { .clock_step_seconds = step } };
	test_call(t, &call);
	return !judge_not_started(&t->verdict, &t->outcome, "wall_seconds") &&
	       judge_ending(&t->verdict, &call, &t->outcome);
}

static void wall_seconds_measures_wall_time(struct test *t)
{
	struct clock_call *shared = shared_alloc(sizeof *shared);
	double least, most;
	if (read_clock(t, shared, 0))
		for (int i = 0; i < INTERVALS; i++)
			if (!in_bounds(shared, i, &least, &most))
				verdict_fail(&t->verdict, WRONG_RESULT,
				             "Read clock_gettime(CLOCK_MONOTONIC) and return tv_sec + tv_nsec * "
				             "1e-9, as a double.",
				             "Between two calls of wall_seconds, %s, %.6f s went by, and it "
				             "counted %.6f s. Expected: wall time in seconds, to the "
				             "microsecond.",
				             i % 2 == 0 ? "partly asleep" : "awake", least,
				             shared->end[i].student - shared->start[i].student);
	shared_free(shared, sizeof *shared);
}

static void wall_seconds_is_monotonic(struct test *t)
{
	enum { STEP_SECONDS = 3600 };
	struct clock_call *shared = shared_alloc(sizeof *shared);
	double least, most;
	if (read_clock(t, shared, STEP_SECONDS))
		for (int i = 0; i < INTERVALS; i++)
			if (!in_bounds(shared, i, &least, &most))
				verdict_fail(&t->verdict, WRONG_RESULT,
				             "Use CLOCK_MONOTONIC instead of the time of day.",
				             "Somebody set the date back by an hour between two calls of "
				             "wall_seconds, and it counted %.1f s where %.4f s went by. "
				             "Expected: a clock that only goes forward.",
				             shared->end[i].student - shared->start[i].student, least);
	shared_free(shared, sizeof *shared);
}

/* --- random_square --------------------------------------------------------- */

enum { FIRST_SEEDS = 20, MANY_SEEDS = 100000 };

struct squares_call {
	size_t n;
	uint32_t seeds[MANY_SEEDS];
	int32_t squares[MANY_SEEDS];
};

static void call_random_square(void *arg)
{
	struct squares_call *call = arg;
	task_fn *function = (task_fn *)plugin_function("random_square");
	call_begin();
	for (size_t i = 0; i < call->n; i++)
		call->squares[i] = function(call->seeds[i]);
	call_end(call->squares[0]);
}

static void judge_squares(struct test *t, const struct squares_call *call, const char *next_step)
{
	size_t different = 0, first = 0;
	for (size_t i = call->n; i-- > 0;) {
		if (call->squares[i] != reference_square(call->seeds[i])) {
			different++;
			first = i;
		}
	}
	if (different > 0)
		verdict_fail(&t->verdict, WRONG_RESULT, next_step,
		             "random_square(%u) returned %d. Expected: %d, as numpy's randint gives. "
		             "%zu of %zu seeds differ.",
		             call->seeds[first], call->squares[first],
		             reference_square(call->seeds[first]), different, call->n);
}

static void check_squares(struct test *t, struct squares_call *shared, const char *next_step)
{
	struct call call = { .body = call_random_square, .arg = shared };
	test_call(t, &call);
	if (!judge_not_started(&t->verdict, &t->outcome, "random_square") &&
	    judge_ending(&t->verdict, &call, &t->outcome))
		judge_squares(t, shared, next_step);
	shared_free(shared, sizeof *shared);
}

static void random_square_first_seeds(struct test *t)
{
	struct squares_call *shared = shared_alloc(sizeof *shared);
	shared->n = FIRST_SEEDS;
	for (uint32_t i = 0; i < FIRST_SEEDS; i++)
		shared->seeds[i] = i;
	check_squares(t, shared, "Work through seed 0 by hand: the handout shows its first words and "
	                         "outputs.");
}

/* Seeds from the whole range in no order, some of them twice in a row: a result
 * may depend on the seed alone. */
static void random_square_many_seeds(struct test *t)
{
	static const uint32_t special[] = { 0, 1, 0x7fffffffu, 0x80000000u, 0xfffffffeu, 0xffffffffu };
	struct squares_call *shared = shared_alloc(sizeof *shared);
	shared->n = MANY_SEEDS;
	for (uint32_t i = 0; i < MANY_SEEDS; i++)
		shared->seeds[i] = test_random(t, i - (i % 10 == 9));
	for (uint32_t i = 0; i < sizeof special / sizeof *special; i++)
		shared->seeds[test_random(t, MANY_SEEDS + i) % MANY_SEEDS] = special[i];
	memcpy(shared->seeds, special, sizeof special);
	check_squares(t, shared, "If large seeds alone differ, look at your types: they must be "
	                         "uint32_t. If it is seeds at random, something is kept from one "
	                         "call to the next.");
}

/* --- serial_map ------------------------------------------------------------ */

typedef int serial_map_fn(task_fn *, const uint32_t *, size_t, int32_t *);

enum { MAP_MOST = 1000 };

struct map_call {
	size_t n;
	bool no_task, no_seeds, no_results; /* pass NULL */
	uint32_t seeds[MAP_MOST];
	int32_t results[MAP_MOST];
	long broken;
	pid_t caller;
	struct probe_log *log; /* behind this struct, as shared as it is */
};

static size_t map_call_size(void)
{
	return sizeof(struct map_call) + probe_log_size(2 * MAP_MOST);
}

/* Seeds that are no indices, each different, so that order and counts can be told. */
static struct map_call *map_call_create(struct test *t, size_t n)
{
	struct map_call *call = shared_alloc(map_call_size());
	call->n = n;
	for (size_t i = 0; i < n; i++)
		call->seeds[i] = test_random(t, (uint32_t)n) + 7919u * (uint32_t)i;
	call->log = probe_init(call + 1, 2 * MAP_MOST);
	return call;
}

static void call_serial_map(void *arg)
{
	struct map_call *call = arg;
	serial_map_fn *function = (serial_map_fn *)plugin_function("serial_map");
	int32_t *results = fence_alloc(call->n * sizeof *results);
	uint32_t *seeds = fence_alloc(call->n * sizeof *seeds);
	memcpy(seeds, call->seeds, call->n * sizeof *seeds);

	call->caller = getpid();
	call_begin();
	int value = function(call->no_task ? NULL : probe_task, call->no_seeds ? NULL : seeds,
	                     call->n, call->no_results ? NULL : results);
	call_end(value);
	call->broken = fence_broken(results);
	memcpy(call->results, results, call->n * sizeof *results);
	fence_free(seeds);
	fence_free(results);
}

static const char *map_text(const struct map_call *call)
{
	static char text[96];
	snprintf(text, sizeof text, "serial_map(%s, %s, %zu, %s)", call->no_task ? "NULL" : "task",
	         call->no_seeds ? "NULL" : "seeds", call->n, call->no_results ? "NULL" : "results");
	return text;
}

/* Makes the call; returns whether it came back with 0. */
static bool map(struct test *t, struct map_call *shared)
{
	struct call call = { .body = call_serial_map, .arg = shared,
		                 .limits = { .cpu_seconds = 1 } };
	test_call(t, &call);
	if (judge_not_started(&t->verdict, &t->outcome, "serial_map") ||
	    !judge_ending(&t->verdict, &call, &t->outcome))
		return false;
	judge_refusal(&t->verdict, &t->outcome, map_text(shared));
	return verdict_open(&t->verdict);
}

static void judge_map_bounds(struct test *t, const struct map_call *call)
{
	judge_fence(&t->verdict, call->broken, "results", call->n, sizeof *call->results);
}

static void judge_map_tasks(struct test *t, const struct map_call *call)
{
	for (size_t i = 0; i < call->n; i++) {
		size_t times = probe_times_run(call->log, call->seeds[i]);
		if (times == 0)
			verdict_fail(&t->verdict, LOST_TASK, "Check the last index of your loop.",
			             "With n = %zu, the task for seeds[%zu] was never run. Expected: "
			             "once each.", call->n, i);
		if (times > 1)
			verdict_fail(&t->verdict, REPEATED_TASK,
			             "Call the task once and keep its result in a variable.",
			             "With n = %zu, the task for seeds[%zu] was run %zu times. Expected: "
			             "once each.", call->n, i, times);
	}
	if (probe_entries(call->log) > call->n)
		verdict_fail(&t->verdict, REPEATED_TASK, "Run the task for the seeds given, and no other.",
		             "With n = %zu, tasks were run %zu times, for seeds that were not given.",
		             call->n, probe_entries(call->log));
}

static void judge_map_results(struct test *t, const struct map_call *call)
{
	size_t different = 0, first = 0;
	for (size_t i = call->n; i-- > 0;) {
		if (call->results[i] != reference_square(call->seeds[i])) {
			different++;
			first = i;
		}
	}
	if (different > 0)
		verdict_fail(&t->verdict, WRONG_RESULT, "results[i] is what task(seeds[i]) returned.",
		             "With n = %zu, results[%zu] is %d. Expected: %d. %zu of %zu differ.",
		             call->n, first, call->results[first],
		             reference_square(call->seeds[first]), different, call->n);
}

static void serial_map_in_order(struct test *t)
{
	static const size_t sizes[] = { 1, 2, 0, 1000 };
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes && verdict_open(&t->verdict); i++) {
		struct map_call *call = map_call_create(t, sizes[i]);
		if (map(t, call)) {
			judge_map_bounds(t, call);
			judge_map_tasks(t, call);
			judge_map_results(t, call);
		}
		shared_free(call, map_call_size());
	}
}

static void map_and_judge(struct test *t, size_t n,
                          void (*judge)(struct test *, const struct map_call *))
{
	struct map_call *call = map_call_create(t, n);
	if (verdict_open(&t->verdict) && map(t, call))
		judge(t, call);
	shared_free(call, map_call_size());
}

static void serial_map_runs_each_task_once(struct test *t)
{
	map_and_judge(t, 101, judge_map_bounds);
	map_and_judge(t, 101, judge_map_tasks);
}

static void serial_map_stays_in_bounds(struct test *t)
{
	map_and_judge(t, 1, judge_map_bounds);
	map_and_judge(t, 37, judge_map_bounds);
}

static void judge_map_processes(struct test *t, const struct map_call *call)
{
	bool elsewhere = false;
	for (size_t i = 0; i < probe_entries(call->log); i++)
		elsewhere = elsewhere || call->log->entry[i].tid != call->caller;
	if (t->outcome.forks > 0 || t->outcome.threads > 0 || elsewhere)
		verdict_fail(&t->verdict, EXTRA_PROCESSES,
		             "A plain loop is all: this is what the parallel maps are compared with.",
		             "serial_map started processes (%d) or threads (%d), or ran tasks in some. "
		             "Expected: all tasks run in the caller.",
		             t->outcome.forks, t->outcome.threads);
}

static void serial_map_needs_no_process(struct test *t)
{
	map_and_judge(t, 500, judge_map_processes);
}

static void judge_map_leftovers(struct test *t, const struct map_call *call)
{
	(void)call;
	judge_leftovers(&t->verdict, &t->outcome);
}

static void serial_map_leaves_nothing(struct test *t)
{
	map_and_judge(t, 10, judge_map_leftovers);
}

static void reject(struct test *t, bool no_task, bool no_seeds, bool no_results)
{
	struct map_call *shared = map_call_create(t, 3);
	struct call call = { .body = call_serial_map, .arg = shared,
		                 .limits = { .cpu_seconds = 1 } };
	shared->no_task = no_task;
	shared->no_seeds = no_seeds;
	shared->no_results = no_results;
	test_call(t, &call);
	if (!judge_not_started(&t->verdict, &t->outcome, "serial_map") &&
	    judge_ending(&t->verdict, &call, &t->outcome))
		judge_failure(&t->verdict, &t->outcome, EINVAL, map_text(shared), "with a NULL");
	shared_free(shared, map_call_size());
}

static void serial_map_rejects_bad_arguments(struct test *t)
{
	reject(t, true, false, false);
	reject(t, false, true, false);
	reject(t, false, false, true);

	struct map_call *nothing = map_call_create(t, 0);
	nothing->no_seeds = nothing->no_results = true;
	map(t, nothing); /* with n = 0 there is nothing to point to */
	shared_free(nothing, map_call_size());
}

static const struct suite_row rows[] = {
	{ cpu_count_of_this_process, "cpu_count_of_this_process", "correctness", 8,
	  "cpu_count: the CPUs that this process may use", NULL },
	{ cpu_count_respects_affinity, "cpu_count_respects_affinity", "correctness", 8,
	  "cpu_count: 1 under a mask of one CPU", NULL },
	{ wall_seconds_measures_wall_time, "wall_seconds_measures_wall_time", "correctness", 8,
	  "wall_seconds: seconds of wall time, asleep or awake", NULL },
	{ wall_seconds_is_monotonic, "wall_seconds_is_monotonic", "correctness", 8,
	  "wall_seconds: goes on when the date is set back", NULL },
	{ random_square_first_seeds, "random_square_first_seeds", "correctness", 12,
	  "random_square: seeds 0 to 19, as in the book", NULL },
	{ random_square_many_seeds, "random_square_many_seeds", "correctness", 16,
	  "random_square: 100,000 seeds of the whole range", "random_square_first_seeds" },
	{ serial_map_in_order, "serial_map_in_order", "correctness", 10,
	  "serial_map: results in the order of the seeds", NULL },
	{ serial_map_runs_each_task_once, "serial_map_runs_each_task_once", "correctness", 8,
	  "serial_map: every task once", NULL },
	{ serial_map_stays_in_bounds, "serial_map_stays_in_bounds", "cleanliness", 8,
	  "serial_map: writes the n results and nothing else", NULL },
	{ serial_map_rejects_bad_arguments, "serial_map_rejects_bad_arguments", "robustness", 6,
	  "serial_map: NULL with n > 0 is -1 with EINVAL", NULL },
	{ serial_map_needs_no_process, "serial_map_needs_no_process", "processes", 4,
	  "serial_map: all in the calling process", NULL },
	{ serial_map_leaves_nothing, "serial_map_leaves_nothing", "cleanliness", 4,
	  "serial_map: leaves no descriptor, no mapping", NULL },
};

int main(int argc, char *argv[])
{
	return suite_main(argc, argv, "01_serial", rows, sizeof rows / sizeof *rows);
}
