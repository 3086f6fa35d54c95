/* The caller's side of a plot's call: the ways themselves, ready to be run. */
#ifndef PLOT_WAYS_H
#define PLOT_WAYS_H

#include "plot_call.h"

/* The plug-in that supervise() has to load. One of the ways has one. */
const struct plot_library *plot_first_library(const struct plot_call *call);

/* Loads the others, finds all functions, makes seeds and buffers. Does not return
 * where that fails. */
void plot_ways_prepare(const struct plot_call *call);

/* Around all runs, within the supervised call: makes the pools, and closes them. Each
 * returns 0; or -1 where the student's function fails, *way being whose. */
int plot_ways_open(const struct plot_call *call, int *way);
int plot_ways_close(const struct plot_call *call, int *way);

/* Right before a run that is timed, and after it: a pool's workers are made to look for
 * work, and fall asleep again before anybody else has a turn. */
int plot_way_warm_up(const struct plot_call *call, int way);
void plot_way_cool_down(const struct plot_call *call, int way);

/* Runs one, with all of the seeds. Returns what the student's function does. */
int plot_way_run(const struct plot_call *call, int way);

/* Into which that way writes its n results. */
int32_t *plot_way_results(const struct plot_call *call, int way);

#endif
