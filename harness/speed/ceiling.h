/* What this machine can give in this minute: the speed-up of bare processes. */
#ifndef CEILING_H
#define CEILING_H

/* Runs the same work in one process and then in `workers` bare forks, a few times
 * in turn, and returns the median of the ratios of their wall times: near
 * `workers` on a free machine. 0 where no process could be started. Takes about
 * 0.1 s. */
double ceiling_measure(int workers);

#endif
