/* The clocks that are read: all in seconds, from a start that means nothing. */
#ifndef CLOCK_H
#define CLOCK_H

#include <sys/types.h>

/* Time that passes for everybody (CLOCK_MONOTONIC). */
double clock_wall(void);

/* CPU time that this thread, or all threads of this process, have used. */
double clock_thread_cpu(void);
double clock_process_cpu(void);

/* The same of another process, living or a zombie; 0 where there is none. What it did
 * since the kernel's last tick may be missing while it runs. */
double clock_cpu_of(pid_t pid);

/* CPU time of all children, and theirs, that have been waited for. */
double clock_children_cpu(void);

#endif
