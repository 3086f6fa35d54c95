/* The command line of the grader, checked before anything is done. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "labs.h"

struct options {
	const char *implementation; /* --impl: default labs */
	const char *test;           /* --test: one test's name, or NULL */
	const char *record;         /* --record: default build/record.json */
	uint32_t seed;              /* --seed: default random */
	uint64_t n;                 /* --n: default 10,000,000 */
	int workers;                /* --workers: default cpu_count() */
	size_t max;                 /* --max: the largest n of a plot, default 10,000,000 */
	const char *code;           /* --code: a diagnosis, or NULL */
	const char *from;           /* --from: the numbers of a plot, or NULL: measure */
	struct labs kit;            /* all labs there are */
	struct labs labs;           /* those to work on: --lab, or all that are implemented */
	bool lab_given, n_given, workers_given;
};

/* Reads the options of a command. An option that is empty counts as not given,
 * so that make can hand on its variables as they are. Prints one clear line and
 * ends with status 2 where something is wrong. */
void options_read(int argc, char *argv[], struct options *options);

/* The CPUs that this process may use. */
int options_cpus(void);

/* One line on standard error, "crossover: ...", and status 2. */
void options_refuse(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
