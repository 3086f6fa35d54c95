/* The tables: see tables.h. */
#include "tables.h"

#include <math.h>

#include "number.h"
#include "text.h"

enum { CELL = 16 };

/* What of a figure a cell shows. The text is "-" already: so it stays where nothing was
 * measured. */
typedef void cell_fn(const struct figure *f, int size, int way, char text[CELL]);

/* The rounds in which a way was measured at this size. */
static size_t rounds_of(const struct figure *f, int size, int way, double seconds[FIGURE_ROUNDS])
{
	size_t count = 0;
	for (int round = 0; round < f->rounds[size]; round++)
		if (!isnan(f->seconds[size][way][round]))
			seconds[count++] = f->seconds[size][way][round];
	return count;
}

/* Three digits and a unit in 6 characters: "1.23us", "12.3ms", "123us". */
static void time_cell(const struct figure *f, int size, int way, char text[CELL])
{
	static const char *const units[] = { "us", "ms", "s" };
	double seconds[FIGURE_ROUNDS];
	size_t count = rounds_of(f, size, way, seconds);
	if (count == 0)
		return;
	double value = median_of(seconds, count) * 1e6;
	int unit = value < 999.5 ? 0 : value < 999.5e3 ? 1 : 2;
	value /= pow(1e3, unit);
	snprintf(text, CELL, "%.*f%s", value < 9.995 ? 2 : value < 99.95 ? 1 : 0, value, units[unit]);
}

static void spread_cell(const struct figure *f, int size, int way, char text[CELL])
{
	double seconds[FIGURE_ROUNDS];
	size_t count = rounds_of(f, size, way, seconds);
	if (count == 0)
		return;
	double range = quartile_of(seconds, count, 3) - quartile_of(seconds, count, 1);
	snprintf(text, CELL, "%.0f%%", 100 * range / median_of(seconds, count));
}

/* From pairs of the same round. */
static void speed_up_cell(const struct figure *f, int size, int way, char text[CELL])
{
	double ratio[FIGURE_ROUNDS];
	size_t count = 0;
	for (int round = 0; round < f->rounds[size]; round++) {
		ratio[count] = f->seconds[size][f->base[way]][round] / f->seconds[size][way][round];
		count += isnan(ratio[count]) ? 0 : 1;
	}
	if (count == 0)
		return;
	double value = median_of(ratio, count);
	snprintf(text, CELL, "%.*f", value < 0.0995 ? 3 : 2, value);
}

static void print_block(const struct figure *f, const char *const titles[], const char *heading,
                        cell_fn *cell, FILE *out)
{
	fprintf(out, "%s\n\n%9s", heading, "n");
	for (int way = 0; way < f->ways; way++)
		fprintf(out, " %6s", titles[way]);
	fputc('\n', out);
	for (int size = 0; size < f->sizes; size++) {
		fprintf(out, "%9s", number_text(f->n[size]));
		for (int way = 0; way < f->ways; way++) {
			char text[CELL] = "-";
			cell(f, size, way, text);
			fprintf(out, " %6s", text);
		}
		fputc('\n', out);
	}
	fputc('\n', out);
}

void tables_print(const struct figure *f, const char *const titles[], FILE *out)
{
	print_block(f, titles, "Time of a call: medians", time_cell, out);
	print_block(f, titles, "Spread: from the lower to the upper quartile, of the median",
	            spread_cell, out);
	print_block(f, titles, "Speed-up: serial, or Python's loop, over it; medians of pairs",
	            speed_up_cell, out);
}

/* A serial way that others are held against. */
static bool is_base(const struct figure *f, int way)
{
	for (int other = 0; other < f->ways; other++)
		if (f->base[other] == way)
			return true;
	return false;
}

static void print_way(const struct figure *f, const struct costs *costs, int way, FILE *out)
{
	bool or_more;
	char speed_up[CELL] = "-", of_ceiling[CELL] = "-", crossover[CELL + 24] = "none";
	double work = bars_work(f, way, &or_more), efficiency = bars_efficiency(f, way, costs);
	speed_up_cell(f, f->sizes - 1, way, speed_up);
	if (!isnan(efficiency))
		snprintf(of_ceiling, CELL, "%.1f%%", 100 * efficiency);
	if (!or_more)
		snprintf(crossover, sizeof crossover, "%s", number_estimate(figure_crossover(f, way).n));
	fprintf(out, "%-18s %12s %18s %12s %14s\n", f->way[way], crossover,
	        or_more ? "-" : figure_seconds(work), speed_up, of_ceiling);
}

void tables_print_ways(const struct figure *f, const struct costs *costs, FILE *out)
{
	char last[48];
	snprintf(last, sizeof last, "at n = %s:", number_text(f->n[f->sizes - 1]));
	fprintf(out, "%-18s %12s %18s %27s\n", "", "crossover", "serial work there", last);
	fprintf(out, "%-18s %12s %18s %12s %14s\n", "", "n", "", "speed-up", "of the ceiling");
	for (int way = 1; way < f->ways; way++)
		if (!is_base(f, way))
			print_way(f, costs, way, out);
	fputc('\n', out);
}

static void print_cost(const char *what, const double seconds[], int count, FILE *out)
{
	size_t n = (size_t)count;
	if (count > 0)
		fprintf(out, "%-36s %8s (%s to %s)\n", what, figure_seconds(median_of(seconds, n)),
		        figure_seconds(quartile_of(seconds, n, 1)), figure_seconds(quartile_of(seconds, n, 3)));
}

void tables_print_costs(const struct costs *c, FILE *out)
{
	print_cost("create and close of a pool of 2", c->create_and_close, c->rounds, out);
	print_cost("one apply on a hot pool", c->apply, c->rounds, out);
	if (c->python_create > 0)
		fprintf(out, "%-36s %8s\n", "create of Python's pool", figure_seconds(c->python_create));
	if (c->pool_bytes > 0)
		fprintf(out, "%-36s %5.2f MB\n", "memory of a pool of 2", c->pool_bytes / 1e6);
	if (c->python_bytes > 0)
		fprintf(out, "%-36s %5.2f MB\n", "memory of Python's pool", c->python_bytes / 1e6);
	if (c->ceilings > 0)
		fprintf(out, "%-36s %8.2f (%.2f to %.2f)\n", "ceiling: speed-up of bare processes",
		        median_of(c->ceiling, (size_t)c->ceilings),
		        quartile_of(c->ceiling, (size_t)c->ceilings, 1),
		        quartile_of(c->ceiling, (size_t)c->ceilings, 3));
	fputc('\n', out);
}
