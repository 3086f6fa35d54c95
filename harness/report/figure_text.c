/* The figure in characters: log-log, 80 columns, the same curves as the pictures.
 *
 * Each curve is a letter. Between two sizes it goes straight on, as the lines of a
 * picture do. Where curves lie on each other, the one that is first in the legend is
 * seen: they are drawn in reverse. Columns of '|' stand where a curve crosses that
 * of serial.
 */
#define _GNU_SOURCE
#include <math.h>
#include <string.h>

#include "figure.h"
#include "text.h"
#include "number.h"

enum { WIDTH = 66, ROWS_PER_DECADE = 3, DECADES_MOST = 9, HEIGHT_MOST = DECADES_MOST * 3 + 1,
	   LABEL = 7 };

static const char letters[] = "sABCDEFGHI";
static const enum colour colours[] = { BOLD, GREEN, YELLOW, RED, PLAIN, GREEN, YELLOW, RED,
	                                 PLAIN, GREEN };
_Static_assert(sizeof letters - 1 == FIGURE_WAYS && sizeof colours == FIGURE_WAYS * sizeof *colours,
               "a letter and a colour for each way");

/* Both axes in powers of ten. */
struct grid {
	double first_n, last_n; /* of the columns at both ends */
	int least, decades;     /* 10^least seconds is the lowest row */
	int height;
	char cell[HEIGHT_MOST][WIDTH + 1]; /* the highest row first */
};

static void set_ranges(struct grid *g, const struct figure *f)
{
	double low = 1, high = 1e-9; /* seconds */
	for (int way = 0; way < f->ways; way++) {
		struct curve curve;
		figure_curve(f, way, &curve);
		for (int i = 0; i < curve.points; i++) {
			low = fmin(low, curve.median[i]);
			high = fmax(high, curve.median[i]);
		}
	}
	g->first_n = log10((double)f->n[0]);
	g->last_n = fmax(log10((double)f->n[f->sizes - 1]), g->first_n + 1);
	g->least = (int)floor(log10(low));
	g->decades = (int)ceil(log10(high)) - g->least;
	g->decades = g->decades < 1 ? 1 : g->decades > DECADES_MOST ? DECADES_MOST : g->decades;
	g->height = g->decades * ROWS_PER_DECADE + 1;
}

static double log_n_of(const struct grid *g, int column)
{
	return g->first_n + (g->last_n - g->first_n) * column / (WIDTH - 1);
}

static int column_of(const struct grid *g, double n)
{
	return (int)round((log10(n) - g->first_n) / (g->last_n - g->first_n) * (WIDTH - 1));
}

/* -1 or the height where it lies outside. */
static int row_of(const struct grid *g, double log_seconds)
{
	return g->height - 1 - (int)round((log_seconds - g->least) * ROWS_PER_DECADE);
}

static void put(struct grid *g, int row, int column, char c)
{
	if (row >= 0 && row < g->height && column >= 0 && column < WIDTH)
		g->cell[row][column] = c;
}

/* The curve's height at this place, or NAN beside it. */
static double interpolate(const struct curve *curve, double log_n)
{
	for (int i = 0; i + 1 < curve->points; i++) {
		double from = log10(curve->n[i]), to = log10(curve->n[i + 1]);
		if (log_n >= from - 1e-9 && log_n <= to + 1e-9) {
			double low = log10(curve->median[i]), high = log10(curve->median[i + 1]);
			return low + (high - low) * (log_n - from) / (to - from);
		}
	}
	return NAN;
}

static void draw_curve(struct grid *g, const struct figure *f, int way)
{
	struct curve curve;
	figure_curve(f, way, &curve);
	for (int column = 0; column < WIDTH; column++) {
		double height = interpolate(&curve, log_n_of(g, column));
		if (!isnan(height))
			put(g, row_of(g, height), column, letters[way]);
	}
	for (int i = 0; i < curve.points; i++)
		put(g, row_of(g, log10(curve.median[i])), column_of(g, curve.n[i]), letters[way]);
}

static void draw_crossover(struct grid *g, const struct figure *f, int way)
{
	struct crossover_estimate e = figure_crossover(f, way);
	struct curve serial;
	if (!e.found)
		return;
	figure_curve(f, 0, &serial);
	double height = interpolate(&serial, log10(e.n));
	for (int row = isnan(height) ? 0 : row_of(g, height); row < g->height; row++)
		put(g, row, column_of(g, e.n), '|');
}

/* --- on paper --------------------------------------------------------------------- */

