/* The tests of lab 04 that are about sharing: the work, and the memory. */
#ifndef SHARING_H
#define SHARING_H

#include "map.h"

extern const struct map_kind static_kind, dynamic_kind, histogram_kind;

test_fn map_slices_are_even, dynamic_takes_each_task_once, dynamic_balances;
test_fn histogram_runs_in_workers, histogram_loses_no_update, histogram_out_of_range;
test_fn histogram_scales;

#endif
