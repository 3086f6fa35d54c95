/* Waiting for a debugger: see debug.h. */
#define _GNU_SOURCE
#include "debug.h"

#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

enum { NAP_NS = 10000000 };

volatile int crossover_debug_go; /* set by the debugger */

static int calls;

bool debug_wanted(void)
{
	return getenv("CROSSOVER_DEBUG") != NULL;
}

void debug_count(void)
{
	calls++;
}

static int wanted_call(void)
{
	const char *text = getenv("CROSSOVER_CALL");
	int call = text == NULL ? 0 : atoi(text);
	return call > 0 ? call : 1;
}

void debug_wait(void)
{
	if (!debug_wanted() || calls != wanted_call())
		return;
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0); /* where only parents may (Yama) */
	prctl(PR_SET_NAME, getenv("CROSSOVER_DEBUG"), 0, 0, 0);
	while (!crossover_debug_go)
		nanosleep(&(struct timespec){ .tv_nsec = NAP_NS }, NULL);
}
