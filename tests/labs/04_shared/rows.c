/* How lab 04 is graded: maps through shared memory, and a histogram in it. What all
 * maps have in common is tested in ../maps, what is about sharing in sharing.c,
 * histogram.c and scaling.c. */
#include "sharing.h"

const struct map_kind static_kind = { "shared_map", MAP_PLAIN };
const struct map_kind dynamic_kind = { "shared_map_dynamic", MAP_CHUNKED };
const struct map_kind histogram_kind = { "shared_histogram", MAP_HISTOGRAM };

/* A row of this suite is a test of all maps, made with one of these, */
#define ROW_OF_ONE(name, map_test, kind) \
	static void name(struct test *t) \
	{ \
		map_test(t, &kind); \
	}

/* or with each of them, until one fails. */
static void with_each(struct test *t, map_test_fn *map_test)
{
	const struct map_kind *kinds[] = { &static_kind, &dynamic_kind, &histogram_kind };
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds && verdict_open(&t->verdict); i++)
		map_test(t, kinds[i]);
}

#define ROW_OF_EACH(name, map_test) \
	static void name(struct test *t) \
	{ \
		with_each(t, map_test); \
	}

ROW_OF_ONE(map_in_order, map_test_order, static_kind)
ROW_OF_ONE(map_runs_in_workers, map_test_processes, static_kind)
ROW_OF_ONE(map_workers_run_together, map_test_together, static_kind)
ROW_OF_ONE(map_is_faster, map_test_faster, static_kind)
ROW_OF_ONE(dynamic_is_faster, map_test_faster, dynamic_kind)
ROW_OF_ONE(dynamic_in_order, map_test_order, dynamic_kind)
ROW_OF_ONE(dynamic_workers_run_together, map_test_together, dynamic_kind)
ROW_OF_ONE(histogram_counts, map_test_order, histogram_kind)
ROW_OF_EACH(has_no_race, map_test_races)
ROW_OF_EACH(map_a_million, map_test_many_tasks)
ROW_OF_EACH(more_workers_than_tasks, map_test_few_tasks)
ROW_OF_EACH(reaps_every_child, map_test_children)
ROW_OF_EACH(leaves_other_children_alone, map_test_bystanders)
ROW_OF_EACH(ends_children_quietly, map_test_quiet)
ROW_OF_EACH(leaves_nothing_behind, map_test_nothing_left)
ROW_OF_EACH(undoes_a_failed_start, map_test_failed_start)
ROW_OF_EACH(reports_a_dead_worker, map_test_dead_worker)
ROW_OF_EACH(rejects_bad_arguments, map_test_arguments)

/* Some share through pipes, too. */
static void survives_interruptions(struct test *t)
{
	with_each(t, map_test_interruptions);
	with_each(t, map_test_short_transfers);
}

#define ALL "map_in_order dynamic_in_order histogram_counts"

static const struct suite_row rows[] = {
	{ map_in_order, "map_in_order", "correctness", 4,
	  "shared_map: every result stands where its seed stands", NULL },
	{ map_runs_in_workers, "map_runs_in_workers", "processes", 4,
	  "runs each task once, in as many child processes as asked", "map_in_order" },
	{ map_workers_run_together, "map_workers_run_together", "processes", 4,
	  "all workers run side by side", "map_runs_in_workers" },
	{ map_slices_are_even, "map_slices_are_even", "processes", 3,
	  "no worker does more than n / workers tasks, rounded up", "map_runs_in_workers" },
	{ dynamic_in_order, "dynamic_in_order", "correctness", 4,
	  "shared_map_dynamic: the same, with chunks of any size", NULL },
	{ dynamic_workers_run_together, "dynamic_workers_run_together", "processes", 4,
	  "all workers run side by side", "dynamic_in_order" },
	{ dynamic_takes_each_task_once, "dynamic_takes_each_task_once", "correctness", 4,
	  "no two workers take the same chunk, however fast they are",
	  "dynamic_workers_run_together" },
	{ dynamic_balances, "dynamic_balances", "processes", 5,
	  "nobody is idle while chunks are left", "dynamic_workers_run_together" },
	{ histogram_counts, "histogram_counts", "correctness", 5,
	  "shared_histogram: every result is counted in its bin", NULL },
	{ histogram_runs_in_workers, "histogram_runs_in_workers", "processes", 3,
	  "all its workers run side by side, each with a part", "histogram_counts" },
	{ histogram_loses_no_update, "histogram_loses_no_update", "correctness", 4,
	  "the counts are exact when all workers count at once", "histogram_runs_in_workers" },
	{ histogram_out_of_range, "histogram_out_of_range", "correctness", 4,
	  "a result without a bin: -1 with ERANGE, bins as they were", "histogram_counts" },
	{ histogram_scales, "histogram_scales", "processes", 4,
	  "not every task costs a lock", "histogram_loses_no_update" },
	{ has_no_race, "has_no_race", "correctness", 4,
	  "no race: something orders all accesses",
	  "dynamic_takes_each_task_once histogram_loses_no_update" },
	{ map_a_million, "map_a_million", "correctness", 3,
	  "1,000,000 tasks, results of any value", ALL },
	{ more_workers_than_tasks, "more_workers_than_tasks", "processes", 2,
	  "no more processes than tasks, and none for n = 0", ALL },
	{ reaps_every_child, "reaps_every_child", "cleanliness", 3,
	  "no child is left, neither running nor as a zombie", ALL },
	{ leaves_other_children_alone, "leaves_other_children_alone", "cleanliness", 2,
	  "waits for its own children only", "reaps_every_child" },
	{ ends_children_quietly, "ends_children_quietly", "cleanliness", 2,
	  "what the caller has printed does not come out twice", ALL },
	{ leaves_nothing_behind, "leaves_nothing_behind", "cleanliness", 4,
	  "no mapping, no name in /dev/shm, no descriptor", ALL },
	{ survives_interruptions, "survives_interruptions", "robustness", 3,
	  "signals and short transfers change nothing", "map_a_million" },
	{ undoes_a_failed_start, "undoes_a_failed_start", "robustness", 4,
	  "leaves nothing if a fork, an mmap or a malloc fails",
	  "map_a_million reaps_every_child leaves_nothing_behind ends_children_quietly" },
	{ reports_a_dead_worker, "reports_a_dead_worker", "robustness", 4,
	  "-1 with ECHILD if a worker ends before its work is done",
	  "map_a_million reaps_every_child leaves_nothing_behind ends_children_quietly" },
	{ map_is_faster, "map_is_faster", "speed", 7,
	  "shared_map: faster than the serial loop, not only for huge n",
	  "map_workers_run_together map_a_million reaps_every_child" },
	{ dynamic_is_faster, "dynamic_is_faster", "speed", 7,
	  "the same for shared_map_dynamic",
	  "dynamic_workers_run_together map_a_million reaps_every_child" },
	{ rejects_bad_arguments, "rejects_bad_arguments", "robustness", 3,
	  "no task, seeds, results, workers, chunk: -1 with EINVAL", ALL },
};

int main(int argc, char *argv[])
{
	return suite_main(argc, argv, "04_shared", rows, sizeof rows / sizeof *rows);
}
