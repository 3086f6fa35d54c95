/* Who used the CPUs: see usage.h. */
#define _GNU_SOURCE
#include "usage.h"

#include <math.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "tree.h"

enum { LOOK_AGAIN_US = 50 };

static struct process_list descendants; /* as of the last look */

static int look(void)
{
	int count = tree_scan(getpid(), &descendants);
	return count < PROCESSES_KEPT ? count : PROCESSES_KEPT;
}

double usage_own(void)
{
	double sum = clock_process_cpu() + clock_children_cpu();
	int count = look();
	for (int i = 0; i < count; i++)
		sum += clock_cpu_of(descendants.process[i].pid);
	return sum;
}

struct usage_mark usage_now(void)
{
	return (struct usage_mark){ .wall = clock_wall(), .own = usage_own(), .all = cpus_use() };
}

void usage_since(const struct usage_mark *before, int workers, double *wall, double *others,
                 double *stolen)
{
	struct usage_mark now = usage_now();
	double part = fmin(1, (double)workers / cpus_allowed());
	*wall += now.wall - before->wall;
	*others += part * ((now.all.busy - before->all.busy) - (now.own - before->own));
	*stolen += part * (now.all.stolen - before->all.stolen);
}

static bool anybody_runs(void)
{
	int count = look();
	for (int i = 0; i < count; i++)
		if (descendants.process[i].state == 'R')
			return true;
	return false;
}

void usage_settle(double at_most)
{
	static const struct timespec a_moment = { .tv_nsec = LOOK_AGAIN_US * 1000L };
	double end = clock_wall() + at_most;
	while (anybody_runs() && clock_wall() < end)
		nanosleep(&a_moment, NULL);
}
