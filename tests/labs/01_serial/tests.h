/* The graded tests of lab 01, by their files.
 *
 * What the student's functions return is written into memory that the caller
 * shares with the test, after they have returned; it is judged in the test, against
 * the reference, where no code of the student's runs.
 */
#ifndef TESTS_H
#define TESTS_H

#include "suite.h"

test_fn cpu_count_of_this_process, cpu_count_respects_affinity;
test_fn wall_seconds_measures_wall_time, wall_seconds_is_monotonic;
test_fn random_square_first_seeds, random_square_many_seeds;
test_fn serial_map_in_order, serial_map_runs_each_task_once, serial_map_stays_in_bounds;
test_fn serial_map_rejects_bad_arguments, serial_map_needs_no_process, serial_map_leaves_nothing;

#endif
