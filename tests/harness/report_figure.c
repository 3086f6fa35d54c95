/* The figure in numbers, characters, words, and for gnuplot. */
#define _GNU_SOURCE
#include "figures.h"
#include "number.h"

static const double three[] = { 100, 1000, 400 };

static void setup(void)
{
	unsetenv("NO_COLOR");
	make_figure(3, three);
}

/* --- numbers ---------------------------------------------------------------------- */

START_TEST(curves_have_medians_and_quartiles)
{
	struct curve curve;
	figure_curve(&figure, 0, &curve);
	ck_assert_int_eq(curve.points, 6);
	ck_assert(curve.n[2] == 1000);
	ck_assert(fabs(curve.low[2] - 1e-3) < 1e-12);
	ck_assert(fabs(curve.median[2] - 1.01e-3) < 1e-12);
	ck_assert(fabs(curve.high[2] - 1.02e-3) < 1e-12);
}
END_TEST

/* What was not measured leaves no point, and its round no pair. */
START_TEST(cells_that_are_empty)
{
	struct curve curve;
	for (int round = 0; round < 3; round++)
		figure.seconds[5][1][round] = NAN;
	figure.seconds[4][1][0] = NAN;
	figure_curve(&figure, 1, &curve);
	ck_assert_int_eq(curve.points, 5);
	ck_assert(curve.low[4] > figure.seconds[4][1][1] - 1e-12);
	struct crossover_estimate e = figure_crossover(&figure, 1);
	ck_assert(e.found);
	for (int size = 0; size < 6; size++)
		for (int round = 0; round < 3; round++)
			figure.seconds[size][1][round] = NAN;
	ck_assert(!figure_crossover(&figure, 1).found);
}
END_TEST

START_TEST(crossovers)
{
	ck_assert_uint_eq(figure_crossover(&figure, 1).index, 2);
	ck_assert(fabs(figure_crossover(&figure, 1).n - 200) < 5);
	ck_assert_uint_eq(figure_crossover(&figure, 2).index, 3); /* 2,000 */
	ck_assert(fabs(figure_crossover(&figure, 2).line_n - 2000) < 50);
}
END_TEST

/* Python's pool against Python's loop, say. */
START_TEST(crossovers_against_another_way)
{
	for (int size = 0; size < figure.sizes; size++)
		for (int round = 0; round < 3; round++)
			figure.seconds[size][2][round] = 4 * figure.seconds[size][0][round];
	figure.base[3] = 2;
	struct crossover_estimate e = figure_crossover(&figure, 3); /* 400 + n / 2 = 4 n */
	ck_assert_msg(fabs(e.n - 400 / 3.5) < 5, "crossover at %g", e.n);
	ck_assert(fabs(e.serial.b - 4 * TASK_SECONDS) < 0.1 * TASK_SECONDS);
}
END_TEST

START_TEST(least_n)
{
	double n = figure_least_n(&figure);
	ck_assert(n > 190 && n < 210);
	figure.cpus = figure.workers = 4;
	n = figure_least_n(&figure);
	ck_assert(n > 125 && n < 140);
	figure.cpus = 2; /* no more than two can run */
	ck_assert(figure_least_n(&figure) > 190);
	figure.workers = 1;
	ck_assert(isinf(figure_least_n(&figure)));
	figure.workers = 4;
	figure.cpus = 1;
	ck_assert(isinf(figure_least_n(&figure)));
}
END_TEST

START_TEST(numbers_for_people)
{
	ck_assert_str_eq(number_estimate(10), "10");
	ck_assert_str_eq(number_estimate(999.4), "999");
	ck_assert_str_eq(number_estimate(1789), "1,790");
	ck_assert_str_eq(number_estimate(12345678), "12,300,000");
	ck_assert_str_eq(figure_seconds(3.549), "3.55 s");
	ck_assert_str_eq(figure_seconds(181e-6), "181 us");
	ck_assert_str_eq(figure_seconds(0.0123), "12.3 ms");
	ck_assert_str_eq(figure_seconds(0.68e-6), "680 ns");
}
END_TEST

START_TEST(notes_have_one_line)
{
	for (int i = 0; i < FIGURE_NOTES + 3; i++)
		figure_note(&figure, "%s", "one\ntwo\033three");
	ck_assert_int_eq(figure.notes, FIGURE_NOTES);
	ck_assert_str_eq(figure.note[0], "one two three");
}
END_TEST

/* --- characters ------------------------------------------------------------------- */