/* "10 us" for 10^-5. */
static void label_of(int exponent, char text[LABEL + 1])
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	int unit = exponent < -9 ? 0 : exponent >= 0 ? 3 : (exponent + 9) / 3;
	snprintf(text, LABEL + 1, "%.0f %s", pow(10, exponent - 3 * (unit - 3)), units[unit]);
}

/* Letters that follow each other share their colour's code. */
static void print_cells(const char *cells, FILE *out)
{
	int length = WIDTH;
	while (length > 0 && cells[length - 1] == ' ')
		length--;
	for (int i = 0, same; i < length; i += same) {
		char text[WIDTH + 1];
		const char *letter = strchr(letters, cells[i]);
		for (same = 1; i + same < length && cells[i + same] == cells[i];)
			same++;
		snprintf(text, sizeof text, "%.*s", same, cells + i);
		text_print(out, letter != NULL ? colours[letter - letters] : PLAIN, text);
	}
	fputc('\n', out);
}

static void print_grid(const struct grid *g, FILE *out)
{
	for (int row = 0; row < g->height; row++) {
		char label[LABEL + 1] = "";
		int above = g->height - 1 - row;
		if (above % ROWS_PER_DECADE == 0)
			label_of(g->least + above / ROWS_PER_DECADE, label);
		fprintf(out, "%*s %c", LABEL, label, label[0] != '\0' ? '+' : '|');
		print_cells(g->cell[row], out);
	}
}

/* The axis, and the numbers of its decades centred below their marks. */
static void print_axis(const struct grid *g, FILE *out)
{
	char axis[WIDTH + 1], numbers[WIDTH + 6];
	memset(axis, '-', WIDTH);
	memset(numbers, ' ', sizeof numbers);
	axis[WIDTH] = '\0';
	int used = 0;
	for (int e = (int)ceil(g->first_n - 1e-9); e <= (int)floor(g->last_n + 1e-9); e++) {
		const char *text = number_estimate(pow(10, e));
		int column = column_of(g, pow(10, e)), length = (int)strlen(text);
		int at = column - length / 2 < 0 ? 0 : column - length / 2;
		axis[column] = '+';
		at = at + length > WIDTH + 5 ? WIDTH + 5 - length : at;
		if (at < used)
			continue;
		memcpy(numbers + at, text, (size_t)length);
		used = at + length + 1;
	}
	fprintf(out, "%*s +%s\n", LABEL, "", axis);
	fprintf(out, "%*s  %.*s\n", LABEL, "", used > 0 ? used - 1 : 0, numbers);
	fprintf(out, "%*s%s\n", LABEL + 23, "", "number of random points");
}

static void print_row(const struct figure *f, int way, FILE *out)
{
	struct curve curve, serial;
	char name[FIGURE_NAME + 24], crossover[32] = "", speed_up[16] = "";
	figure_curve(f, way, &curve);
	figure_curve(f, 0, &serial);
	if (curve.points == 0)
		return;
	int last = curve.points - 1;
	struct crossover_estimate e = figure_crossover(f, way);
	snprintf(name, sizeof name, "%s", f->way[way]);
	if (way > 0) {
		snprintf(crossover, sizeof crossover, "%s", e.found ? number_estimate(e.n) : "none");
		snprintf(speed_up, sizeof speed_up, "%.2f", serial.median[last] / curve.median[last]);
	}
	fprintf(out, "  ");
	text_print(out, colours[way], (char[]){ letters[way], '\0' });
	fprintf(out, "  %-24s %18s %17s", name, crossover, figure_seconds(curve.median[last]));
	fprintf(out, way > 0 ? " %10s\n" : "\n", speed_up);
}

static void print_legend(const struct figure *f, FILE *out)
{
	char at[40];
	snprintf(at, sizeof at, "n = %s", number_estimate((double)f->n[f->sizes - 1]));
	fprintf(out, "  %-27s %18s %17s %10s\n", "", "crossover at n =", at, "speed-up");
	for (int way = 0; way < f->ways; way++)
		print_row(f, way, out);
}

void figure_text(const struct figure *f, FILE *out)
{
	struct grid grid;
	memset(grid.cell, ' ', sizeof grid.cell);
	set_ranges(&grid, f);
	for (int way = 1; way < f->ways; way++)
		draw_crossover(&grid, f, way);
	for (int way = f->ways - 1; way >= 0; way--)
		draw_curve(&grid, f, way);
	fprintf(out, "Squares of random numbers: %s, %d CPU%s (%s), %d worker%s\n\n",
	        f->implementation, f->cpus, f->cpus == 1 ? "" : "s", f->machine, f->workers,
	        f->workers == 1 ? "" : "s");
	fprintf(out, "execution time\n");
	print_grid(&grid, out);
	print_axis(&grid, out);
	fputc('\n', out);
	print_legend(f, out);
}
