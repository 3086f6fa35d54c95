/* The book's figure: execution time against n, serial and each parallel way.
 *
 * Whoever measures fills in a struct figure, round by round; everything that is
 * shown is made from it: a file of comma-separated values that can be read again,
 * a script for gnuplot, a figure of characters, and what it all means in words.
 * docs/crossover-figure.md describes them.
 */
#ifndef FIGURE_H
#define FIGURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "estimate.h"

enum { FIGURE_WAYS = 10, FIGURE_SIZES = 32, FIGURE_ROUNDS = 31, FIGURE_NOTES = 12,
	   FIGURE_NAME = 32, FIGURE_TEXT = 64, FIGURE_NOTE = 240 };

struct figure {
	char implementation[FIGURE_TEXT];
	char machine[FIGURE_TEXT]; /* its kind: "x86_64, virtual machine" */
	int cpus, workers;
	double start_seconds; /* to start and await the bare processes; 0: not measured */
	double ceiling;       /* the speed-up that bare processes reached meanwhile; 0: unknown */
	int notes;
	char note[FIGURE_NOTES][FIGURE_NOTE]; /* what is not drawn, and why */
	int ways;
	char way[FIGURE_WAYS][FIGURE_NAME]; /* way 0 is serial */
	int base[FIGURE_WAYS]; /* the way that each is held against; not in the file */
	bool mixed;            /* not all are processes: the key has their names alone,
	                        * and labels are short */
	int sizes;
	size_t n[FIGURE_SIZES]; /* ascending */
	int rounds[FIGURE_SIZES];
	double seconds[FIGURE_SIZES][FIGURE_WAYS][FIGURE_ROUNDS]; /* NAN: not measured */
};

/* Adds a note, as long as there is room, on one line. */
void figure_note(struct figure *figure, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* One way's points: those sizes at which it was measured. */
struct curve {
	int points;
	double n[FIGURE_SIZES], median[FIGURE_SIZES];
	double low[FIGURE_SIZES], high[FIGURE_SIZES]; /* quartiles */
};
void figure_curve(const struct figure *figure, int way, struct curve *curve);

/* Where a parallel way crosses its base, mostly serial, from the rounds that have both. */
struct crossover_estimate figure_crossover(const struct figure *figure, int way);

/* The smallest n from which bare processes, sharing the work evenly at no further
 * cost, are faster: t0 P / (t1 (P - 1)), with t1 the time of a task and P processes
 * that can run at the same time. INFINITY where that is one; 0: not known. */
double figure_least_n(const struct figure *figure);
int figure_processes(const struct figure *figure); /* P */


/* Seconds with a fitting unit: "181 us", "3.55 s". Buffers as above. */
const char *figure_seconds(double seconds);

/* Writes the file whole or not at all. Returns 0, or -1 with errno. */
int figure_write(const struct figure *figure, const char *path);

/* Reads it. Returns 0; or -1 with the number of the line that is damaged, or 0, and
 * what is wrong there. */
struct figure_problem {
	int line;
	char text[160];
};
int figure_read(struct figure *figure, const char *path, struct figure_problem *problem);

/* A script for gnuplot that draws into these two files. */
void figure_script(const struct figure *figure, const char *svg, const char *png, FILE *out);

/* The figure in characters, with its legend; then its meaning. 80 columns. */
void figure_text(const struct figure *figure, FILE *out);
void figure_words(const struct figure *figure, FILE *out);

#endif
