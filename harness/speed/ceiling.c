/* The ceiling: see ceiling.h. Serial and parallel alternate, so that a machine
 * that changes its speed changes both. */
#define _GNU_SOURCE
#include "ceiling.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "estimate.h"
#include "reference.h"

enum { TASKS_LEAST = 16000, TASKS_MOST = 16000 * 6, START_COSTS = 40 };

static uint64_t tasks; /* of one run */

static void work(int worker, int workers)
{
	uint64_t first = tasks * (uint64_t)worker / (uint64_t)workers;
	uint64_t end = tasks * (uint64_t)(worker + 1) / (uint64_t)workers;
	volatile uint64_t sum = reference_sum((uint32_t)first, end - first);
	(void)sum;
}

static double serial_seconds(void)
{
	double start = clock_wall();
	work(0, 1);
	return clock_wall() - start;
}

/* Returns 0 where a process could not be started. */
static double parallel_seconds(int workers)
{
	double start = clock_wall();
	int started = 0;
	for (; started < workers; started++) {
		pid_t pid = fork();
		if (pid == -1)
			break;
		if (pid == 0) {
			work(started, workers);
			_exit(0);
		}
	}
	for (int i = 0; i < started; i++)
		wait(NULL); /* this program has no other children at that time */
	return started == workers ? clock_wall() - start : 0;
}

/* So much work that starting the processes costs a few percent of it: 10 ms where that
 * is cheap, at most 0.1 s. Returns false where they cannot be started. */
static bool choose_work(int workers)
{
	tasks = TASKS_LEAST / 4;
	double task = serial_seconds() / (double)tasks;
	tasks = 0;
	double start = parallel_seconds(workers);
	double wanted = START_COSTS * start * workers / task;
	tasks = wanted < TASKS_LEAST ? TASKS_LEAST : wanted > TASKS_MOST ? TASKS_MOST : (uint64_t)wanted;
	return start > 0;
}

double ceiling_of(const double serial[], const double bare[], size_t rounds)
{
	double ratio[CEILING_ROUNDS];
	if (rounds > CEILING_ROUNDS)
		rounds = CEILING_ROUNDS;
	for (size_t i = 0; i < rounds; i++)
		ratio[i] = serial[i] / bare[i];
	return median_of(ratio, rounds);
}

double ceiling_measure(int workers)
{
	double serial[CEILING_ROUNDS], bare[CEILING_ROUNDS];
	if (!choose_work(workers))
		return 0;
	for (int i = 0; i < CEILING_ROUNDS; i++) {
		serial[i] = serial_seconds();
		bare[i] = parallel_seconds(workers);
		if (bare[i] <= 0)
			return 0;
	}
	return ceiling_of(serial, bare, CEILING_ROUNDS);
}
