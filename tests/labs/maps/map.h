/* What the suites of the maps have in common: one call of a map.
 *
 * Lab 03 has one map, lab 04 three, and later labs more; they are held against the
 * same things. Each test fills in the plan of a `struct map`, which the caller's
 * process shares with this one, makes the call, and holds what was seen against
 * the plan. The task that is mapped is ours (map_task): whatever is judged is what
 * really happened, not what the student's code says.
 *
 * Seeds are not indices, and no two are equal, so that each task knows its index.
 */
#ifndef MAP_H
#define MAP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "judge.h"
#include "rendezvous.h"
#include "suite.h"
#include "task.h"
#include "workload.h"

enum { MAP_PROCESSES = 64, MAP_PIPES = 24, MAP_CALLS = 16 };

/* How a map is called, and what it makes. */
enum map_form {
	MAP_PLAIN,     /* f(task, seeds, n, results, workers) */
	MAP_CHUNKED,   /* f(task, seeds, n, results, workers, chunk) */
	MAP_HISTOGRAM, /* f(task, seeds, n, workers, bins, nbins) */
};

struct map_kind {
	const char *function; /* its name */
	enum map_form form;
};

/* What the tasks return. */
enum map_values {
	VALUES_SQUARES, /* the book's: 0 to 81 */
	VALUES_ANY,     /* any int32_t, -1 and the smallest among them */
	VALUES_CHEAP    /* index % 3, or of a histogram index % nbins: next to no work */
};

enum map_death { NO_DEATH, DEATH_BY_SIGNAL, DEATH_BY_EXIT };

/* Which of the caller's descriptors are closed before the call. */
enum map_descriptors { FDS_USUAL, FDS_NO_0, FDS_NO_1, FDS_NO_0_1_2, FDS_MANY };

/* What is asked for. Set by the test, then constant. */
struct map_plan {
	const struct map_kind *kind;
	size_t n, chunk, nbins;
	int workers, calls;
	enum map_values values;
	size_t odd_index;      /* the task at this index */
	int32_t odd_value;     /* returns this, if has_odd */
	bool has_odd;
	bool no_task, no_seeds, no_output; /* pass NULL */
	enum map_descriptors descriptors;
	size_t meet_at;        /* every process meets the others in its meet_at-th task; 0: never */
	size_t heavy;          /* in simulated time, the first `heavy` tasks cost 100 */
	bool simulated;        /* and all others 1 */
	enum map_death death;
	size_t death_index;    /* in this task */
	bool survey;           /* note which pipes each worker holds in its first task */
	bool steps;            /* after each task a worker may stop at any instruction, */
	int steps_most;        /* of the student's code for so many steps, and as many others; 0: all */
	bool at_once;          /* when they have met, they go on in the same instant */
	bool stops;            /* and are stopped now and then, wherever they are */
	uint32_t race_seed;    /* not 0: look for races, with these delays */
	int burn;              /* each task squares so many numbers more, and its CPU time is noted */
};

/* A process that ran tasks. */
struct map_process {
	atomic_int pid;
	atomic_size_t tasks;
	double cpu_seconds; /* that its tasks burned */
	int met;   /* in a session: the call, from 1, in which it last met the others */
	int pipes; /* ends of pipes that it held in its first task, if surveyed */
	struct map_pipe {
		uint64_t pipe; /* its inode */
		bool writes;
		int fd;
	} pipe[MAP_PIPES];
};

struct map {
	struct map_plan plan;
	struct rendezvous meeting;
	atomic_uint at_the_start;   /* met, and about to go on at once */
	struct workload load;
	uint32_t first_seed;
	size_t size;                /* of all this, with what follows it */

	/* what was seen */
	pid_t caller;
	atomic_int processes;       /* that ran tasks; may exceed MAP_PROCESSES */
	struct map_process process[MAP_PROCESSES];
	atomic_size_t strangers;    /* tasks run for seeds that were not given */
	atomic_size_t in_caller;    /* tasks run in the caller's process */
	double speedup[MAP_CALLS];  /* of each call, by what the processes burned (makespan.h) */
	long broken_output, broken_seeds;
	bool seeds_changed;

	/* behind this struct, each of n (or nbins) elements */
	atomic_uchar *times;        /* how often each task was run, up to 255 */
	int32_t *results;           /* after the last call, or */
	uint64_t *bins;
};

/* A call of this map with n tasks and so many workers; chunk 1, and room for the
 * squares in the bins. Or one after a plan of which n, nbins and workers will not
 * change. Free it with map_free. */
struct map *map_create(struct test *t, const struct map_kind *kind, size_t n, int workers);
struct map *map_create_from(struct test *t, const struct map_plan *plan);
void map_free(struct map *map);

/* The task, and what it returns for the task at this index. */
task_fn map_task;
int32_t map_value(const struct map *map, size_t index);

/* "pipe_map(task, seeds, 7, results, 3)", for messages; in one static buffer. */
const char *map_text(const struct map *map);

/* Makes the call, `how` (or NULL) saying with which faults. Returns whether it
 * came back from where it was called; map_succeeds also: with 0. */
bool map_call(struct test *t, struct map *map, const struct call *how);
bool map_succeeds(struct test *t, struct map *map, const struct call *how);

/* Whether plan.steps has an effect on this machine. */
bool map_can_step(void);

/* For a meeting that was not complete: whether the verdict is that a full pipe or a
 * lock held somebody up. */
bool map_stall_explained(struct test *t, const struct map *map);

/* Whether so many workers of a map run side by side; if not, decides so. */
bool map_meets(struct test *t, const struct map_kind *kind, int workers);

/* Makes a call after this plan, but nobody dies and nothing goes wrong: so that a
 * failure with faults is theirs. Returns whether it was good. */
bool map_good_without_faults(struct test *t, const struct map_plan *plan);

/* --- judgements (map_judge.c) ------------------------------------------------ */

/* Whether something was written beside the results or bins; and what stands in them. */
void map_judge_fences(struct test *t, const struct map *map);
void map_judge_output(struct test *t, const struct map *map);

/* Was each task run once? */
void map_judge_tasks(struct test *t, const struct map *map);

/* Both of these. */
void map_judge(struct test *t, const struct map *map);

/* In as many child processes as there should be? No more than that? */
void map_judge_processes(struct test *t, const struct map *map);
void map_judge_starts(struct test *t, const struct map *map);

/* After a failure a histogram's bins are as they were. */
void map_judge_bins_untouched(struct test *t, const struct map *map);

/* --- the tests that all maps share ------------------------------------------- */

typedef void map_test_fn(struct test *t, const struct map_kind *kind);

map_test_fn map_test_order, map_test_many_tasks;
map_test_fn map_test_processes, map_test_together, map_test_few_tasks;
map_test_fn map_test_children, map_test_bystanders, map_test_quiet, map_test_nothing_left;
map_test_fn map_test_interruptions, map_test_short_transfers, map_test_failed_start;
map_test_fn map_test_dead_worker, map_test_descriptors, map_test_arguments;
map_test_fn map_test_faster; /* not for histograms */
map_test_fn map_test_races;

#endif
