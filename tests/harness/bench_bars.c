/* The benchmark's bars and tables, from times that are known. */
#define _GNU_SOURCE
#include "bars.h"
#include "figures.h"
#include "tables.h"

static struct costs costs;
static struct bar bars[BARS];

static const char *const names[] = { "serial", "pool", "pool_after_2_ms", "openmp", "python_loop",
	                                 "python_pool" };
static const char *const titles[] = { "serial", "pool", "idle", "openmp", "py for", "py map" };
enum { WAYS = sizeof names / sizeof *names, PYTHON_LOOP = 4, PYTHON_POOL = 5 };

/* A task takes 1 us. What a way costs before its first task, in us, is what its crossover
 * is in half tasks; a Python task takes 8 us, and so its pool saves 4 us with each. */
static void make_run(void)
{
	const double start_us[] = { 20, 50, 10, 0, 16000 };
	make_figure(WAYS - 1, start_us);
	for (int way = 0; way < WAYS; way++)
		strcpy(figure.way[way], names[way]);
	figure.base[PYTHON_POOL] = PYTHON_LOOP;
	for (int size = 0; size < figure.sizes; size++)
		for (int round = 0; round < 3; round++) {
			double loop = 8e-6 * (double)figure.n[size];
			figure.seconds[size][PYTHON_LOOP][round] = loop;
			figure.seconds[size][PYTHON_POOL][round] = 16e-3 + loop / 2;
		}
	costs = (struct costs){ .rounds = 3, .create_and_close = { 9e-4, 5e-4, 2e-4 },
		                    .apply = { 9e-6, 9e-6, 1e-6 }, .ceilings = 3,
		                    .ceiling = { 2, 2, 2 } };
}

static void setup(void)
{
	make_run();
	bars_fill(&figure, &costs, bars);
}

static void expect_value(int bar, double value, double part)
{
	ck_assert_msg(fabs(bars[bar].value - value) <= part * value, "%s: %g, expected %g",
	              bars[bar].what, bars[bar].value, value);
}

/* --- what was measured ------------------------------------------------------------ */

START_TEST(values)
{
	expect_value(0, 40e-6, 0.05); /* n = 40 */
	expect_value(1, 2, 0.05);     /* 40 to 20 */
	expect_value(2, 32000 / 40.0, 0.05); /* n = 4,000 of 8 us */
	expect_value(3, 100e-6, 0.05);
	expect_value(4, 1, 0.001);
	expect_value(5, 1, 0.001);
	expect_value(6, 5e-4, 0.001);
	expect_value(7, 9e-6, 0.001);
	for (int i = 0; i < BARS; i++)
		ck_assert(!bars[i].or_more);
}
END_TEST

START_TEST(ends)
{
	static const enum bar_end expected[BARS] = {
		BAR_MISSED, BAR_REACHED, BAR_REACHED, BAR_REACHED, BAR_REACHED, BAR_REACHED, BAR_REACHED,
		BAR_MISSED
	};
	for (int i = 0; i < BARS; i++)
		ck_assert_msg(bar_end(&bars[i]) == expected[i], "%s", bars[i].what);
}
END_TEST

START_TEST(the_bound_itself_reaches)
{
	struct bar most = { "", BAR_TIMES, 4, false, 4, false }, least = most;
	least.at_least = true;
	ck_assert(bar_end(&most) == BAR_REACHED && bar_end(&least) == BAR_REACHED);
	most.value = least.value = 4.001;
	ck_assert(bar_end(&most) == BAR_MISSED && bar_end(&least) == BAR_REACHED);
	most.value = least.value = 3.999;
	ck_assert(bar_end(&most) == BAR_REACHED && bar_end(&least) == BAR_MISSED);
	most.value = NAN;
	ck_assert(bar_end(&most) == BAR_NOT_MEASURED);
}
END_TEST

/* A lower bound tells only of what lies above. */
START_TEST(lower_bounds)
{
	struct bar most = { "", BAR_TIMES, 5, true, 4, false }, least = most;
	least.at_least = true;
	ck_assert(bar_end(&most) == BAR_MISSED && bar_end(&least) == BAR_REACHED);
	most.value = least.value = 3;
	ck_assert(bar_end(&most) == BAR_NOT_MEASURED && bar_end(&least) == BAR_NOT_MEASURED);
}
END_TEST

/* Up to n = 10 nothing crosses over. */
START_TEST(without_crossovers)
{
	figure.sizes = 1;
	bars_fill(&figure, &costs, bars);
	ck_assert(bars[0].or_more && bar_end(&bars[0]) == BAR_NOT_MEASURED);
	expect_value(0, 10e-6, 0.05);
	ck_assert(bar_end(&bars[1]) == BAR_NOT_MEASURED && bar_end(&bars[2]) == BAR_NOT_MEASURED);
	ck_assert(bar_end(&bars[4]) == BAR_NOT_MEASURED && bar_end(&bars[5]) == BAR_NOT_MEASURED);
}
END_TEST

