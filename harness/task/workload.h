/* Work of known cost in simulated time.
 *
 * How evenly several processes share out their work shows in the makespan: the
 * time at which the last one is done. Measured on a clock, or in CPU time, it
 * depends on what else the machine does: where a neighbour slows one process down,
 * a dynamic map rightly gives its tasks to the others. So these tasks cost
 * nothing; they wait until as much simulated time has passed. Simulated time goes
 * on when every process is in a task, and then it goes on to the end of the
 * earliest one. The schedule, and so the makespan, is that of a machine with a CPU
 * for each process and nothing else to do, on any machine.
 *
 * A process that gets no task while others have some holds the simulation up: then
 * whoever watches gives the waiting up, and costs are only added up.
 */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

enum { WORKLOAD_WORKERS = 64 };

/* Lies in shared memory. */
struct workload {
	unsigned workers;       /* processes that take part */
	size_t tasks;           /* that there are in all */
	pthread_mutex_t lock;   /* guards what follows */
	size_t started;         /* tasks */
	bool given_up;
	struct {
		bool busy;
		double time;        /* up to which it has worked: its own costs and waits */
		double until;       /* busy: when its task ends */
	} worker[WORKLOAD_WORKERS];
	atomic_uint changes;    /* a futex word: raised with each change of the above */
};

/* So many workers are going to run so many tasks. */
void workload_init(struct workload *load, unsigned workers, size_t tasks);

/* For worker `which`, from 0: runs a task of this cost, in simulated seconds. */
void workload_run(struct workload *load, unsigned which, double cost);

/* For the one who watches: some worker will not come. Nobody waits any more. */
void workload_give_up(struct workload *load);

/* The largest sum of costs that one worker has run. */
double workload_makespan(const struct workload *load);

/* What all have run. */
double workload_sum(const struct workload *load);

#endif
