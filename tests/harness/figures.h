/* A figure whose times are known, for the tests of what is made from it. */
#ifndef FIGURES_H
#define FIGURES_H

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "figure.h"

enum { TEST_SECONDS = 120, PRINTED = 20000 };

#define TASK_SECONDS 1e-6

static struct figure figure;

/* n = 10 to 1,000,000 in three rounds: serial takes 1 us per number; each way costs
 * so many microseconds to start, and half as much per number. */
static inline void make_figure(int ways, const double start_us[])
{
	memset(&figure, 0, sizeof figure);
	strcpy(figure.implementation, "labs");
	strcpy(figure.machine, "x86_64, virtual");
	figure.cpus = figure.workers = 2;
	figure.start_seconds = 100e-6;
	figure.ceiling = 1.97;
	figure.ways = ways + 1;
	strcpy(figure.way[0], "serial");
	for (int way = 1; way <= ways; way++)
		snprintf(figure.way[way], FIGURE_NAME, "way_%d", way);
	for (size_t n = 10; n <= 1000000; n *= 10) {
		int size = figure.sizes++;
		figure.n[size] = n;
		figure.rounds[size] = 3;
		for (int way = 0; way <= ways; way++)
			for (int round = 0; round < 3; round++) {
				double seconds = way == 0 ? TASK_SECONDS * (double)n
				                          : start_us[way - 1] * 1e-6 + TASK_SECONDS / 2 * (double)n;
				figure.seconds[size][way][round] = nearbyint(seconds * (1 + 0.01 * round) * 1e9) / 1e9;
			}
	}
}

/* What a function prints. */
static inline const char *printed_by(void (*print)(const struct figure *, FILE *))
{
	static char text[PRINTED];
	memset(text, 0, sizeof text);
	FILE *out = fmemopen(text, sizeof text - 1, "w");
	ck_assert_ptr_nonnull(out);
	print(&figure, out);
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

/* The same without line breaks, so that it does not matter where they are. */
static inline const char *flat(const char *text)
{
	static char copy[PRINTED];
	snprintf(copy, sizeof copy, "%s", text);
	for (char *c = copy; *c != '\0'; c++)
		*c = *c == '\n' ? ' ' : *c;
	return copy;
}

static inline void expect_text(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) != NULL, "\"%s\" is not in:\n%s", part, text);
}

static inline void expect_80_columns(const char *text)
{
	for (const char *line = text; *line != '\0';) {
		size_t length = strcspn(line, "\n");
		ck_assert_msg(length <= 80, "%zu columns: %.*s", length, (int)length, line);
		line += length + (line[length] == '\n');
	}
}

static inline int run_figures(const char *name, TCase *t)
{
	Suite *suite = suite_create(name);
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}

#endif
