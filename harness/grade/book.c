/* `crossover book` and `crossover run`: the example for people to look at. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "compile.h"
#include "example.h"
#include "number.h"
#include "program.h"
#include "text.h"

/* What the book measured: 10,000,000 points in Python on 12 CPUs. */
#define BOOK_N 10000000
#define BOOK_SERIAL_SECONDS 32.95
#define BOOK_PARALLEL_SECONDS 6.07
enum { BOOK_CPUS = 12 };

static void print_row(const char *what, double seconds, uint64_t n, double serial_seconds)
{
	bool small = seconds < 0.1;
	printf("%-24s %8.3f %-2s %10.3f us %8.2f\n", what, small ? seconds * 1e3 : seconds,
	       small ? "ms" : "s", seconds / (double)n * 1e6, serial_seconds / seconds);
}

static void print_heading(const struct options *o)
{
	printf("The book's example: the squares of %s random numbers, %s\n\n", number_text(o->n),
	       o->implementation);
	printf("%-24s %11s %13s %8s\n", "", "time", "per number", "speed-up");
}

static void print_the_books(void)
{
	print_row("the book, serial", BOOK_SERIAL_SECONDS, BOOK_N, BOOK_SERIAL_SECONDS);
	print_row("the book, 12 processes", BOOK_PARALLEL_SECONDS, BOOK_N, BOOK_SERIAL_SECONDS);
	printf("(the book: %s numbers in Python, on %d CPUs)\n", number_text(BOOK_N), BOOK_CPUS);
}

static int print_failure(const struct verdict *verdict)
{
	char label[64];
	fflush(stdout);
	snprintf(label, sizeof label, "%s: ", verdict->kind == VERDICT_FAILED
	         ? diagnosis_code(verdict->diagnosis) : verdict_name(verdict->kind));
	fputs(label, stderr);
	text_wrap(stderr, 4, (int)strlen(label), verdict->message);
	if (verdict->next_step[0] != '\0') {
		fputs("    Next step: ", stderr);
		text_wrap(stderr, 4, 15, verdict->next_step);
	}
	return verdict->kind == VERDICT_KIT_ERROR ? 2 : 1;
}

/* Returns 0 if the sum is what it must be. */
static int print_check(uint64_t n, uint64_t sum)
{
	uint64_t expected = example_sum(n);
	if (sum == expected) {
		printf("\nChecked: the squares add up to %s, as they must.\n", number_text(sum));
		return 0;
	}
	printf("\nWrong: the squares add up to %s. Expected: %s.\n", number_text(sum),
	       number_text(expected));
	return 1;
}

/* Compiles the labs' sources together into one plug-in, or ends with status 1. */
static void compile_labs(const struct options *o, const char *name, const char *first,
                         const char *second, struct plugin *plugin)
{
	struct sources sources, more;
	labs_sources(o->implementation, first, &sources);
	labs_sources(o->implementation, second, &more);
	if (strcmp(first, second) == 0)
		more.count = more.left_out = 0;
	for (int i = 0; i < more.count; i++)
		if (sources.count < SOURCES_MAX)
			memcpy(sources.path[sources.count++], more.path[i], PATH_LENGTH);
		else
			sources.left_out++;
	sources.left_out += more.left_out;
	compile_plugin(o->implementation, name, &sources, plugin);
	if (!plugin->compiled) {
		fprintf(stderr, "does-not-compile: %s\n", plugin->first_line);
		exit(1);
	}
}

/* What is run beside the serial loop. */
struct way {
	const char *lab, *map; /* map NULL: run_workers */
	size_t chunk;
	bool pool; /* the map is a pool's, which is made for it */
};

static const struct way ways[] = {
	{ "02_fork", NULL, 0, false },
	{ "03_pipes", "pipe_map", 0, false },
	{ "04_shared", "shared_map", 0, false },
	{ "04_shared", "shared_map_dynamic", 1000, false },
	{ "05_pool", "pool_map", 0, true },
};
enum { WAYS = sizeof ways / sizeof *ways };

static bool lab_has_way(const char *lab)
{
	for (int i = 0; i < WAYS; i++)
		if (strcmp(ways[i].lab, lab) == 0)
			return true;
	return false;
}

