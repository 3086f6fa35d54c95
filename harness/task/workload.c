/* Work in simulated time: see workload.h. Discrete events: the next one is the end
 * of the task that ends first, and it is due when all workers are in a task, or
 * when no task is left that a worker without one could still get. */
#define _GNU_SOURCE
#include "workload.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

void workload_init(struct workload *load, unsigned workers, size_t tasks)
{
	pthread_mutexattr_t attributes;
	memset(load, 0, sizeof *load);
	load->workers = workers;
	load->tasks = tasks;
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&load->lock, &attributes);
	pthread_mutexattr_destroy(&attributes);
}

/* A process that was killed while it held the lock has changed one worker at most. */
static void lock(struct workload *load)
{
	if (pthread_mutex_lock(&load->lock) == EOWNERDEAD)
		pthread_mutex_consistent(&load->lock);
}

static void changed(struct workload *load)
{
	atomic_fetch_add(&load->changes, 1);
	syscall(SYS_futex, &load->changes, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* Whether it is this worker's turn to end its task. */
static bool due(const struct workload *load, unsigned which)
{
	double mine = load->worker[which].until;
	unsigned busy = 0;
	for (unsigned i = 0; i < load->workers; i++) {
		if (!load->worker[i].busy)
			continue;
		busy++;
		if (load->worker[i].until < mine || (i < which && load->worker[i].until == mine))
			return false;
	}
	return busy == load->workers || load->started >= load->tasks;
}

void workload_run(struct workload *load, unsigned which, double cost)
{
	if (which >= WORKLOAD_WORKERS)
		return;
	lock(load);
	load->started++;
	load->worker[which].busy = true;
	load->worker[which].until = load->worker[which].time + cost;
	changed(load);
	while (!load->given_up && which < load->workers && !due(load, which)) {
		unsigned seen = atomic_load(&load->changes);
		pthread_mutex_unlock(&load->lock);
		syscall(SYS_futex, &load->changes, FUTEX_WAIT, seen, NULL, NULL, 0);
		lock(load);
	}
	load->worker[which].time = load->worker[which].until;
	load->worker[which].busy = false;
	changed(load);
	pthread_mutex_unlock(&load->lock);
}

void workload_give_up(struct workload *load)
{
	int status = pthread_mutex_trylock(&load->lock);
	if (status == EOWNERDEAD)
		pthread_mutex_consistent(&load->lock);
	else if (status != 0)
		return; /* its owner stands still: whoever watches will try again */
	if (!load->given_up) {
		load->given_up = true;
		changed(load);
	}
	pthread_mutex_unlock(&load->lock);
}

double workload_makespan(const struct workload *load)
{
	double most = 0;
	for (unsigned i = 0; i < WORKLOAD_WORKERS; i++)
		if (load->worker[i].time > most)
			most = load->worker[i].time;
	return most;
}

double workload_sum(const struct workload *load)
{
	double sum = 0;
	for (unsigned i = 0; i < WORKLOAD_WORKERS; i++)
		sum += load->worker[i].time;
	return sum;
}
