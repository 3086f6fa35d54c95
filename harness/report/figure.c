/* From rounds to curves and crossovers: see figure.h. */
#define _GNU_SOURCE
#include "figure.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "text.h"

void figure_note(struct figure *f, const char *format, ...)
{
	va_list arguments;
	if (f->notes == FIGURE_NOTES)
		return;
	char *note = f->note[f->notes++];
	va_start(arguments, format);
	vsnprintf(note, FIGURE_NOTE, format, arguments);
	va_end(arguments);
	for (; *note != '\0'; note++)
		if ((unsigned char)*note < ' ')
			*note = ' ';
}

/* The rounds in which this was measured. Returns how many. */
static size_t measured(const struct figure *f, int size, int way, double seconds[FIGURE_ROUNDS])
{
	size_t count = 0;
	for (int r = 0; r < f->rounds[size]; r++)
		if (!isnan(f->seconds[size][way][r]))
			seconds[count++] = f->seconds[size][way][r];
	return count;
}

void figure_curve(const struct figure *f, int way, struct curve *curve)
{
	curve->points = 0;
	for (int i = 0; i < f->sizes; i++) {
		double seconds[FIGURE_ROUNDS];
		size_t count = measured(f, i, way, seconds);
		if (count == 0)
			continue;
		int point = curve->points++;
		curve->n[point] = (double)f->n[i];
		curve->median[point] = median_of(seconds, count);
		curve->low[point] = quartile_of(seconds, count, 1);
		curve->high[point] = quartile_of(seconds, count, 3);
	}
}

/* Only what both have: a round that was interrupted may lack one of them. */
static size_t pairs(const struct figure *f, int size, int way, double serial[], double parallel[])
{
	size_t count = 0;
	for (int r = 0; r < f->rounds[size]; r++) {
		serial[count] = f->seconds[size][f->base[way]][r];
		parallel[count] = f->seconds[size][way][r];
		count += !isnan(serial[count]) && !isnan(parallel[count]);
	}
	return count;
}

struct crossover_estimate figure_crossover(const struct figure *f, int way)
{
	static double serial[FIGURE_SIZES][FIGURE_ROUNDS], parallel[FIGURE_SIZES][FIGURE_ROUNDS];
	struct samples sizes[FIGURE_SIZES];
	size_t count = 0;
	for (int i = 0; i < f->sizes; i++) {
		size_t rounds = pairs(f, i, way, serial[i], parallel[i]);
		if (rounds > 0)
			sizes[count++] = (struct samples){ f->n[i], serial[i], parallel[i], rounds };
	}
	return crossover_estimate(sizes, count);
}

int figure_processes(const struct figure *f)
{
	return f->workers < f->cpus ? f->workers : f->cpus;
}

double figure_least_n(const struct figure *f)
{
	struct curve serial;
	double processes = figure_processes(f);
	figure_curve(f, 0, &serial);
	struct line line = line_fit(serial.n, serial.median, (size_t)serial.points);
	if (processes < 2)
		return INFINITY;
	return line.b > 0 ? f->start_seconds * processes / (line.b * (processes - 1)) : 0;
}

const char *figure_seconds(double seconds)
{
	static char buffers[8][24];
	static int turn;
	static const char *const units[] = { "s", "ms", "us", "ns" };
	char *text = buffers[turn++ % 8];
	int unit = seconds >= 1 ? 0 : seconds >= 1e-3 ? 1 : seconds >= 1e-6 ? 2 : 3;
	double value = seconds * pow(10, 3 * unit);
	snprintf(text, sizeof buffers[0], "%.*f %s", value < 9.995 ? 2 : value < 99.95 ? 1 : 0, value,
	         units[unit]);
	return text;
}
