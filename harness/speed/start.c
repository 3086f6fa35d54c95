/* What processes cost before they do anything: see start.h. All are started before
 * any is waited for, as every parallel way does. */
#define _GNU_SOURCE
#include "start.h"

#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "estimate.h"

enum { ROUNDS = 31, WORKERS_MOST = 1024 };

/* Returns whether all of them could be started. */
static int start_and_wait(int workers)
{
	pid_t pids[WORKERS_MOST];
	int started = 0;
	for (; started < workers && started < WORKERS_MOST; started++) {
		pids[started] = fork();
		if (pids[started] == -1)
			break;
		if (pids[started] == 0)
			_exit(0);
	}
	for (int i = 0; i < started; i++)
		while (waitpid(pids[i], NULL, 0) == -1 && errno == EINTR)
			;
	return started == workers;
}

double start_measure(int workers)
{
	double round[ROUNDS];
	fflush(NULL);
	for (int i = 0; i < ROUNDS; i++) {
		double start = clock_wall();
		if (!start_and_wait(workers))
			return 0;
		round[i] = clock_wall() - start;
	}
	return median_of(round, ROUNDS);
}
