/* A timeline as text, and as JSON: see timeline.h. */
#define _GNU_SOURCE
#include "timeline.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

enum { WIDTH = 64, NAMES = 14 };

static const struct {
	const char *name, *colour;
	char letter;
} kinds[BAR_KINDS] = {
	[BAR_TASK] = { "task", "#2a7f62", '#' },
	[BAR_FORK] = { "fork", "#d1495b", 'F' },
	[BAR_READ] = { "read", "#8fb8de", '<' },
	[BAR_WRITE] = { "write", "#edae49", '>' },
	[BAR_WAIT] = { "waitpid", "#c9c3d6", 'w' },
	[BAR_LOCK] = { "lock", "#e07a3f", 'L' },
	[BAR_LOOK] = { "poll", "#b9d8c2", '?' },
};

const char *timeline_kind(enum bar_kind kind)
{
	return kinds[kind].name;
}

char timeline_letter(enum bar_kind kind)
{
	return kinds[kind].letter;
}

const char *timeline_colour(enum bar_kind kind)
{
	return kinds[kind].colour;
}

bool timeline_has(const struct timeline *t, enum bar_kind kind)
{
	for (int i = 0; i < t->bars; i++)
		if (t->bar[i].kind == kind)
			return true;
	return false;
}

/* --- text ---------------------------------------------------------------------- */

static double overlap(const struct timeline_bar *bar, double from, double to)
{
	double start = bar->from > from ? bar->from : from, end = bar->to < to ? bar->to : to;
	return end > start ? end - start : 0;
}

/* What the process did for most of this time; a fork, however short, is shown. */
static char letter_at(const struct timeline *t, int row, double from, double to)
{
	double time[BAR_KINDS] = { 0 }, most = 0;
	char letter = t->row[row].born < to && t->row[row].gone > from ? '.' : ' ';
	for (int i = 0; i < t->bars; i++) {
		const struct timeline_bar *bar = &t->bar[i];
		if (bar->row != row)
			continue;
		if (bar->kind == BAR_FORK && bar->from >= from && bar->from < to)
			return kinds[BAR_FORK].letter;
		time[bar->kind] += overlap(bar, from, to);
	}
	for (int kind = 0; kind < BAR_KINDS; kind++)
		if (time[kind] > most) {
			most = time[kind];
			letter = kinds[kind].letter;
		}
	return letter;
}

static void print_legend(const struct timeline *t, FILE *out)
{
	fprintf(out, "%*s", NAMES, "");
	for (int kind = 0; kind < BAR_KINDS; kind++)
		if (timeline_has(t, (enum bar_kind)kind))
			fprintf(out, "%c %s   ", kinds[kind].letter, kinds[kind].name);
	fputs(". else\n", out);
}

void timeline_text(const struct timeline *t, FILE *out)
{
	char line[WIDTH + 1];
	double step = t->seconds / WIDTH;
	fprintf(out, "%s\n\n", t->title);
	for (int row = 0; row < t->rows; row++) {
		for (int i = 0; i < WIDTH; i++)
			line[i] = letter_at(t, row, i * step, (i + 1) * step);
		line[WIDTH] = '\0';
		for (int end = WIDTH; end > 0 && line[end - 1] == ' ';)
			line[--end] = '\0';
		fprintf(out, "%-*.*s%s\n", NAMES, NAMES - 2, t->row[row].name, line);
	}
	fprintf(out, "%*s0%*.1f ms\n", NAMES, "", WIDTH - 4, t->seconds * 1e3);
	print_legend(t, out);
}

/* --- JSON ---------------------------------------------------------------------- */

enum { ONE_PROCESS = 1 }; /* Perfetto shows the rows of one process together */

static json_t *name_of_row(const struct timeline *t, int row)
{
	return json_pack("{s:s, s:s, s:i, s:i, s:{s:s}}", "name", "thread_name", "ph", "M", "pid",
	                 ONE_PROCESS, "tid", row, "args", "name", t->row[row].name);
}

static json_t *complete_event(const struct timeline_bar *bar)
{
	return json_pack("{s:s, s:s, s:s, s:f, s:f, s:i, s:i}", "name", bar->label, "cat",
	                 kinds[bar->kind].name, "ph", "X", "ts", bar->from * 1e6, "dur",
	                 (bar->to - bar->from) * 1e6, "pid", ONE_PROCESS, "tid", bar->row);
}

int timeline_json(const struct timeline *t, const char *path)
{
	json_t *events = json_array(), *all = json_pack("{s:s, s:o}", "displayTimeUnit", "ms",
	                                                "traceEvents", events);
	for (int row = 0; row < t->rows; row++)
		json_array_append_new(events, name_of_row(t, row));
	for (int i = 0; i < t->bars; i++)
		json_array_append_new(events, complete_event(&t->bar[i]));
	int status = json_dump_file(all, path, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
	json_decref(all);
	return status;
}
