/* Which ways can be drawn, and how long they take: see plot_measure.h.
 *
 * The sizes are 10, 20, 50, 100, ...; of a size some rounds are made, fewer where
 * they take long. Rounds are odd in number, so that a median is one of them.
 */
#define _GNU_SOURCE
#include "plot_measure.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ceiling.h"
#include "example.h"
#include "machine.h"
#include "plot_call.h"
#include "plot_try.h"
#include "program.h"
#include "start.h"
#include "text.h"
#include "number.h"

enum { BAR_WIDTH = 40, CALL_COSTS_TASKS = 2000 };

#define LONGEST_SECONDS 150.0 /* no size is begun that would end later */

static int rounds_of(size_t n)
{
	return n <= 20000 ? FIGURE_ROUNDS : n <= 100000 ? 9 : n <= 1000000 ? 3 : 1;
}

/* The first size for 0. */
static size_t next_size(size_t n)
{
	size_t decade = 10;
	while (decade * 10 <= n)
		decade *= 10;
	return n == 0 ? 10 : n == decade ? 2 * decade : n == 2 * decade ? 5 * decade : 10 * decade;
}

static double wall_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* --- progress --------------------------------------------------------------------- */

/* In tasks, where what a call costs counts as some. */
static struct {
	double done, all;
} work;

static double work_of(size_t n)
{
	return rounds_of(n) * (double)(n + CALL_COSTS_TASKS);
}

static void show_progress(void *memory)
{
	static const char bar[] = "########################################";
	const struct plot_call *call = memory;
	if (program_told() != 0 || !isatty(STDERR_FILENO))
		return;
	double part = (double)atomic_load(&call->done) / (call->rounds * call->ways);
	double done = (work.done + part * work_of(call->n)) / work.all;
	int width = done >= 1 ? BAR_WIDTH : (int)(done * BAR_WIDTH);
	fprintf(stderr, "\r[%-*.*s] %3d%%  n = %-12s", BAR_WIDTH, width, bar, width * 100 / BAR_WIDTH,
	        number_estimate((double)call->n));
}

static void clear_progress(void)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%*s\r", BAR_WIDTH + 30, "");
}

/* --- measuring -------------------------------------------------------------------- */

/* Takes over every round of which something was measured. */
static void keep_rounds(struct figure *f, const struct plot_call *call)
{
	int size = f->sizes, rounds = 0;
	if (size == FIGURE_SIZES)
		return;
	for (int round = 0; round < call->rounds; round++)
		if (!isnan(call->seconds[round][0]))
			rounds = round + 1;
	for (int round = 0; round < rounds; round++)
		for (int way = 0; way < call->ways; way++)
			f->seconds[size][way][round] = call->seconds[round][way];
	f->n[size] = call->n;
	f->rounds[size] = rounds;
	f->sizes += rounds > 0;
}

/* A way that fails on the way up is not drawn at all. */
static void drop_way(struct figure *f, struct plot_tried *tried, int way)
{
	for (int i = way; i < f->ways - 1; i++) {
		memcpy(f->way[i], f->way[i + 1], FIGURE_NAME);
		tried->way[i] = tried->way[i + 1];
		for (int size = 0; size < f->sizes; size++)
			memcpy(f->seconds[size][i], f->seconds[size][i + 1], sizeof f->seconds[size][i]);
	}
	tried->ways = --f->ways;
}

/* One size. Returns whether to go on. */
static bool measure_size(const struct options *o, struct figure *f, struct plot_tried *tried,
                         size_t n)
{
	while (f->ways > 1) {
		static struct plot_call call;
		struct verdict verdict = { 0 };
		call = (struct plot_call){ .n = n, .rounds = rounds_of(n), .workers = o->workers,
			                       .ways = tried->ways, .task = tried->task };
		memcpy(call.way, tried->way, sizeof call.way);
		bool whole = plot_call_run(&call, show_progress, &verdict);
		if (whole && call.sum != example_sum(n)) {
			figure_note(f, "At n = %s the serial squares add up to %s; expected were %s: what "
			            "follows is not drawn.", number_estimate((double)n), number_text(call.sum),
			            number_text(example_sum(n)));
			return false;
		}
		if (whole || program_told() != 0) {
			keep_rounds(f, &call);
			return whole;
		}
		plot_note_failure(o, f, &tried->way[call.running], n, &verdict);
		if (call.running == 0 || verdict.kind == VERDICT_KIT_ERROR)
			return false;
		drop_way(f, tried, call.running);
	}
	return false;
}

/* Whether the next size would end in time, by what the last one took. */
static bool fits(struct figure *f, size_t n, double elapsed, double last_size)
{
	if (f->sizes == 0)
		return true;
	double seconds = last_size * work_of(n) / work_of(f->n[f->sizes - 1]);
	if (elapsed + seconds <= LONGEST_SECONDS)
		return true;
	figure_note(f, "It ends here because n = %s would take about %.0f s more.",
	            number_estimate((double)n), seconds);
	return false;
}

static void measure_sizes(const struct options *o, struct figure *f, struct plot_tried *tried)
{
	double start = wall_now(), last = start, took = 0;
	work.done = work.all = 0;
	for (size_t n = next_size(0); n <= o->max; n = next_size(n))
		work.all += work_of(n);
	for (size_t n = next_size(0); n <= o->max; n = next_size(n)) {
		if (!fits(f, n, last - start, took) || !measure_size(o, f, tried, n))
			break;
		work.done += work_of(n);
		took = wall_now() - last;
		last += took;
	}
	clear_progress();
}

/* The smaller of the one before and the one after, with the digits of the file. */
static double note_ceiling(struct figure *f, double before)
{
	f->ceiling = fmin(before, nearbyint(ceiling_measure(figure_processes(f)) * 100) / 100);
	return f->ceiling;
}

int plot_measure(const struct options *o, struct figure *f)
{
	static struct plot_tried tried;
	memset(f, 0, sizeof *f);
	snprintf(f->implementation, sizeof f->implementation, "%.60s", o->implementation);
	machine_kind(f->machine, sizeof f->machine);
	f->cpus = options_cpus();
	f->workers = o->workers;
	plot_try(o, f, &tried);
	if (program_told() != 0 || f->ways < 2)
		return 1;
	printf("Measuring %s: n = 10 to %s, %d worker%s\n\n", o->implementation, number_text(o->max),
	       o->workers, o->workers == 1 ? "" : "s");
	fflush(stdout);
	f->start_seconds = nearbyint(start_measure(o->workers) * 1e9) / 1e9; /* as in the file */
	double before = note_ceiling(f, INFINITY);
	measure_sizes(o, f, &tried);
	if (program_told() == 0)
		note_ceiling(f, before);
	return f->sizes > 0 ? 0 : 1;
}
