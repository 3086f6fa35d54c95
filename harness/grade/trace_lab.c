/* `crossover trace`: a timeline of the student's own run. See commands.h.
 *
 * It is drawn as text here, and as build/trace.svg and build/trace.json; below it stands
 * what it shows: how many tasks ran side by side, who did how much, and who waited.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "compile.h"
#include "program.h"
#include "text.h"
#include "trace_call.h"

enum { TASKS = 24, WORKERS = 3 };

static const char svg_path[] = "build/trace.svg", json_path[] = "build/trace.json";

/* --- what it shows ------------------------------------------------------------------ */

/* Tasks that run at this moment. */
static int running_at(const struct timeline *t, double moment)
{
	int count = 0;
	for (int i = 0; i < t->bars; i++)
		count += t->bar[i].kind == BAR_TASK && t->bar[i].from <= moment && moment < t->bar[i].to;
	return count;
}

static int most_at_once(const struct timeline *t)
{
	int most = 0;
	for (int i = 0; i < t->bars; i++) {
		int now = t->bar[i].kind == BAR_TASK ? running_at(t, t->bar[i].from) : 0;
		most = now > most ? now : most;
	}
	return most;
}

/* Time that a row spent with this; -1: all rows together. */
static double time_in(const struct timeline *t, int row, enum bar_kind kind)
{
	double sum = 0;
	for (int i = 0; i < t->bars; i++)
		if (t->bar[i].kind == kind && (row == -1 || t->bar[i].row == row))
			sum += t->bar[i].to - t->bar[i].from;
	return sum;
}

/* Rows that ran tasks. */
static int rows_with_tasks(const struct timeline *t)
{
	int count = 0;
	for (int row = 0; row < t->rows; row++)
		count += time_in(t, row, BAR_TASK) > 0;
	return count;
}

/* Whether the caller waited for one child to its end before it started another. */
static bool waits_before_it_forks(const struct timeline *t)
{
	for (int wait = 0; wait < t->bars; wait++)
		for (int fork = 0; fork < t->bars; fork++)
			if (t->bar[wait].kind == BAR_WAIT && t->bar[fork].kind == BAR_FORK &&
			    t->bar[wait].row == t->bar[fork].row && !t->bar[wait].endless &&
			    t->bar[wait].to <= t->bar[fork].from)
				return true;
	return false;
}

static void say(const char *text)
{
	fputs("- ", stdout);
	text_wrap(stdout, 2, 2, text);
}

static void say_at_once(const struct timeline *t)
{
	char text[300];
	int most = most_at_once(t);
	if (t->rows < 3)
		return;
	if (most > 1) {
		snprintf(text, sizeof text, "Up to %d tasks ran side by side.", most);
	} else if (waits_before_it_forks(t)) {
		snprintf(text, sizeof text, "No two tasks ran side by side: the caller waits for one "
		         "worker to end before it starts the next. Start all of them first.");
	} else if (time_in(t, -1, BAR_LOCK) > time_in(t, -1, BAR_TASK) / 2) {
		snprintf(text, sizeof text, "No two tasks ran side by side: workers waited at locks for "
		         "%.1f ms in all. Hold no lock while a task runs.", time_in(t, -1, BAR_LOCK) * 1e3);
	} else if (rows_with_tasks(t) < 2) {
		snprintf(text, sizeof text, "Only one process ran tasks: give each worker a part.");
	} else {
		snprintf(text, sizeof text, "No two tasks ran side by side. What does each worker wait for "
		         "while another one works?");
	}
	say(text);
}

