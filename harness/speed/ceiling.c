/* The ceiling: see ceiling.h. Serial and parallel alternate, so that a machine
 * that changes its speed changes both. */
#define _GNU_SOURCE
#include "ceiling.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "reference.h"

enum { ROUNDS = 5, TASKS = 16000 }; /* about 10 ms of work */

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void work(int worker, int workers)
{
	uint64_t first = (uint64_t)TASKS * (uint64_t)worker / (uint64_t)workers;
	uint64_t end = (uint64_t)TASKS * (uint64_t)(worker + 1) / (uint64_t)workers;
	volatile uint64_t sum = reference_sum((uint32_t)first, end - first);
	(void)sum;
}

static double serial_seconds(void)
{
	double start = seconds();
	work(0, 1);
	return seconds() - start;
}

/* Returns 0 where a process could not be started. */
static double parallel_seconds(int workers)
{
	double start = seconds();
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
	return started == workers ? seconds() - start : 0;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

double ceiling_measure(int workers)
{
	double ratio[ROUNDS];
	for (int i = 0; i < ROUNDS; i++) {
		double serial = serial_seconds();
		double parallel = parallel_seconds(workers);
		if (parallel <= 0)
			return 0;
		ratio[i] = serial / parallel;
	}
	qsort(ratio, ROUNDS, sizeof *ratio, compare);
	return ratio[ROUNDS / 2];
}
