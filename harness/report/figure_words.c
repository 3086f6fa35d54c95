/* What the figure means, in words: where serial wins, why, and what n it takes.
 *
 * The numbers come from the figure alone, so that a figure that was read from its
 * file says the same.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "figure.h"
#include "text.h"
#include "number.h"

enum { PARAGRAPH = 1500 };

#define SMALLEST_COST 1e-6 /* seconds; less cannot be seen */

struct paragraph {
	size_t used;
	char text[PARAGRAPH];
};

static void add(struct paragraph *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct paragraph *p, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(p->text + p->used, PARAGRAPH - p->used, format, arguments);
	va_end(arguments);
	p->used += (size_t)length;
	if (p->used >= PARAGRAPH)
		p->used = PARAGRAPH - 1;
}

static void print(const struct paragraph *p, FILE *out)
{
	text_wrap(out, 0, 0, p->text);
	fputc('\n', out);
}

/* What stands before one of so many in a list: "a", "a and b", "a, b and c". */
static const char *separator(int index, int count)
{
	return index == 0 ? " " : index == count - 1 ? " and " : ", ";
}

/* The ways that cross serial, or those that do not. Returns how many. */
static int ways_that(const struct figure *f, bool cross, int ways[FIGURE_WAYS])
{
	int count = 0;
	for (int way = 1; way < f->ways; way++)
		if (figure_crossover(f, way).found == cross)
			ways[count++] = way;
	return count;
}

static void say_where(const struct figure *f, FILE *out)
{
	struct paragraph p = { 0 };
	int ways[FIGURE_WAYS];
	int count = ways_that(f, true, ways);
	add(&p, "%s", count > 0 ? "Serial wins" : "");
	for (int i = 0; i < count; i++) {
		struct crossover_estimate e = figure_crossover(f, ways[i]);
		add(&p, "%s%s n = %s%s against %s", separator(i, count),
		    e.index == 0 ? "nowhere from" : "below", number_estimate(e.n),
		    e.index == 0 ? " on" : "", f->way[ways[i]]);
	}
	add(&p, "%s", count > 0 ? "." : "");
	int never = ways_that(f, false, ways);
	if (never > 0)
		add(&p, "%sSerial wins%s up to n = %s, where this figure ends, against", count > 0 ? " " : "",
		    count > 0 ? "" : " everywhere", number_estimate((double)f->n[f->sizes - 1]));
	for (int i = 0; i < never; i++)
		add(&p, "%s%s", separator(i, never), f->way[ways[i]]);
	add(&p, "%s", never > 0 ? "." : "");
	print(&p, out);
}

/* What each way costs before its first number, by its line. */
static void add_costs(struct paragraph *p, const struct figure *f)
{
	int costly = 0, ways[FIGURE_WAYS];
	for (int way = 1; way < f->ways; way++)
		if (figure_crossover(f, way).parallel.a > SMALLEST_COST)
			ways[costly++] = way;
	add(p, "%s", costly > 0 ? " Whatever n is, the price is" : "");
	for (int i = 0; i < costly; i++)
		add(p, "%s%s for %s", separator(i, costly),
		    figure_seconds(figure_crossover(f, ways[i]).parallel.a), f->way[ways[i]]);
	add(p, "%s", costly > 0 ? "." : "");
}

static void say_why(const struct figure *f, double task_seconds, FILE *out)
{
	struct paragraph p = { 0 };
	add(&p, "Why:");
	if (f->start_seconds > 0 && task_seconds > 0)
		add(&p, " to start %d process%s that do%s nothing and to wait for %s takes %s on this "
		    "machine. Meanwhile the loop squares %s numbers, at %s each.", f->workers,
		    f->workers == 1 ? "" : "es", f->workers == 1 ? "es" : "",
		    f->workers == 1 ? "it" : "them", figure_seconds(f->start_seconds),
		    number_estimate(fmax(1, f->start_seconds / task_seconds)), figure_seconds(task_seconds));
	add_costs(&p, f);
	if (p.used > strlen("Why:"))
		print(&p, out);
}

static void say_what_it_takes(const struct figure *f, FILE *out)
{
	struct paragraph p = { 0 };
	int processes = figure_processes(f);
	double n = figure_least_n(f);
	if (f->cpus < 2)
		add(&p, "With one CPU, parallel never wins, whatever n is: processes take turns on it, and "
		    "starting them comes on top.");
	else if (processes < 2)
		add(&p, "With one worker, parallel never wins, whatever n is: it does what the loop does, "
		    "and starting it comes on top. Type make plot without WORKERS=1.");
	else if (n > 0)
		add(&p, "What it takes: %d CPUs at best divide the loop's time by %d, so starting processes "
		    "pays from n = t0 P / (t1 (P - 1)) = %s on, with t0 = %s for bare processes, t1 = %s "
		    "for a number and P = %d. Processes that are started for each call cannot win below "
		    "that, on this machine.", processes, processes, number_estimate(fmax(1, n)),
		    figure_seconds(f->start_seconds),
		    figure_seconds(f->start_seconds * processes / (n * (processes - 1))), processes);
	if (p.used > 0)
		print(&p, out);
}

/* Below this part of the CPUs, what is drawn is the machine's other work. */
#define FREE_ENOUGH 0.8

static void say_how_busy(const struct figure *f, FILE *out)
{
	struct paragraph p = { 0 };
	int processes = figure_processes(f);
	if (f->ceiling <= 0 || processes < 2 || f->ceiling >= FREE_ENOUGH * processes)
		return;
	add(&p, "The machine was busy: bare processes were %.2f times as fast as one, where %d CPUs "
	    "should give about %d. Do not trust this figure; measure again when the machine has "
	    "nothing else to do.", f->ceiling, processes, processes);
	print(&p, out);
}

static void say_what_is_odd(const struct figure *f, FILE *out)
{
	for (int way = 1; way < f->ways; way++) {
		struct paragraph p = { 0 };
		struct crossover_estimate e = figure_crossover(f, way);
		if (e.agree)
			continue;
		add(&p, "These times are uneven: the lines a + b n of serial and %s ", f->way[way]);
		if (isinf(e.line_n))
			add(&p, "do not meet at all");
		else
			add(&p, "meet at n = %s", number_estimate(fmax(1, e.line_n)));
		add(&p, ". Measure again when the machine has nothing else to do.");
		print(&p, out);
	}
}

void figure_words(const struct figure *f, FILE *out)
{
	struct curve serial;
	figure_curve(f, 0, &serial);
	struct line line = line_fit(serial.n, serial.median, (size_t)serial.points);
	say_where(f, out);
	say_why(f, line.b, out);
	say_what_it_takes(f, out);
	say_how_busy(f, out);
	say_what_is_odd(f, out);
}
