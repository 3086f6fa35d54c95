/* How lab 03 is graded: a map whose results come back through pipes. What all maps
 * have in common is tested in ../maps, what is about pipes in pipes.c. */
#include "pipes.h"

const struct map_kind pipe_map_kind = { "pipe_map", MAP_PLAIN };

/* A row of this suite is a test of all maps, made with this one. */
#define ROW_OF_MAPS(name, map_test) \
	static void name(struct test *t) \
	{ \
		map_test(t, &pipe_map_kind); \
	}

ROW_OF_MAPS(maps_in_order, map_test_order)
ROW_OF_MAPS(runs_in_workers, map_test_processes)
ROW_OF_MAPS(workers_run_together, map_test_together)
ROW_OF_MAPS(faster_than_serial, map_test_faster)
ROW_OF_MAPS(more_workers_than_tasks, map_test_few_tasks)
ROW_OF_MAPS(maps_a_million, map_test_many_tasks)
ROW_OF_MAPS(reaps_every_child, map_test_children)
ROW_OF_MAPS(leaves_other_children_alone, map_test_bystanders)
ROW_OF_MAPS(ends_children_quietly, map_test_quiet)
ROW_OF_MAPS(leaves_nothing_open, map_test_nothing_left)
ROW_OF_MAPS(works_with_any_descriptors, map_test_descriptors)
ROW_OF_MAPS(survives_short_transfers, map_test_short_transfers)
ROW_OF_MAPS(survives_interruptions, map_test_interruptions)
ROW_OF_MAPS(undoes_a_failed_start, map_test_failed_start)
ROW_OF_MAPS(reports_a_dead_worker, map_test_dead_worker)
ROW_OF_MAPS(rejects_bad_arguments, map_test_arguments)

static const struct suite_row rows[] = {
	{ maps_in_order, "maps_in_order", "correctness", 8,
	  "every result stands where its seed stands, for any n", NULL },
	{ runs_in_workers, "runs_in_workers", "processes", 6,
	  "runs each task once, in as many child processes as asked", "maps_in_order" },
	{ workers_run_together, "workers_run_together", "processes", 6,
	  "all workers run side by side", "runs_in_workers" },
	{ shares_the_work_evenly, "shares_the_work_evenly", "processes", 6,
	  "no worker does far more than its share", "workers_run_together" },
	{ more_workers_than_tasks, "more_workers_than_tasks", "processes", 4,
	  "no more processes than tasks, and none for n = 0", "maps_in_order" },
	{ maps_a_million, "maps_a_million", "correctness", 6,
	  "1,000,000 results of any value, far more than a pipe holds", "maps_in_order" },
	{ full_pipe_stops_nobody, "full_pipe_stops_nobody", "processes", 6,
	  "no worker is stopped by a full pipe while another computes",
	  "workers_run_together maps_a_million" },
	{ reaps_every_child, "reaps_every_child", "cleanliness", 4,
	  "no child is left, neither running nor as a zombie", "maps_in_order" },
	{ leaves_other_children_alone, "leaves_other_children_alone", "cleanliness", 4,
	  "waits for its own children only", "reaps_every_child" },
	{ ends_children_quietly, "ends_children_quietly", "cleanliness", 4,
	  "what the caller has printed does not come out twice", "maps_in_order" },
	{ leaves_nothing_open, "leaves_nothing_open", "cleanliness", 4,
	  "leaves no descriptor, no shared memory", "maps_in_order" },
	{ keeps_pipe_ends_apart, "keeps_pipe_ends_apart", "cleanliness", 4,
	  "no worker holds an end of another worker's pipe", "runs_in_workers" },
	{ works_with_any_descriptors, "works_with_any_descriptors", "robustness", 4,
	  "descriptor 0 may be a pipe, and others may be taken", "leaves_nothing_open" },
	{ survives_short_transfers, "survives_short_transfers", "robustness", 4,
	  "read and write may move fewer bytes than asked", "maps_a_million" },
	{ survives_interruptions, "survives_interruptions", "robustness", 5,
	  "a signal handler during any call changes nothing", "maps_a_million" },
	{ undoes_a_failed_start, "undoes_a_failed_start", "robustness", 5,
	  "leaves nothing if a fork, a pipe or a malloc fails",
	  "maps_a_million reaps_every_child leaves_nothing_open" },
	{ reports_a_dead_worker, "reports_a_dead_worker", "robustness", 6,
	  "-1 with ECHILD if a worker ends before its results came",
	  "maps_a_million reaps_every_child leaves_nothing_open" },
	{ faster_than_serial, "faster_than_serial", "speed", 12,
	  "faster than the serial loop, and not only for huge n",
	  "workers_run_together maps_a_million reaps_every_child" },
	{ rejects_bad_arguments, "rejects_bad_arguments", "robustness", 2,
	  "no task, seeds, results or workers: -1 with EINVAL", "maps_in_order" },
};

int main(int argc, char *argv[])
{
	return suite_main(argc, argv, "03_pipes", rows, sizeof rows / sizeof *rows);
}
