/* Lab 07, find_crossover: is it where parallel stays faster?
 *
 * Tables of numbers, no clock. Each lies at the end of a page that nobody may touch
 * beyond, so that reading one row too many is a fault.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "judge.h"
#include "shared.h"
#include "tests.h"

typedef size_t find_crossover_fn(const size_t[], const double[], const double[], size_t);

enum { ROWS_MOST = 12, TABLES_MOST = 256, PAGE = 4096 };

struct table {
	size_t count;
	size_t n[ROWS_MOST];
	double serial[ROWS_MOST], parallel[ROWS_MOST];
	size_t found; /* by the student's function */
};

struct tables_call {
	size_t count;
	struct table table[TABLES_MOST];
	char *page[3]; /* where n, serial and parallel lie during a call */
};

/* --- in the caller ------------------------------------------------------------- */

static void *at_the_end(char *page, const void *values, size_t size)
{
	return memcpy(page + PAGE - size, values, size);
}

static void call_find_crossover(void *arg)
{
	struct tables_call *call = arg;
	find_crossover_fn *function = (find_crossover_fn *)plugin_function("find_crossover");
	call_begin();
	for (size_t i = 0; i < call->count; i++) {
		struct table *table = &call->table[i];
		size_t count = table->count;
		const size_t *n = at_the_end(call->page[0], table->n, count * sizeof *n);
		const double *serial = at_the_end(call->page[1], table->serial, count * sizeof *serial);
		const double *parallel =
			at_the_end(call->page[2], table->parallel, count * sizeof *parallel);
		errno = 0;
		table->found = function(n, serial, parallel, count);
	}
	call_end(call->table[0].found == SIZE_MAX ? -1 : 0);
}

/* --- in the judge ---------------------------------------------------------------- */

static size_t expected_in(const struct table *table)
{
	size_t found = SIZE_MAX;
	for (size_t i = table->count; i-- > 0 && table->parallel[i] < table->serial[i];)
		found = table->n[i];
	return found;
}

/* "10,000" would look like two arguments. */
static const char *size_text(size_t n)
{
	static char buffers[2][24];
	static int turn;
	char *text = buffers[turn++ % 2];
	if (n == SIZE_MAX)
		return "SIZE_MAX";
	snprintf(text, sizeof buffers[0], "%zu", n);
	return text;
}

/* "n = 10: 1.0 and 2.0, n = 100: ..." */
static const char *table_text(const struct table *table)
{
	static char text[ROWS_MOST * 48];
	int used = 0;
	text[0] = '\0';
	for (size_t i = 0; i < table->count; i++)
		used += snprintf(text + used, sizeof text - (size_t)used, "%s%zu: %.3g and %.3g",
		                 i > 0 ? ", " : "", table->n[i], table->serial[i], table->parallel[i]);
	return text;
}

static void judge_table(struct test *t, const struct table *table, const char *next_step)
{
	size_t expected = expected_in(table);
	if (table->found != expected && table->count == 0)
		verdict_fail(&t->verdict, WRONG_RESULT, next_step,
		             "For an empty table (count = 0) find_crossover returned %s. Expected: "
		             "SIZE_MAX.", size_text(table->found));
	if (table->found != expected)
		verdict_fail(&t->verdict, WRONG_RESULT, next_step,
		             "find_crossover returned %s. Expected: %s. The table, n: serial and parallel "
		             "seconds, was %s.",
		             size_text(table->found), size_text(expected), table_text(table));
}

static void judge_tables(struct test *t, struct tables_call *shared, const char *next_step)
{
	struct call call = { .body = call_find_crossover, .arg = shared,
		                 .text = "find_crossover(n, serial, parallel, count)",
		                 .limits = { .cpu_seconds = 1 } };
	for (int i = 0; i < 3; i++)
		shared->page[i] = shared_alloc(PAGE);
	test_call(t, &call);
	if (!judge_not_started(&t->verdict, &t->outcome, "find_crossover") &&
	    judge_ending(&t->verdict, &call, &t->outcome))
		for (size_t i = 0; i < shared->count && verdict_open(&t->verdict); i++)
			judge_table(t, &shared->table[i], next_step);
	for (int i = 0; i < 3; i++)
		shared_free(shared->page[i], PAGE);
}

/* The signs say who is faster at each n: '-' the loop, '+' the processes, '=' nobody. */
static void add_table(struct tables_call *call, const char *signs)
{
	struct table *table = &call->table[call->count++];
	size_t n = 10;
	for (; signs[table->count] != '\0'; n *= 10, table->count++) {
		double seconds = (double)n * 1e-6, part = 0.5 + 0.1 * (double)table->count;
		char sign = signs[table->count];
		table->n[table->count] = n;
		table->serial[table->count] = seconds;
		table->parallel[table->count] =
			sign == '+' ? seconds * part : sign == '-' ? seconds / part : seconds;
	}
}

static void check(struct test *t, const char *const signs[], const char *next_step)
{
	struct tables_call *call = shared_alloc(sizeof *call);
	for (int i = 0; signs[i] != NULL; i++)
		add_table(call, signs[i]);
	judge_tables(t, call, next_step);
	shared_free(call, sizeof *call);
}

void crossover_in_the_table(struct test *t)
{
	static const char *const signs[] = { "--++", "-+", "---+", "++++", "+", "-++++", NULL };
	check(t, signs, "Return a size, n[i], not the index i; of the rows from which on every "
	                "parallel[] is smaller than serial[] the first, which may be the first of "
	                "the table or its last.");
}

void crossover_never(struct test *t)
{
	static const char *const signs[] = { "----", "-", "", "++-", "-+-", "=", NULL };
	check(t, signs, "\"Stays faster\" must hold for the last row, too: if parallel is not faster "
	                "there, or there is no row, the answer is SIZE_MAX (stdint.h).");
}

/* Random tables of up to ROWS_MOST rows, in half of which the loop is faster. */
static void add_random_tables(struct test *t, struct tables_call *call)
{
	while (call->count < TABLES_MOST) {
		struct table *table = &call->table[call->count];
		uint32_t random = test_random(t, (uint32_t)call->count);
		table->count = 2 + random % (ROWS_MOST - 1);
		for (size_t i = 0; i < table->count; i++) {
			bool faster = (random >> (8 + i) & 1) != 0 || i + 1 == table->count;
			table->n[i] = 3 + 5 * i * i;
			table->serial[i] = 1e-6 * (double)table->n[i];
			table->parallel[i] = table->serial[i] * (faster ? 0.99 : 1.01);
		}
		call->count++;
	}
}

void crossover_last_crossing(struct test *t)
{
	static const char *const signs[] = { "-+-+", "-++-++", "+-+", "--+--+++", NULL };
	struct tables_call *call = shared_alloc(sizeof *call);
	for (int i = 0; signs[i] != NULL; i++)
		add_table(call, signs[i]);
	add_random_tables(t, call);
	judge_tables(t, call, "Measured curves can cross several times. Only behind the last crossing "
	                      "parallel *stays* faster: look from the largest n downwards.");
	shared_free(call, sizeof *call);
}

void crossover_equal(struct test *t)
{
	static const char *const signs[] = { "-=++", "==++", "-+=+", "-++=", "====", NULL };
	check(t, signs, "Compare with <, not <=: equally fast is not faster.");
}
