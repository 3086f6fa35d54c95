/* `crossover plot`: the book's figure from the student's own code. Measures or
 * reads, then draws: the numbers, two pictures, characters, words. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "commands.h"
#include "figure.h"
#include "plot_measure.h"
#include "program.h"
#include "text.h"

enum { GNUPLOT_SECONDS = 60, NOT_FOUND = 127, NAME = 512 };

/* build/crossover.svg and the like; `mark` for a file that is not whole yet. */
static const char *file_name(const char *extension, const char *mark)
{
	static char names[8][NAME];
	static int turn;
	char *name = names[turn++ % 8];
	const char *build = getenv("CROSSOVER_BUILD");
	snprintf(name, NAME, "%s/crossover.%s%s", build != NULL ? build : "build", extension, mark);
	return name;
}

static bool write_script(const struct figure *f, const char *path)
{
	FILE *file = fopen(path, "w");
	if (file == NULL)
		return false;
	figure_script(f, file_name("svg", ".new"), file_name("png", ".new"), file);
	bool good = !ferror(file);
	return fclose(file) == 0 && good;
}

/* Both pictures appear whole or not at all. */
static void draw_pictures(const struct figure *f)
{
	char output[400], text[1000];
	const char *script = file_name("gnuplot", "");
	char *argv[] = { "gnuplot", (char *)script, NULL };
	unlink(file_name("svg", ""));
	unlink(file_name("png", ""));
	int status = write_script(f, script) ? command_run_within(GNUPLOT_SECONDS, argv, output,
	                                                          sizeof output) : 1;
	bool svg = status == 0 && rename(file_name("svg", ".new"), file_name("svg", "")) == 0;
	bool png = status == 0 && rename(file_name("png", ".new"), file_name("png", "")) == 0;
	unlink(file_name("svg", ".new"));
	unlink(file_name("png", ".new"));
	if (svg && png)
		snprintf(text, sizeof text, "Drawn: %s and %s", file_name("svg", ""), file_name("png", ""));
	else if (status == NOT_FOUND)
		snprintf(text, sizeof text, "%s was not drawn: gnuplot is not installed. Type make setup, "
		         "or install gnuplot-nox (Debian, Ubuntu) or gnuplot (elsewhere).",
		         file_name("svg", ""));
	else
		snprintf(text, sizeof text, "%s was not drawn: gnuplot ended with status %d: %s",
		         file_name("svg", ""), status, output);
	text_wrap(stdout, 0, 0, text);
}

static void print_notes(const struct figure *f)
{
	for (int i = 0; i < f->notes; i++)
		text_wrap(stdout, 2, 0, f->note[i]);
	if (f->notes > 0)
		putchar('\n');
}

/* Ends with status 2 where the file cannot be read. */
static void read_numbers(const char *path, struct figure *f)
{
	struct figure_problem problem;
	if (figure_read(f, path, &problem) == 0)
		return;
	if (problem.line > 0)
		options_refuse("FROM=%s:%d: %s", path, problem.line, problem.text);
	options_refuse("FROM=%s: %s", path, problem.text);
}

static int measure(const struct options *o, struct figure *f)
{
	char text[NAME + 200];
	program_handle_signals();
	int status = plot_measure(o, f);
	if (program_told() != 0) {
		fflush(stdout);
		fprintf(stderr, "crossover: interrupted%s\n", status == 0
		        ? ", what was measured is drawn" : ", nothing was measured yet");
	}
	if (status != 0) {
		print_notes(f);
		program_die_if_told();
		puts("Nothing to draw: no parallel way passes yet.");
		return status;
	}
	if (figure_write(f, file_name("csv", "")) != 0) {
		snprintf(text, sizeof text, "%s could not be written: %s", file_name("csv", ""),
		         strerror(errno));
		text_wrap(stdout, 0, 0, text);
	}
	return 0;
}

int command_plot(const struct options *o)
{
	static struct figure figure;
	int status = 0;
	if (o->from != NULL)
		read_numbers(o->from, &figure);
	else
		status = measure(o, &figure);
	if (status != 0)
		return status;
	figure_text(&figure, stdout);
	putchar('\n');
	print_notes(&figure);
	figure_words(&figure, stdout);
	draw_pictures(&figure);
	printf("Numbers: %s\n", o->from != NULL ? o->from : file_name("csv", ""));
	fflush(stdout);
	program_die_if_told();
	return 0;
}
