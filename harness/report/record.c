/* From ledgers to the record: see record.h and docs/record.md. */
#define _GNU_SOURCE
#include "record.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "processes.h"

json_t *record_create(const char *implementation, uint32_t seed, const struct machine *machine)
{
	json_t *ceiling = machine->ceiling > 0 ? json_real(machine->ceiling) : json_null();
	return json_pack("{s:s, s:I, s:{s:i, s:o}, s:[]}", "implementation", implementation, "seed",
	                 (json_int_t)seed, "machine", "cpus", machine->cpus, "ceiling", ceiling,
	                 "labs");
}

/* Text that came from a student's program may be anything; JSON is UTF-8. */
static json_t *text_value(const char *text)
{
	char clean[4 * LEDGER_OUTPUT];
	json_t *value = json_string(text);
	if (value != NULL)
		return value;
	size_t used = 0;
	for (; *text != '\0' && used < sizeof clean - 1; text++)
		clean[used++] = (unsigned char)*text < 128 ? *text : '?';
	clean[used] = '\0';
	return json_string(clean);
}

static struct verdict verdict_of(const struct ledger *ledger, const struct ledger_row *row)
{
	struct verdict v = row->verdict;
	if (row->state == ROW_DONE && v.kind > VERDICT_MISSING && v.kind < VERDICT_KINDS &&
	    ledger->trouble[0] == '\0')
		return v;
	v = (struct verdict){ .kind = VERDICT_KIT_ERROR };
	if (ledger->trouble[0] != '\0')
		snprintf(v.message, sizeof v.message, "%s", ledger->trouble);
	else
		snprintf(v.message, sizeof v.message, "%s", row->state == ROW_NOT_RUN
		         ? "The check program ended before it came to this test."
		         : "The check program ended in the middle of this test.");
	return v;
}

/* Nobody's fault: the points are neither given nor taken. */
static bool leaves_points_open(enum verdict_kind kind)
{
	return kind == VERDICT_NOT_MEASURED || kind == VERDICT_KIT_ERROR;
}

static json_t *test_object(const struct ledger *ledger, const struct ledger_row *row)
{
	struct verdict v = verdict_of(ledger, row);
	int points = v.kind == VERDICT_PASSED ? row->points : 0;
	int open = leaves_points_open(v.kind) ? row->points : 0;
	json_t *test = json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:o, s:s, s:f}", "name", row->name, "category",
		row->category, "about", row->about, "verdict", verdict_name(v.kind), "diagnosis",
		v.kind == VERDICT_FAILED ? diagnosis_code(v.diagnosis) : "", "points", points,
		"max_points", row->points, "open_points", open, "message", text_value(v.message),
		"next_step", v.next_step, "seconds", row->seconds);
	if (row->processes.count > 0)
		json_object_set_new(test, "processes", processes_json(&row->processes));
	if (row->output[0] != '\0')
		json_object_set_new(test, "output", text_value(row->output));
	return test;
}

/* Sums a key over an array of objects. */
static json_int_t sum(const json_t *array, const char *key)
{
	json_int_t total = 0;
	for (size_t i = 0; i < json_array_size(array); i++)
		total += json_integer_value(json_object_get(json_array_get(array, i), key));
	return total;
}

static void set_sums(json_t *object, const char *parts)
{
	static const char *const keys[] = { "points", "max_points", "open_points" };
	const json_t *array = json_object_get(object, parts);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		json_object_set_new(object, keys[i], json_integer(sum(array, keys[i])));
}

void record_add_lab(json_t *record, const char *lab, const struct ledger *ledger,
                    const char *only, const char *compiler)
{
	json_t *object = json_pack("{s:s, s:[]}", "lab", lab, "tests");
	json_t *tests = json_object_get(object, "tests");
	for (int i = 0; i < ledger->rows && i < LEDGER_ROWS; i++)
		if (only == NULL || strcmp(only, ledger->row[i].name) == 0)
			json_array_append_new(tests, test_object(ledger, &ledger->row[i]));
	if (compiler[0] != '\0')
		json_object_set_new(object, "compiler", text_value(compiler));
	set_sums(object, "tests");
	json_array_append_new(json_object_get(record, "labs"), object);
}

void record_finish(json_t *record)
{
	set_sums(record, "labs");
}

static int test_status(const json_t *test)
{
	const char *verdict = json_string_value(json_object_get(test, "verdict"));
	if (verdict == NULL || strcmp(verdict, verdict_name(VERDICT_KIT_ERROR)) == 0)
		return 2;
	return strcmp(verdict, verdict_name(VERDICT_PASSED)) != 0 &&
	       strcmp(verdict, verdict_name(VERDICT_NOT_MEASURED)) != 0;
}

/* A lab without tests is no success either: its check program said nothing. */
static int lab_status(const json_t *lab)
{
	const json_t *tests = json_object_get(lab, "tests");
	int status = json_array_size(tests) == 0 ? 2 : 0;
	for (size_t i = 0; i < json_array_size(tests); i++) {
		int of_test = test_status(json_array_get(tests, i));
		status = of_test > status ? of_test : status;
	}
	return status;
}

int record_status(const json_t *record)
{
	const json_t *labs = json_object_get(record, "labs");
	int status = json_array_size(labs) == 0 ? 2 : 0;
	for (size_t i = 0; i < json_array_size(labs); i++) {
		int of_lab = lab_status(json_array_get(labs, i));
		status = of_lab > status ? of_lab : status;
	}
	return status;
}

int record_write(const json_t *record, const char *path)
{
	char temporary[4096];
	struct stat status;
	if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) /* /dev/null, a pipe */
		return json_dump_file(record, path, 0);
	if (snprintf(temporary, sizeof temporary, "%s.%d", path, (int)getpid()) >=
	    (int)sizeof temporary) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (json_dump_file(record, temporary, JSON_INDENT(2) | JSON_PRESERVE_ORDER |
	                   JSON_REAL_PRECISION(6)) == 0 && rename(temporary, path) == 0)
		return 0;
	int error = errno;
	unlink(temporary);
	errno = error;
	return -1;
}