START_TEST(text_figure)
{
	const char *text = printed_by(figure_text);
	expect_80_columns(text);
	expect_text(text, "Squares of random numbers: labs, 2 CPUs (x86_64, virtual), 2 workers\n");
	expect_text(text, "number of random points");
	expect_text(text, "execution time");
	expect_text(text, "1,000,000");
	expect_text(text, " 100 us +");
	expect_text(text, "  s  serial ");
	expect_text(text, "  B  way_2 ");
	expect_text(text, " 2,000 ");
	ck_assert_ptr_null(strchr(text, '\033'));
}
END_TEST

/* At n = 10 serial is the lowest, at 1,000,000 the highest curve. */
START_TEST(curves_are_where_they_belong)
{
	const char *text = printed_by(figure_text);
	const char *first = strstr(text, "+s"), *top = strstr(text, "   1 s +");
	ck_assert_ptr_nonnull(first);
	ck_assert_int_eq(strncmp(first - 8, "  10 us +s", 10), 0);
	ck_assert_ptr_nonnull(top);
	ck_assert_int_eq(top[strcspn(top, "\n") - 1], 's');
	ck_assert_uint_eq(strcspn(top, "\n"), 8 + 66); /* in the last column */
}
END_TEST

START_TEST(crossovers_are_marked)
{
	const double one[] = { 500 };
	make_figure(1, one);
	const char *text = printed_by(figure_text), *line = strstr(text, " 100 us +");
	int bars = 0;
	for (int row = 0; row < 4; row++, line = strchr(line, '\n') + 1) /* below both curves */
		bars += memchr(line + 9, '|', strcspn(line, "\n") - 9) != NULL;
	ck_assert_int_eq(bars, 4);
	expect_text(text, "  A  way_1                                 1,000 ");
}
END_TEST

/* Then the first of the legend is seen. */
START_TEST(curves_on_each_other)
{
	const double same[] = { 100, 100 };
	make_figure(2, same);
	const char *text = printed_by(figure_text);
	ck_assert_ptr_nonnull(strchr(text, 'A'));
	ck_assert_ptr_eq(strchr(text, 'B'), strstr(text, "B  way_2"));
}
END_TEST

START_TEST(text_of_large_n)
{
	figure.n[5] = 1000000000;
	expect_80_columns(printed_by(figure_text));
}
END_TEST

START_TEST(text_of_a_single_point)
{
	figure.sizes = 1;
	const char *text = printed_by(figure_text);
	expect_80_columns(text);
	expect_text(text, "none");
	printed_by(figure_words);
}
END_TEST

START_TEST(text_of_serial_alone)
{
	figure.ways = 1;
	expect_80_columns(printed_by(figure_text));
}
END_TEST

/* --- words ------------------------------------------------------------------------ */

START_TEST(words_where_and_why)
{
	const char *text = printed_by(figure_words);
	expect_80_columns(text);
	text = flat(text);
	expect_text(text, "Serial wins below n = ");
	expect_text(text, " against way_1, below n = ");
	expect_text(text, " and below n = ");
	expect_text(text, "to start 2 processes that do nothing and to wait for them takes 100 us");
	expect_text(text, "Meanwhile the loop squares 99 numbers, at 1.01 us each.");
	expect_text(text, "the price is 100 us for way_1, 1.00 ms for way_2 and 400 us for way_3.");
	expect_text(text, "n = t0 P / (t1 (P - 1)) = 198 on, with t0 = 100 us");
}
END_TEST

START_TEST(words_where_it_never_wins)
{
	const double slow[] = { 2e6, 100 };
	make_figure(2, slow);
	const char *text = flat(printed_by(figure_words));
	expect_text(text, " against way_2. Serial wins up to n = 1,000,000, where this figure ends, "
	            "against way_1.");
	make_figure(1, slow);
	text = flat(printed_by(figure_words));
	expect_text(text, "Serial wins everywhere up to n = 1,000,000, where this figure ends, "
	            "against way_1.");
}
END_TEST

START_TEST(words_where_it_always_wins)
{
	const double none[] = { 0 };
	make_figure(1, none);
	const char *text = flat(printed_by(figure_words));
	expect_text(text, "Serial wins nowhere from n = 10 on against way_1.");
	ck_assert_ptr_null(strstr(text, "the price is"));
}
END_TEST

START_TEST(words_on_one_cpu)
{
	figure.cpus = 1;
	expect_text(flat(printed_by(figure_words)), "With one CPU, parallel never wins");
	figure.cpus = 2;
	figure.workers = 1;
	const char *text = flat(printed_by(figure_words));
	expect_text(text, "With one worker, parallel never wins");
	expect_text(text, "to start 1 process that does nothing and to wait for it takes");
}
END_TEST

