/* The bars: see bars.h. */
#include "bars.h"

#include <math.h>
#include <string.h>

#include "number.h"

enum { ASKED_N = 1000000, TEXT = 40 };

int bars_way(const struct figure *f, const char *name)
{
	for (int way = 0; way < f->ways; way++)
		if (strcmp(f->way[way], name) == 0)
			return way;
	return -1;
}

double bars_work(const struct figure *f, int way, bool *or_more)
{
	*or_more = false;
	if (way < 0)
		return NAN;
	struct crossover_estimate e = figure_crossover(f, way);
	*or_more = !e.found;
	return e.serial.b * (e.found ? e.n : (double)f->n[f->sizes - 1]);
}

/* The median, over the rounds of the largest size, of a ratio; pairs are of one round. */
static double last_ratio(const struct figure *f, int above, int below, const double divisor[])
{
	double ratio[FIGURE_ROUNDS];
	size_t count = 0;
	int last = f->sizes - 1;
	for (int round = 0; round < f->rounds[last]; round++) {
		ratio[count] = f->seconds[last][above][round] / f->seconds[last][below][round] /
		               (divisor != NULL ? divisor[round] : 1);
		count += isnan(ratio[count]) ? 0 : 1;
	}
	return count > 0 ? median_of(ratio, count) : NAN;
}

double bars_efficiency(const struct figure *f, int way, const struct costs *costs)
{
	if (way < 0 || costs->ceilings < f->rounds[f->sizes - 1])
		return NAN;
	return last_ratio(f, f->base[way], way, costs->ceiling);
}

static double median_or_nan(const double values[], int count)
{
	return count > 0 ? median_of(values, (size_t)count) : NAN;
}

/* The quotient of two works; as a lower bound only where that is one. */
static void fill_ratio(const struct figure *f, int above, int below, struct bar *bar)
{
	bool below_or_more;
	double divisor = bars_work(f, below, &below_or_more);
	bar->value = bars_work(f, above, &bar->or_more) / (below_or_more ? NAN : divisor);
}

void bars_fill(const struct figure *f, const struct costs *costs, struct bar bars[BARS])
{
	int pool = bars_way(f, "pool"), idle = bars_way(f, "pool_after_2_ms");
	int openmp = bars_way(f, "openmp"), python = bars_way(f, "python_pool");
	bool large = f->n[f->sizes - 1] >= ASKED_N;
	struct bar list[BARS] = {
		{ "serial work at the pool's crossover, hot", BAR_MICROSECONDS, NAN, false, 12e-6, false },
		{ "  the same against OpenMP's", BAR_TIMES, NAN, false, 4, false },
		{ "  and Python's against it", BAR_TIMES, NAN, false, 150, true },
		{ "  after 2 ms of idleness", BAR_MICROSECONDS, NAN, false, 120e-6, false },
		{ "pool at n = 1,000,000: of the ceiling", BAR_PERCENT,
		  large ? bars_efficiency(f, pool, costs) : NAN, false, 0.95, true },
		{ "  its time against OpenMP's", BAR_PERCENT,
		  large && openmp >= 0 ? last_ratio(f, pool, openmp, NULL) : NAN, false, 1.03, false },
		{ "create and close of a pool of 2", BAR_MICROSECONDS,
		  median_or_nan(costs->create_and_close, costs->rounds), false, 1e-3, false },
		{ "one apply on a hot pool", BAR_MICROSECONDS, median_or_nan(costs->apply, costs->rounds),
		  false, 8e-6, false },
	};
	list[0].value = bars_work(f, pool, &list[0].or_more);
	fill_ratio(f, pool, openmp, &list[1]);
	fill_ratio(f, python, pool, &list[2]);
	list[3].value = bars_work(f, idle, &list[3].or_more);
	memcpy(bars, list, sizeof list);
}

enum bar_end bar_end(const struct bar *bar)
{
	bool above = bar->value >= bar->bound;
	if (isnan(bar->value) || (bar->or_more && !above))
		return BAR_NOT_MEASURED;
	if (bar->value <= bar->bound && !bar->at_least)
		return BAR_REACHED;
	return bar->at_least && above ? BAR_REACHED : BAR_MISSED;
}

static void format(enum bar_unit unit, double value, char text[TEXT])
{
	if (unit == BAR_MICROSECONDS)
		snprintf(text, TEXT, value < 99.95e-6 ? "%.1f us" : "%.0f us", value * 1e6);
	else if (unit == BAR_TIMES)
		snprintf(text, TEXT, "%.*f times", value < 9.995 ? 2 : value < 99.95 ? 1 : 0, value);
	else
		snprintf(text, TEXT, "%.1f%%", value * 100);
}

static const char *const ends[] = { "reached", "missed", "not measured" };

void bars_print(const struct bar bars[BARS], FILE *out)
{
	int count[3] = { 0 };
	for (int i = 0; i < BARS; i++)
		count[bar_end(&bars[i])]++;
	fprintf(out, "%-42s %10s %9s\n", "Bars", "measured", "asked");
	for (int i = 0; i < BARS; i++) {
		char value[TEXT], bound[TEXT];
		format(bars[i].unit, bars[i].value, value);
		format(bars[i].unit, bars[i].bound, bound);
		fprintf(out, "%-40s %1s %10s %s %-10s %s\n", bars[i].what, bars[i].or_more && !isnan(bars[i].value) ? ">" : "",
		        isnan(bars[i].value) ? "-" : value, bars[i].at_least ? ">=" : "<=", bound,
		        ends[bar_end(&bars[i])]);
	}
	fprintf(out, "%d reached, %d missed, %d not measured\n", count[BAR_REACHED], count[BAR_MISSED],
	        count[BAR_NOT_MEASURED]);
}