/* One row of the table. Returns 0, or what the command is to return. */
static int run_way(const struct options *o, const char *plugin, const struct way *way,
                   const struct example *serial)
{
	char label[64];
	struct verdict verdict = { 0 };
	struct example split = { .n = o->n, .own_map = serial->own_map, .workers = o->workers,
		                     .map = way->map, .chunk = way->chunk, .pool = way->pool };
	const char *name = way->map != NULL ? way->map : "parallel";
	if (!example_run(&split, plugin, name, &verdict))
		return print_failure(&verdict);
	if (split.sum != serial->sum) {
		printf("\nWrong: serially the squares add up to %s, with %s to %s.\n",
		       number_text(serial->sum), name, number_text(split.sum));
		return 1;
	}
	if (way->map == NULL)
		snprintf(label, sizeof label, "parallel, %d process%s", o->workers,
		         o->workers == 1 ? "" : "es");
	else
		snprintf(label, sizeof label, "%s, %d", name, o->workers);
	print_row(label, split.seconds, o->n, serial->seconds);
	return 0;
}

/* Whether there is a function to run, before a minute is spent on the serial part. */
static bool try_one(const char *plugin, bool own_map, const struct way *way,
                    struct verdict *verdict)
{
	struct example trial = { .n = 1, .own_map = own_map, .workers = way != NULL ? 1 : 0 };
	if (way != NULL) {
		trial.map = way->map;
		trial.chunk = way->chunk;
		trial.pool = way->pool;
	}
	return example_run(&trial, plugin, "", verdict);
}

/* A lab whose ways are run, and the plug-in that has them. */
struct part {
	const char *lab;
	struct plugin plugin;
};

/* Whether there is something to run for all ways of this lab. */
static bool try_part(const struct part *part, bool own_map, struct verdict *verdict)
{
	for (int i = 0; i < WAYS; i++)
		if (strcmp(ways[i].lab, part->lab) == 0 &&
		    !try_one(part->plugin.path, own_map, &ways[i], verdict))
			return false;
	return lab_has_way(part->lab) || try_one(part->plugin.path, own_map, NULL, verdict);
}

/* Returns 0, or what the command is to return. */
static int run_part(const struct options *o, const struct part *part, const struct example *serial)
{
	int status = 0;
	for (int i = 0; i < WAYS && status == 0; i++)
		if (strcmp(ways[i].lab, part->lab) == 0)
			status = run_way(o, part->plugin.path, &ways[i], serial);
	return status;
}

/* Serial and then, with workers, the ways of each part; one row each, and the check. */
static int run_example(const struct options *o, bool own_map, const struct part parts[], int count)
{
	struct verdict verdict = { 0 };
	struct example serial = { .n = o->n, .own_map = own_map };
	for (int i = 0; i < count; i++)
		if (!try_part(&parts[i], own_map, &verdict))
			return print_failure(&verdict);
	print_heading(o);
	if (!example_run(&serial, parts[0].plugin.path, "serial", &verdict))
		return print_failure(&verdict);
	print_row(own_map ? "serial" : "serial (the kit's loop)", serial.seconds, o->n, serial.seconds);
	for (int i = 0; i < count; i++) {
		int status = run_part(o, &parts[i], &serial);
		if (status != 0)
			return status;
	}
	print_the_books();
	return print_check(o->n, serial.sum);
}

/* The pool is a plug-in of its own: it may define what the other lab does, too. It is left
 * out where it is not written yet. */
static bool has_pool(const struct options *o, struct part *part)
{
	struct verdict verdict = { 0 };
	if (!labs_implemented(o->implementation, part->lab))
		return false;
	compile_labs(o, "book_pool", "01_serial", part->lab, &part->plugin);
	try_part(part, true, &verdict);
	return verdict.kind != VERDICT_NOT_STARTED;
}

int command_book(const struct options *o)
{
	struct part parts[] = { { .lab = "02_fork" }, { .lab = "05_pool" } };
	program_handle_signals();
	compile_labs(o, "book", "01_serial", "02_fork", &parts[0].plugin);
	return run_example(o, true, parts, has_pool(o, &parts[1]) ? 2 : 1);
}

int command_run_lab(const struct options *o)
{
	struct part part = { .lab = o->labs.name[0] };
	bool serial = strcmp(part.lab, "01_serial") == 0;
	if (o->lab_given && o->labs.count == 1 && !serial && !lab_has_way(part.lab))
		options_refuse("LAB=%.2s: there is no map of its own in %s to run on the book's example. "
		               "Type make check LAB=%.2s, or make run with LAB=01 to 05", part.lab, part.lab,
		               part.lab);
	if (!o->lab_given || o->labs.count != 1)
		options_refuse("LAB= must name the one lab to run: 01, 02, 03, 04 or 05");
	program_handle_signals();
	compile_labs(o, part.lab, part.lab, part.lab, &part.plugin);
	return run_example(o, serial, &part, 1);
}