START_TEST(words_when_the_two_ways_disagree)
{
	for (int round = 0; round < 3; round++)
		figure.seconds[3][1][round] = 2 * figure.seconds[3][0][round];
	const char *text = flat(printed_by(figure_words));
	expect_text(text, "These times are uneven: the lines a + b n of serial and way_1 meet at n = ");
}
END_TEST

START_TEST(words_on_a_busy_machine)
{
	ck_assert_ptr_null(strstr(printed_by(figure_words), "busy"));
	figure.ceiling = 1.59;
	expect_text(flat(printed_by(figure_words)), "The machine was busy: bare processes were 1.59 "
	            "times as fast as one, where 2 CPUs should give about 2.");
	figure.ceiling = 0; /* not known */
	ck_assert_ptr_null(strstr(printed_by(figure_words), "busy"));
}
END_TEST

START_TEST(words_without_the_start)
{
	figure.start_seconds = 0;
	const char *text = flat(printed_by(figure_words));
	ck_assert_ptr_null(strstr(text, "What it takes"));
	expect_text(text, "Why: Whatever n is, the price is");
}
END_TEST

/* --- for gnuplot ------------------------------------------------------------------ */

static void print_script(const struct figure *f, FILE *out)
{
	figure_script(f, "it's.svg", "a.png", out);
}

START_TEST(script)
{
	const char *text = printed_by(print_script);
	expect_text(text, "$way0 << END");
	expect_text(text, "\n1000 0.001010000 0.001000000 0.001020000\n");
	expect_text(text, "set logscale xy");
	expect_text(text, "'number of random points'");
	expect_text(text, "'execution time (s)'");
	expect_text(text, "set output 'it''s.svg'");
	expect_text(text, "title 'way_3, 2 processes'");
	ck_assert_ptr_nonnull(strstr(text, "(way_2)'"));
	ck_assert(strstr(text, "(way_1)'") < strstr(text, "(way_3)'")); /* 200, 800, 2,000 */
	ck_assert(strstr(text, "(way_3)'") < strstr(text, "(way_2)'"));
	expect_text(text, "graph 0.040 left");
	expect_text(text, "graph 0.090 left");
	expect_text(text, "graph 0.140 left");
}
END_TEST

START_TEST(script_without_a_crossover)
{
	const double slow[] = { 2e6 };
	make_figure(1, slow);
	ck_assert_ptr_null(strstr(printed_by(print_script), "set label"));
}
END_TEST

/* Not all of them are processes. */
START_TEST(script_of_mixed_ways)
{
	figure.mixed = true;
	const char *text = printed_by(print_script);
	expect_text(text, "title 'way_3'");
	ck_assert_ptr_null(strstr(text, "processes"));
	expect_text(text, "set label ' n = 200 (way_1)'");
}
END_TEST

/* A name is data, not a command. */
START_TEST(script_quotes)
{
	strcpy(figure.implementation, "x'\n!touch y");
	const char *text = printed_by(print_script);
	expect_text(text, "'Squares of random numbers: x'' !touch y, 2 CPUs");
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("report: figure");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, curves_have_medians_and_quartiles);
	tcase_add_test(t, cells_that_are_empty);
	tcase_add_test(t, crossovers);
	tcase_add_test(t, crossovers_against_another_way);
	tcase_add_test(t, least_n);
	tcase_add_test(t, numbers_for_people);
	tcase_add_test(t, notes_have_one_line);
	tcase_add_test(t, text_figure);
	tcase_add_test(t, curves_are_where_they_belong);
	tcase_add_test(t, crossovers_are_marked);
	tcase_add_test(t, curves_on_each_other);
	tcase_add_test(t, text_of_large_n);
	tcase_add_test(t, text_of_a_single_point);
	tcase_add_test(t, text_of_serial_alone);
	tcase_add_test(t, words_where_and_why);
	tcase_add_test(t, words_where_it_never_wins);
	tcase_add_test(t, words_where_it_always_wins);
	tcase_add_test(t, words_on_one_cpu);
	tcase_add_test(t, words_when_the_two_ways_disagree);
	tcase_add_test(t, words_on_a_busy_machine);
	tcase_add_test(t, words_without_the_start);
	tcase_add_test(t, script);
	tcase_add_test(t, script_without_a_crossover);
	tcase_add_test(t, script_of_mixed_ways);
	tcase_add_test(t, script_quotes);
	return run_figures("report: figure", t);
}
