/* How far the work was shared out, in CPU time: no clock on the wall is involved.
 *
 * The makespan of a schedule is the time at which its last process is done. With a
 * free CPU for each process that is the largest sum of CPU time that one of them
 * spent on tasks, and the work divided by it is the speed-up that such a machine
 * would see. A neighbour that keeps processes waiting changes neither.
 */
#ifndef MAKESPAN_H
#define MAKESPAN_H

#include <stdbool.h>
#include <stddef.h>

enum { MAKESPAN_ROUNDS = 9 };

/* The sum of what the processes spent on tasks, in seconds of CPU time, over the
 * largest part of it; 0 where nobody spent anything. */
double makespan_speedup(const double cpu_seconds[], size_t processes);

/* What is required of the median of such speed-ups with so many workers: the
 * geometric mean of 1 and the workers. */
double makespan_required(int workers);

/* The median of these speed-ups. */
double makespan_median(const double speedups[], size_t rounds);

#endif
