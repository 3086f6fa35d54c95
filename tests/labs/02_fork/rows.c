/* How lab 02 is graded: run_workers starts processes, waits for all of them, and
 * leaves nothing. The tests are in the files of their categories. */
#include "run.h"

static const struct suite_row rows[] = {
	{ runs_every_rank, "runs_every_rank", "correctness", 8,
	  "runs the body once for every rank, with its rank and context", NULL },
	{ runs_in_processes, "runs_in_processes", "processes", 8,
	  "runs each body in a child process of its own", "runs_every_rank" },
	{ starts_all_before_waiting, "starts_all_before_waiting", "processes", 8,
	  "starts all workers before it waits for any", "runs_in_processes" },
	{ many_workers, "many_workers", "processes", 4, "64 workers at once",
	  "starts_all_before_waiting" },
	{ reaps_every_child, "reaps_every_child", "cleanliness", 8,
	  "no child is left, neither running nor as a zombie", "runs_in_processes" },
	{ leaves_other_children_alone, "leaves_other_children_alone", "cleanliness", 6,
	  "waits for its own children only", "reaps_every_child" },
	{ reports_exit_statuses, "reports_exit_statuses", "correctness", 8,
	  "reports each exit status, and how many are not 0", "reaps_every_child" },
	{ reports_signals, "reports_signals", "correctness", 8,
	  "reports 128 + signal for a worker that was killed", "reaps_every_child" },
	{ slow_worker_hides_nobody, "slow_worker_hides_nobody", "correctness", 6,
	  "statuses stand in the order of ranks, whoever ends first", "reports_exit_statuses" },
	{ ends_children_quietly, "ends_children_quietly", "cleanliness", 6,
	  "what the caller has printed does not come out twice", "runs_in_processes" },
	{ leaves_nothing_open, "leaves_nothing_open", "cleanliness", 4,
	  "leaves no descriptor, no shared memory", "runs_in_processes" },
	{ survives_interruptions, "survives_interruptions", "robustness", 6,
	  "a signal handler during the wait changes nothing", "reports_exit_statuses" },
	{ undoes_a_failed_start, "undoes_a_failed_start", "robustness", 6,
	  "kills and reaps the workers if one cannot be started",
	  "starts_all_before_waiting reaps_every_child leaves_nothing_open" },
	{ faster_than_serial, "faster_than_serial", "speed", 10,
	  "the work is done sooner than serially, not only for huge n",
	  "many_workers reaps_every_child reports_exit_statuses" },
	{ rejects_bad_arguments, "rejects_bad_arguments", "robustness", 4,
	  "workers < 1 or no body: -1 with EINVAL", "runs_every_rank" },
};

int main(int argc, char *argv[])
{
	return suite_main(argc, argv, "02_fork", rows, sizeof rows / sizeof *rows);
}
