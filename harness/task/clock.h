/* The clocks that are read: all in seconds, from a start that means nothing. */
#ifndef CLOCK_H
#define CLOCK_H

/* Time that passes for everybody (CLOCK_MONOTONIC). */
double clock_wall(void);

/* CPU time that this thread, or all threads of this process, have used. */
double clock_thread_cpu(void);
double clock_process_cpu(void);

/* CPU time of all children, and theirs, that have been waited for. */
double clock_children_cpu(void);

#endif
