/* The table of processes: see processes.h. */
#define _GNU_SOURCE
#include "processes.h"

#include <string.h>

#include "text.h"

enum { INDENT = 6, WHO_WIDTH = 10, ROWS_SHOWN = 8 };

/* --- into the record --------------------------------------------------------- */

static json_t *end_json(const struct table_end *end)
{
	const char *way = end->reads && end->writes ? "both" : end->reads ? "read" : "write";
	return json_pack("{s:i, s:s, s:s}", "fd", end->fd, "what", end->what, "way", way);
}

static json_t *row_json(const struct table_row *row)
{
	json_t *ends = json_array();
	for (int i = 0; i < row->ends && i < TABLE_ENDS; i++)
		json_array_append_new(ends, end_json(&row->end[i]));
	return json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:o}", "pid", row->pid, "who", row->who,
	                 "state", row->state, "call", row->call, "waits_for", row->waits_for, "where",
	                 row->where, "descriptors", ends);
}

json_t *processes_json(const struct process_table *table)
{
	json_t *array = json_array();
	for (int i = 0; i < table->count && i < TABLE_ROWS; i++)
		json_array_append_new(array, row_json(&table->row[i]));
	return array;
}

/* --- onto the screen ----------------------------------------------------------- */

static const char *text_of(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));
	return text == NULL ? "" : text;
}

/* "worker 0   4711  waits for data from pipe A, whose ... (work, pipe_map.c:31)" */
static void print_row(const json_t *row, FILE *out)
{
	char text[1000];
	const char *waits_for = text_of(row, "waits_for"), *where = text_of(row, "where");
	const char *file = strrchr(where, '/');
	int column = fprintf(out, "%*s%-*s %7d  ", INDENT, "", WHO_WIDTH, text_of(row, "who"),
	                     (int)json_integer_value(json_object_get(row, "pid")));
	if (waits_for[0] != '\0')
		snprintf(text, sizeof text, "%s: waits for %s", text_of(row, "call"), waits_for);
	else
		snprintf(text, sizeof text, "%s", text_of(row, "state"));
	size_t used = strlen(text);
	if (where[0] != '\0')
		snprintf(text + used, sizeof text - used, " (%s)", file != NULL ? file + 1 : where);
	text_wrap(out, column, column, text);
}

void processes_print(const json_t *processes, FILE *out)
{
	size_t count = json_array_size(processes);
	for (size_t i = 0; i < count && i < ROWS_SHOWN; i++)
		print_row(json_array_get(processes, i), out);
	if (count > ROWS_SHOWN)
		fprintf(out, "%*sand %zu more, in the record\n", INDENT, "", count - ROWS_SHOWN);
}
