/* The ways to square random numbers that `make bench` compares.
 *
 * The solutions are linked in, each called as any program would call it. What a way
 * keeps between calls (the pool's workers, OpenMP's threads, Python) is started once
 * and stays; a turn begins when all of that is asleep.
 */
#ifndef WAYS_H
#define WAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct job {
	const uint32_t *seeds; /* 0 to n - 1 */
	size_t n;
	int32_t *results; /* the caller's own memory */
	int32_t *shared;  /* as much that workers which are forked share */
	int workers;
};

/* Seconds between the calls of a way that is measured after idleness. */
#define WAYS_IDLE_SECONDS 2e-3

struct way {
	const char *name;  /* a column of the file of numbers */
	const char *title; /* a column of the tables, 6 characters */
	int (*map)(const struct job *job); /* 0, or -1 with errno; NULL: Python */
	const char *against; /* the serial way it is held against */
	const char *ask;     /* Python: the word that asks for it */
	int calls;           /* of a turn, where they are short */
	double idle_seconds; /* before each call */
};

enum { WAYS_MOST = 10 };

/* Starts what is kept. Adds a note to those that cannot run here: what is missing. Fills
 * in those that can, serial first. Returns how many; ends the program where a solution
 * fails. */
struct figure;
int ways_start(int workers, const struct way *ways[WAYS_MOST], struct figure *notes);
void ways_stop(void);

/* What only the pool has: seconds of create and close with two workers, of one apply on
 * the hot pool, and bytes that a pool of two needs after a large map, in all processes. */
double ways_create_and_close(void);
double ways_apply(void);
size_t ways_pool_bytes(void);

/* openmp.c: `#pragma omp parallel for`; ENOSYS where it was compiled without. */
extern const bool openmp_compiled;
int openmp_map(const struct job *job);

/* python.c: the book's pool. Returns false where there is no Python with numpy. A call
 * returns the median seconds of so many; it ends the program where the sum is another. */
bool python_start(int workers);
double python_seconds(const char *ask, size_t n, int calls, uint64_t sum);
size_t python_pool_bytes(void);
double python_create_seconds(void);
void python_stop(void);

/* One line for people on the standard error, and status 1. */
void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
