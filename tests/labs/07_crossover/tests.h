/* The graded tests of lab 07, by their files.
 *
 * The student's functions get maps and tasks of the kit's own, which write down in
 * memory shared with the test what was asked of them: that is what is judged.
 */
#ifndef TESTS_H
#define TESTS_H

#include "suite.h"

/* time_map.c */
test_fn time_map_hands_on_its_arguments, time_map_passes_failures_on;
test_fn time_map_rejects_bad_arguments;

/* time_map_best.c */
test_fn time_map_returns_the_best, time_map_measures_wall_time;

/* tables.c */
test_fn crossover_in_the_table, crossover_never, crossover_last_crossing, crossover_equal;

/* adaptive.c */
test_fn adaptive_in_order, adaptive_runs_each_task_once, adaptive_passes_failures_on;
test_fn adaptive_leaves_nothing, adaptive_rejects_bad_arguments;

/* choice.c */
test_fn adaptive_chooses_well;

#endif