static void say_shares(const struct timeline *t)
{
	char text[300];
	double all = time_in(t, -1, BAR_TASK), most = 0;
	int who = 0;
	for (int row = 0; row < t->rows; row++) {
		double own = time_in(t, row, BAR_TASK);
		if (own > most) {
			most = own;
			who = row;
		}
	}
	if (all <= 0)
		return;
	snprintf(text, sizeof text, "%s did most: %.1f ms of %.1f ms of work, %.0f%%; an even share "
	         "would be %.0f%%.", t->row[who].name, most * 1e3, all * 1e3, 100 * most / all,
	         100.0 / (t->rows > 1 ? t->rows - 1 : 1));
	text[0] = (char)(text[0] >= 'a' && text[0] <= 'z' ? text[0] - 'a' + 'A' : text[0]);
	if (t->rows > 2)
		say(text);
	snprintf(text, sizeof text, "All of it took %.1f ms: %.2f times as fast as one task after the "
	         "other.", t->seconds * 1e3, all / t->seconds);
	say(text);
}

static void say_blocked(const struct timeline *t)
{
	char text[200];
	for (int i = 0; i < t->bars; i++)
		if (t->bar[i].endless && t->bar[i].kind != BAR_TASK) {
			snprintf(text, sizeof text, "%s was still in %s when it was ended, since %.1f ms.",
			         t->row[t->bar[i].row].name, t->bar[i].label, t->bar[i].from * 1e3);
			say(text);
		}
}

static void tell(const struct timeline *t, bool hung)
{
	timeline_text(t, stdout);
	putchar('\n');
	say_at_once(t);
	say_shares(t);
	if (hung)
		say_blocked(t);
}

/* --- the command ---------------------------------------------------------------------- */

static void compile(const struct options *o, const char *lab, struct plugin *plugin)
{
	struct sources sources;
	labs_sources(o->implementation, lab, &sources);
	compile_plugin(o->implementation, lab, &sources, plugin);
	if (!plugin->compiled)
		options_refuse("%s", plugin->first_line);
}

static int print_verdict(const struct verdict *v)
{
	if (verdict_open(v))
		return 0;
	const char *what = v->kind == VERDICT_FAILED ? diagnosis_code(v->diagnosis) : verdict_name(v->kind);
	printf("\n%s: ", what);
	text_wrap(stdout, 2, (int)strlen(what) + 2, v->message);
	if (v->next_step[0] != '\0') {
		fputs("  Next step: ", stdout);
		text_wrap(stdout, 2, 13, v->next_step);
	}
	return v->kind == VERDICT_KIT_ERROR ? 2 : 1;
}

static int write_files(const struct timeline *t)
{
	if (timeline_svg(t, svg_path) != 0 || timeline_json(t, json_path) != 0) {
		fprintf(stderr, "crossover: build/trace.svg: %s\n", strerror(errno));
		return 2;
	}
	printf("\n%s, and %s for https://ui.perfetto.dev\n", svg_path, json_path);
	return 0;
}

int command_trace(const struct options *o)
{
	static struct outcome outcome;
	struct plugin plugin;
	struct timeline timeline;
	struct verdict verdict = { 0 };
	if (!o->lab_given || o->labs.count != 1)
		options_refuse("LAB= must name the one lab to trace, such as LAB=03");
	struct trace_call call = { .lab = o->labs.name[0], .n = o->n_given ? (size_t)o->n : TASKS,
		                       .workers = o->workers_given ? o->workers : WORKERS };
	if (!trace_call_choose(&call))
		options_refuse("lab %.2s starts no processes of its own: there is nothing to trace", call.lab);
	if (call.n > TRACE_TASKS_MOST || call.workers >= TIMELINE_ROWS)
		options_refuse("a timeline has room for N=%d tasks and WORKERS=%d", TRACE_TASKS_MOST,
		               TIMELINE_ROWS - 1);
	program_handle_signals();
	compile(o, call.lab, &plugin);
	call.plugin = plugin.path;
	trace_call_run(&call, &verdict, &outcome, &timeline);
	program_stop_if_told();

	if (verdict.kind != VERDICT_NOT_STARTED)
		tell(&timeline, outcome.ending == ENDING_TIMED_OUT);
	int status = print_verdict(&verdict);
	if (verdict.kind != VERDICT_NOT_STARTED && write_files(&timeline) != 0)
		status = 2;
	trace_call_free(&timeline);
	return status;
}
