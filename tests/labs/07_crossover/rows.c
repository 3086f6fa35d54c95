/* How lab 07 is graded: measuring a map, finding the crossover, and choosing. */
#include "tests.h"

static const struct suite_row rows[] = {
	{ time_map_hands_on_its_arguments, "time_map_hands_on_its_arguments", "correctness", 8,
	  "time_map: calls the map `repeats` times, for seeds 0 to n - 1", NULL },
	{ time_map_measures_wall_time, "time_map_measures_wall_time", "correctness", 6,
	  "time_map: seconds of wall time", "time_map_hands_on_its_arguments" },
	{ time_map_returns_the_best, "time_map_returns_the_best", "correctness", 8,
	  "time_map: the shortest of the calls", "time_map_measures_wall_time" },
	{ time_map_passes_failures_on, "time_map_passes_failures_on", "robustness", 6,
	  "time_map: -1 with the map's errno if it fails", "time_map_hands_on_its_arguments" },
	{ time_map_rejects_bad_arguments, "time_map_rejects_bad_arguments", "robustness", 4,
	  "time_map: no map, no repeats: -1 with EINVAL", NULL },
	{ crossover_in_the_table, "crossover_in_the_table", "correctness", 8,
	  "find_crossover: the n of one clear crossing", NULL },
	{ crossover_never, "crossover_never", "correctness", 6,
	  "find_crossover: SIZE_MAX if parallel does not stay faster", NULL },
	{ crossover_last_crossing, "crossover_last_crossing", "correctness", 8,
	  "find_crossover: of several crossings the last counts", "crossover_in_the_table" },
	{ crossover_equal, "crossover_equal", "correctness", 4,
	  "find_crossover: equally fast is not faster", "crossover_in_the_table" },
	{ adaptive_in_order, "adaptive_in_order", "correctness", 8,
	  "adaptive_map: every result stands where its seed stands", NULL },
	{ adaptive_runs_each_task_once, "adaptive_runs_each_task_once", "correctness", 8,
	  "adaptive_map: each task once, also those it timed", "adaptive_in_order" },
	{ adaptive_chooses_well, "adaptive_chooses_well", "speed", 16,
	  "adaptive_map: as fast as the better way, for any cost and n",
	  "adaptive_runs_each_task_once" },
	{ adaptive_passes_failures_on, "adaptive_passes_failures_on", "robustness", 4,
	  "adaptive_map: -1 with the parallel map's errno if it fails", "adaptive_in_order" },
	{ adaptive_leaves_nothing, "adaptive_leaves_nothing", "cleanliness", 2,
	  "adaptive_map: leaves no process, no descriptor, no mapping", "adaptive_in_order" },
	{ adaptive_rejects_bad_arguments, "adaptive_rejects_bad_arguments", "robustness", 4,
	  "adaptive_map: NULL with n > 0 is -1 with EINVAL", NULL },
};

int main(int argc, char *argv[])
{
	return suite_main(argc, argv, "07_crossover", rows, sizeof rows / sizeof *rows);
}
