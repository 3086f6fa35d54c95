/* The tests of lab 03 that are about pipes. */
#ifndef PIPES_H
#define PIPES_H

#include "map.h"

extern const struct map_kind pipe_map_kind;

test_fn shares_the_work_evenly, full_pipe_stops_nobody, keeps_pipe_ends_apart;

#endif
