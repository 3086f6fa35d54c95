/* Timelines: as text, as an SVG, as JSON. */
#define _GNU_SOURCE
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "timeline.h"

static struct timeline_bar bars[16];

/* The caller forks and waits; a worker does a task in the middle of its life. */
static struct timeline small(void)
{
	struct timeline t = { .title = "pipe_map(a < b)", .seconds = 0.064, .rows = 2, .bar = bars };
	strcpy(t.row[0].name, "caller");
	strcpy(t.row[1].name, "worker 0");
	t.row[0].gone = 0.064;
	t.row[1].born = 0.010;
	t.row[1].gone = 0.050;
	bars[0] = (struct timeline_bar){ .kind = BAR_FORK, .from = 0.0095, .to = 0.010, .label = "fork 7" };
	bars[1] = (struct timeline_bar){ .kind = BAR_WAIT, .from = 0.011, .to = 0.050, .label = "waitpid, 7" };
	bars[2] = (struct timeline_bar){ .row = 1, .kind = BAR_TASK, .from = 0.020, .to = 0.040,
		                             .label = "task 3", .endless = true };
	t.bars = 3;
	return t;
}

static char *text_of(const struct timeline *t)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	timeline_text(t, out);
	fclose(out);
	return text;
}

START_TEST(text_shows_lives_and_deeds)
{
	struct timeline t = small();
	char *text = text_of(&t);
	ck_assert_ptr_nonnull(strstr(text, "\ncaller        .........F.www"));
	ck_assert_ptr_nonnull(strstr(text, "\nworker 0                ..........####################..........\n"));
	ck_assert_ptr_nonnull(strstr(text, "64.0 ms\n"));
	ck_assert_ptr_nonnull(strstr(text, "# task   F fork   w waitpid   . else\n"));
	free(text);
}
END_TEST

START_TEST(text_fits_80_columns)
{
	struct timeline t = small();
	strcpy(t.row[1].name, "worker with a long name");
	char *text = text_of(&t);
	for (char *line = text; line != NULL && *line != '\0'; line = strchr(line, '\n') + 1)
		ck_assert_int_le((int)strcspn(line, "\n"), 80);
	free(text);
}
END_TEST

/* What is shorter than a column may not hide what fills it. */
START_TEST(longest_deed_wins)
{
	struct timeline t = small();
	bars[3] = (struct timeline_bar){ .row = 1, .kind = BAR_WRITE, .from = 0.0301, .to = 0.0303 };
	t.bars = 4;
	char *text = text_of(&t);
	ck_assert_ptr_nonnull(strstr(text, "..........####################.........."));
	free(text);
}
END_TEST

static char *file_of(const struct timeline *t, int (*write)(const struct timeline *, const char *))
{
	static char content[20000];
	char path[] = "/tmp/crossover-unit-XXXXXX";
	int fd = mkstemp(path);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(t, path), 0);
	ssize_t got = read(fd, content, sizeof content - 1);
	ck_assert_int_gt((int)got, 0);
	content[got] = '\0';
	close(fd);
	unlink(path);
	return content;
}

START_TEST(svg_is_whole_and_safe)
{
	struct timeline t = small();
	const char *svg = file_of(&t, timeline_svg);
	ck_assert_ptr_eq(strstr(svg, "<svg xmlns="), svg);
	ck_assert_ptr_nonnull(strstr(svg, "pipe_map(a &lt; b)"));
	ck_assert_ptr_nonnull(strstr(svg, "task 3, 20.000 to 40.000 ms, and on"));
	ck_assert_str_eq(svg + strlen(svg) - 7, "</svg>\n");
}
END_TEST

START_TEST(json_has_complete_events)
{
	struct timeline t = small();
	json_t *all = json_loads(file_of(&t, timeline_json), 0, NULL);
	json_t *events = json_object_get(all, "traceEvents");
	ck_assert_uint_eq(json_array_size(events), 2 + 3);
	json_t *task = json_array_get(events, 4);
	ck_assert_str_eq(json_string_value(json_object_get(task, "ph")), "X");
	ck_assert_str_eq(json_string_value(json_object_get(task, "name")), "task 3");
	ck_assert_double_eq_tol(json_number_value(json_object_get(task, "ts")), 20000, 0.01);
	ck_assert_double_eq_tol(json_number_value(json_object_get(task, "dur")), 20000, 0.01);
	ck_assert_int_eq((int)json_integer_value(json_object_get(task, "tid")), 1);
	json_decref(all);
}
END_TEST

START_TEST(folder_that_is_not_there)
{
	struct timeline t = small();
	ck_assert_int_eq(timeline_svg(&t, "/nowhere/trace.svg"), -1);
	ck_assert_int_eq(timeline_json(&t, "/nowhere/trace.json"), -1);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("report_timeline");
	tcase_add_test(t, text_shows_lives_and_deeds);
	tcase_add_test(t, text_fits_80_columns);
	tcase_add_test(t, longest_deed_wins);
	tcase_add_test(t, svg_is_whole_and_safe);
	tcase_add_test(t, json_has_complete_events);
	tcase_add_test(t, folder_that_is_not_there);
	Suite *suite = suite_create("report_timeline");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
