/* Runs the jobs of tests/verdicts.c, a process each, some of them at once. */
#ifndef VERDICTS_JOBS_H
#define VERDICTS_JOBS_H

#include <stdbool.h>

struct job {
	char path[200];
	const char *lab;
	void (*run)(const struct job *job); /* in a process of its own */
	bool alone;                         /* it measures speed: nothing may run beside it */
};

/* Adds one; there is room for any number. */
void jobs_add(const struct job *job);

/* Runs those that may overlap, at most `at_once` at a time, then the others one by
 * one. A job that does not come to its end is given to `broken`. A signal that
 * program_handle_signals minds ends the jobs, then this program. */
void jobs_run(int at_once, void (*broken)(const struct job *job));

#endif