/* Python's is at least 800 us by then, the pool's 40 us: 20 times or more. */
START_TEST(without_python_crossing)
{
	figure.sizes = 3; /* up to n = 1,000 */
	figure.n[2] = 1000;
	bars_fill(&figure, &costs, bars);
	ck_assert(bars[2].or_more);
	expect_value(2, 8000 / 40.0, 0.05);
	ck_assert_int_eq(bar_end(&bars[2]), BAR_REACHED);
}
END_TEST

START_TEST(without_peers)
{
	figure.ways = 3;
	figure.base[PYTHON_POOL] = 0;
	bars_fill(&figure, &costs, bars);
	for (int i = 0; i < BARS; i++)
		ck_assert_msg((bar_end(&bars[i]) == BAR_NOT_MEASURED) == (i == 1 || i == 2 || i == 5), "%s",
		              bars[i].what);
	ck_assert_int_eq(bars_way(&figure, "openmp"), -1);
}
END_TEST

/* Each round has its own ceiling: the machine changes from one to the next. */
START_TEST(ceilings_are_of_the_same_round)
{
	int last = figure.sizes - 1;
	for (int round = 0; round < 3; round++) {
		costs.ceiling[round] = 1 + 0.5 * round;
		figure.seconds[last][1][round] = figure.seconds[last][0][round] / (0.9 * costs.ceiling[round]);
	}
	bars_fill(&figure, &costs, bars);
	expect_value(4, 0.9, 1e-9);
	ck_assert_int_eq(bar_end(&bars[4]), BAR_MISSED);
	costs.ceilings = 0;
	bars_fill(&figure, &costs, bars);
	ck_assert_int_eq(bar_end(&bars[4]), BAR_NOT_MEASURED);
}
END_TEST

/* A pool that is as good as 3% slower than OpenMP reaches it, 4% does not. */
START_TEST(against_openmp)
{
	int last = figure.sizes - 1;
	for (int slower = 2; slower <= 4; slower += 2) {
		for (int round = 0; round < 3; round++)
			figure.seconds[last][1][round] = figure.seconds[last][3][round] * (1 + slower / 100.0);
		bars_fill(&figure, &costs, bars);
		expect_value(5, 1 + slower / 100.0, 1e-9);
		ck_assert_int_eq(bar_end(&bars[5]), slower == 2 ? BAR_REACHED : BAR_MISSED);
	}
}
END_TEST

/* --- what is printed --------------------------------------------------------------- */

static void print_all(const struct figure *f, FILE *out)
{
	tables_print(f, titles, out);
	tables_print_ways(f, &costs, out);
	tables_print_costs(&costs, out);
	bars_print(bars, out);
}

START_TEST(tables)
{
	const char *text = printed_by(print_all);
	expect_80_columns(text);
	expect_text(text, "\n        n serial   pool   idle openmp py for py map\n");
	expect_text(text, "\n    1,000 1.01ms  525us  556us  515us 8.00ms 20.0ms\n");
	expect_text(text, "\n1,000,000  1.01s  505ms  505ms  505ms  8.00s  4.02s\n");
	expect_text(text, "\n       10     2%     2%");
	expect_text(text, "\n    1,000   1.00   1.92   1.82   1.96   0.13   0.40\n");
	expect_text(text, "\npool                         40            40");
	expect_text(text, "\npython_pool               4,000            32.0 ms");
	ck_assert_ptr_null(strstr(text, "\npython_loop")); /* what others are held against */
	expect_text(text, "create and close of a pool of 2        500 us (200 us to 900 us)");
	ck_assert_ptr_null(strstr(text, "memory")); /* was not measured */
	expect_text(text, "<= 8.0 us     missed\n");
	expect_text(text, "\n6 reached, 2 missed, 0 not measured\n");
}
END_TEST

START_TEST(tables_with_cells_that_are_empty)
{
	for (int round = 0; round < 3; round++)
		figure.seconds[5][PYTHON_POOL][round] = NAN;
	figure.seconds[4][1][0] = NAN;
	bars_fill(&figure, &costs, bars);
	const char *text = printed_by(print_all);
	expect_80_columns(text);
	expect_text(text, " 8.00s      -\n");
	ck_assert_ptr_null(strstr(text, "nan"));
}
END_TEST

START_TEST(tables_without_crossovers)
{
	figure.sizes = 1;
	bars_fill(&figure, &costs, bars);
	const char *text = printed_by(print_all);
	expect_80_columns(text);
	expect_text(text, "\npool                       none                  -");
	expect_text(text, ">    10.0 us <= 12.0 us    not measured");
	ck_assert_ptr_null(strstr(text, "nan"));
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("bench: bars");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, values);
	tcase_add_test(t, ends);
	tcase_add_test(t, the_bound_itself_reaches);
	tcase_add_test(t, lower_bounds);
	tcase_add_test(t, without_crossovers);
	tcase_add_test(t, without_python_crossing);
	tcase_add_test(t, without_peers);
	tcase_add_test(t, ceilings_are_of_the_same_round);
	tcase_add_test(t, against_openmp);
	tcase_add_test(t, tables);
	tcase_add_test(t, tables_with_cells_that_are_empty);
	tcase_add_test(t, tables_without_crossovers);
	return run_figures("bench: bars", t);
}
