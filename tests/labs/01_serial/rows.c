/* How lab 01 is graded: the CPUs, the clock, the book's random square, the loop. */
#include "tests.h"

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
