/* A script for gnuplot: the figure as SVG and as PNG.
 *
 * The script has the data in it, and stays in the build folder: whoever wants other
 * colours or a PDF changes it and runs it again. The first eight colours are Okabe
 * and Ito's, which can be told apart by colour-blind readers, and each curve has a mark
 * of its own.
 *
 * The labels of the crossovers stand in the empty corner below the curves. That of
 * the largest n stands highest, so that no line runs through another one's label.
 */
#define _GNU_SOURCE
#include <math.h>
#include <string.h>

#include "figure.h"
#include "number.h"

static const struct {
	const char *colour;
	int mark;
} styles[] = {
	{ "#000000", 5 }, { "#0072B2", 7 }, { "#D55E00", 9 }, { "#009E73", 11 },
	{ "#CC79A7", 13 }, { "#E69F00", 4 }, { "#56B4E9", 6 }, { "#F0E442", 8 },
	{ "#999999", 10 }, { "#8B4513", 12 },
};
_Static_assert(sizeof styles == FIGURE_WAYS * sizeof *styles, "a style for each way");

/* In gnuplot's single quotes. */
static void quote(const char *text, FILE *out)
{
	fputc('\'', out);
	for (; *text != '\0'; text++)
		if (*text == '\'')
			fputs("''", out);
		else
			fputc((unsigned char)*text < ' ' ? ' ' : *text, out);
	fputc('\'', out);
}

static void write_data(const struct figure *f, FILE *out)
{
	for (int way = 0; way < f->ways; way++) {
		struct curve curve;
		figure_curve(f, way, &curve);
		fprintf(out, "$way%d << END # n, median, quartiles\n", way);
		for (int i = 0; i < curve.points; i++)
			fprintf(out, "%.0f %.9f %.9f %.9f\n", curve.n[i], curve.median[i], curve.low[i],
			        curve.high[i]);
		fputs("END\n", out);
	}
}

static void write_axes(const struct figure *f, FILE *out)
{
	char title[200];
	snprintf(title, sizeof title, "Squares of random numbers: %s, %d CPU%s (%s)",
	         f->implementation, f->cpus, f->cpus == 1 ? "" : "s", f->machine);
	fputs("set encoding utf8\nset logscale xy\nset format xy '10^{%L}'\n", out);
	fputs("set xlabel 'number of random points'\nset ylabel 'execution time (s)'\n", out);
	fputs("set title ", out);
	quote(title, out);
	fputs(" noenhanced\nset key top left Left reverse noenhanced samplen 2\n", out);
	fputs("set grid xtics ytics lt 1 lw 0.5 lc rgb '#BBBBBB'\nset border 3\nset tics nomirror\n", out);
	fputs("set bars 0.6\nset offsets graph 0, graph 0.02, graph 0, graph 0\n", out);
}

/* The lowest and the highest time that is drawn. */
static void find_range(const struct figure *f, double *low, double *high)
{
	*low = 1; /* seconds */
	*high = 1e-9;
	for (int way = 0; way < f->ways; way++) {
		struct curve curve;
		figure_curve(f, way, &curve);
		for (int i = 0; i < curve.points; i++) {
			*low = fmin(*low, curve.low[i]);
			*high = fmax(*high, curve.high[i]);
		}
	}
}

/* A line from the crossing down to the label. */
static void write_crossover(const struct figure *f, int way, double height, FILE *out)
{
	struct crossover_estimate e = figure_crossover(f, way);
	double seconds = fmax(e.parallel.a + e.parallel.b * e.n, 1e-9);
	char text[FIGURE_NAME + 48];
	snprintf(text, sizeof text, " %sn = %s (%s)", f->mixed ? "" : "crossover at ",
	         number_estimate(e.n), f->way[way]); /* many ways: little room */
	fprintf(out, "set arrow from %.9g,%.9g to %.9g, graph %.3f nohead dt 2 lw 1.5 lc rgb '%s'\n",
	        e.n, seconds, e.n, height, styles[way].colour);
	fputs("set label ", out);
	quote(text, out);
	fprintf(out, " at %.9g, graph %.3f left noenhanced tc rgb '%s'\n", e.n, height,
	        styles[way].colour);
}

/* By descending n, from above to below. */
static void write_crossovers(const struct figure *f, FILE *out)
{
	bool written[FIGURE_WAYS] = { false };
	double height = 0.04;
	for (int left = f->ways - 1; left > 0; left--) {
		int next = 0;
		for (int way = 1; way < f->ways; way++)
			if (!written[way] &&
			    (next == 0 || figure_crossover(f, way).n < figure_crossover(f, next).n))
				next = way;
		written[next] = true;
		if (!figure_crossover(f, next).found)
			continue;
		write_crossover(f, next, height, out);
		height += 0.05;
	}
}

static void write_plot(const struct figure *f, FILE *out)
{
	for (int way = 0; way < f->ways; way++) {
		char name[FIGURE_NAME + 32];
		if (way == 0 || f->mixed)
			snprintf(name, sizeof name, "%s", f->way[way]);
		else
			snprintf(name, sizeof name, "%s, %d process%s", f->way[way], f->workers,
			         f->workers == 1 ? "" : "es");
		fprintf(out, "%s $way%d using 1:2:3:4 with yerrorbars pt %d ps 0.1 lc rgb '%s' notitle,",
		        way == 0 ? "plot" : "    ", way, styles[way].mark, styles[way].colour);
		fprintf(out, " $way%d using 1:2 with linespoints pt %d ps 0.8 lw 2 lc rgb '%s' title ", way,
		        styles[way].mark, styles[way].colour);
		quote(name, out);
		fputs(way < f->ways - 1 ? ", \\\n" : "\n", out);
	}
}

void figure_script(const struct figure *f, const char *svg, const char *png, FILE *out)
{
	double low, high;
	find_range(f, &low, &high);
	fputs("# The crossover figure. Made by make plot; run it with gnuplot.\n", out);
	write_data(f, out);
	write_axes(f, out);
	fprintf(out, "set xrange [%zu:%.0f]\n", f->n[0], fmax((double)f->n[f->sizes - 1],
	                                                      (double)f->n[0] * 10));
	fprintf(out, "set yrange [%.3g:%.3g]\n", low / 3, high * 2);
	write_crossovers(f, out);
	fputs("set terminal svg size 900,600 font 'sans,14' background '#FFFFFF'\nset output ", out);
	quote(svg, out);
	fputc('\n', out);
	write_plot(f, out);
	fputs("set terminal pngcairo size 1350,900 font 'sans,18' linewidth 1.5\nset output ", out);
	quote(png, out);
	fputs("\nreplot\nset output\n", out);
}
