/* `make bench`: the maps of the solutions beside their peers, in one run.
 *
 * What is measured and how stands in docs/benchmarks.md. The summary goes to the
 * standard output and to build/bench.txt, the numbers to build/bench.csv, the figure to
 * build/bench.svg. Bars that were missed are said, and change no exit status: 0 when
 * everything was measured, 1 when a way failed or gave a wrong result, 2 for settings
 * that cannot be.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bars.h"
#include "command.h"
#include "cpus.h"
#include "figure.h"
#include "machine.h"
#include "measure.h"
#include "number.h"
#include "plan.h"
#include "tables.h"
#include "text.h"
#include "ways.h"

enum { WORKERS_LEAST = 2, WORKERS_MOST = 64, GNUPLOT_SECONDS = 60, NOT_FOUND = 127, NAME = 512 };

/* Below this part of the CPUs the machine did something else meanwhile. */
#define FREE_ENOUGH 0.9

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

static struct figure figure;
static struct costs costs;

void bench_fail(const char *format, ...)
{
	va_list arguments;
	fputs("crossover: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(1);
}

/* --- before ------------------------------------------------------------------------- */

static int setting(const char *name, int usual, int least, int most)
{
	const char *text = getenv(name);
	char *end;
	if (text == NULL || text[0] == '\0')
		return usual;
	errno = 0;
	long value = strtol(text, &end, 10);
	if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && value >= least &&
	    value <= most)
		return (int)value;
	fprintf(stderr, "crossover: %s=%s: expected a whole number from %d to %d\n", name, text, least,
	        most);
	exit(2);
}

static int index_of(const struct way *const ways[], int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (strcmp(ways[i]->name, name) == 0)
			return i;
	return 0;
}

static void describe(const struct way *const ways[], int count, int workers)
{
	snprintf(figure.implementation, sizeof figure.implementation, "solutions and peers");
	machine_kind(figure.machine, sizeof figure.machine);
	figure.cpus = cpus_allowed();
	figure.workers = workers;
	figure.mixed = true;
	figure.ways = count;
	for (int i = 0; i < count; i++) {
		snprintf(figure.way[i], FIGURE_NAME, "%s", ways[i]->name);
		figure.base[i] = index_of(ways, count, ways[i]->against);
	}
}

/* --- after -------------------------------------------------------------------------- */

static const char *file_name(const char *extension)
{
	static char names[8][NAME];
	static int turn;
	char *name = names[turn++ % 8];
	const char *build = getenv("CROSSOVER_BUILD");
	snprintf(name, NAME, "%s/bench.%s", build != NULL ? build : "build", extension);
	return name;
}

static void draw(void)
{
	char output[400] = "";
	char *argv[] = { "gnuplot", (char *)file_name("gnuplot"), NULL };
	unlink(file_name("svg"));
	unlink(file_name("png"));
	FILE *script = fopen(argv[1], "w");
	int status = 1;
	if (script != NULL) {
		figure_script(&figure, file_name("svg"), file_name("png"), script);
		fclose(script);
		status = command_run_within(GNUPLOT_SECONDS, argv, output, sizeof output);
	}
	if (status == NOT_FOUND)
		puts("Not drawn: gnuplot is not installed. Type make setup, or install gnuplot-nox\n"
		     "(Debian, Ubuntu) or gnuplot (elsewhere).");
	else if (status != 0)
		printf("Not drawn: gnuplot ended with status %d: %s\n", status, output);
	else
		printf("Figure: %s and %s\n", file_name("svg"), file_name("png"));
}

static void print_warning(FILE *out)
{
	char text[300];
	double ceiling = costs.ceilings > 0 ? median_of(costs.ceiling, (size_t)costs.ceilings) : NAN;
	int processes = figure_processes(&figure);
	if (!(ceiling < FREE_ENOUGH * processes))
		return;
	snprintf(text, sizeof text, "The machine was busy: bare processes were %.2f times as fast as one, "
	         "where %d CPUs should give about %d. Measure again when it has nothing else to do.",
	         ceiling, processes, processes);
	text_wrap(out, 0, 0, text);
	fputc('\n', out);
}

static void print_summary(const struct way *const ways[], int rounds, FILE *out)
{
	const char *titles[WAYS_MOST];
	struct bar bars[BARS];
	for (int i = 0; i < figure.ways; i++)
		titles[i] = ways[i]->title;
	fprintf(out, "Squares of random numbers: %d workers on %d CPU%s (%s),\n%s; %d rounds\n\n",
	        figure.workers, figure.cpus, figure.cpus == 1 ? "" : "s", figure.machine, COMPILER,
	        rounds);
	tables_print(&figure, titles, out);
	tables_print_ways(&figure, &costs, out);
	tables_print_costs(&costs, out);
	bars_fill(&figure, &costs, bars);
	bars_print(bars, out);
	for (int i = 0; i < figure.notes; i++) {
		fputc('\n', out);
		text_wrap(out, 0, 0, figure.note[i]);
	}
	fputc('\n', out);
	print_warning(out);
}

static void write_summary(const struct way *const ways[], int rounds)
{
	char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);
	if (memory == NULL)
		bench_fail("no memory");
	print_summary(ways, rounds, memory);
	fclose(memory);
	fputs(text, stdout);
	FILE *file = fopen(file_name("txt"), "w");
	if (file == NULL || fputs(text, file) == EOF || fclose(file) != 0 ||
	    figure_write(&figure, file_name("csv")) != 0)
		bench_fail("%s and %s could not be written: %s", file_name("txt"), file_name("csv"),
		           strerror(errno));
	free(text);
	printf("Numbers: %s; this text: %s\n", file_name("csv"), file_name("txt"));
}

int main(void)
{
	const struct way *ways[WAYS_MOST];
	int max = setting("MAX", PLAN_MOST, PLAN_LEAST, PLAN_MOST);
	int rounds = setting("N", PLAN_USUAL_ROUNDS, 1, PLAN_ROUNDS);
	int cpus = cpus_allowed();
	int workers = setting("WORKERS", cpus < WORKERS_LEAST ? WORKERS_LEAST : cpus, 1, WORKERS_MOST);
	costs.pool_bytes = (double)ways_pool_bytes();
	int count = ways_start(workers, ways, &figure);
	costs.python_create = python_create_seconds();
	costs.python_bytes = (double)python_pool_bytes();
	describe(ways, count, workers);
	printf("Measuring n = 1 to %s, %d rounds ...\n\n", number_text((uint64_t)max), rounds);
	fflush(stdout);
	measure_all(&figure, &costs, ways, (size_t)max, rounds);
	ways_stop();
	write_summary(ways, rounds);
	draw();
	return 0;
}
