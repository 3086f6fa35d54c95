/* Mistake:   starts threads. They are not processes: all share the caller's
 *            memory and pid.
 * Test:      runs_in_processes
 * Diagnosis: no-processes
 */
#include "run_workers.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct worker {
	int rank, workers;
	worker_fn *body;
	void *context;
	int status;
	pthread_t thread;
};

static void *run(void *argument)
{
	struct worker *self = argument;

	self->status = self->body(self->rank, self->workers, self->context);
	return NULL;
}

int run_workers(int workers, worker_fn *body, void *context, int statuses[])
{
	if (workers < 1 || !body || !statuses) {
		errno = EINVAL;
		return -1;
	}
	struct worker *all = calloc((size_t)workers, sizeof *all);
	if (!all)
		return -1;

	int started = 0, why = 0, failed = 0;
	for (; started < workers && !why; started += !why) {
		struct worker *self = &all[started];
		*self = (struct worker){ started, workers, body, context, 0, 0 };
		why = pthread_create(&self->thread, NULL, run, self);
	}
	for (int rank = 0; rank < started; rank++) {
		pthread_join(all[rank].thread, NULL);
		statuses[rank] = all[rank].status;
		failed += statuses[rank] != 0;
	}
	free(all);
	if (why)
		errno = why;
	return why ? -1 : failed;
}
