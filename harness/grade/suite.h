/* What the check program of a lab is made of: a table of rows, and suite_main.
 *
 *     static const struct suite_row rows[] = {
 *         { runs_every_rank, "runs_every_rank", "correctness", 10,
 *           "every rank runs once, with its own rank", NULL },
 *         ...
 *     };
 *
 *     int main(int argc, char *argv[])
 *     {
 *         return suite_main(argc, argv, "02_fork", rows, sizeof rows / sizeof *rows);
 *     }
 *
 * Each row is a Check test in a process of its own. A test function makes one or
 * more supervised calls and decides its verdict; one that decides nothing passed.
 */
#ifndef SUITE_H
#define SUITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervise.h"
#include "verdict.h"

struct test {
	const char *plugin;     /* the shared object under test */
	const char *called;     /* the one that the latest call loaded: it may be another form of it */
	uint32_t seed;          /* for all that is random; the report prints it */
	struct verdict verdict;
	struct outcome outcome; /* of the latest call */
};

typedef void test_fn(struct test *test);

struct suite_row {
	test_fn *run;
	const char *name;
	const char *category; /* correctness, processes, cleanliness, robustness, speed */
	int points;           /* the points of a lab add up to 100 */
	const char *about;    /* what a solution does that passes */
	const char *needs;    /* rows that must pass first, separated by spaces, or NULL */
};

/* Makes the call with the test's plug-in, which it fills in; the outcome is in
 * test->outcome. */
void test_call(struct test *test, struct call *call);

/* Other forms of a plug-in, for labs in which processes share memory. NN_name.so has them
 * beside it. */
enum suite_variant {
	SUITE_PLAIN, /* NN_name.O0.so, compiled without optimisation: each instruction does one
	              * thing */
	SUITE_RACE   /* NN_name.race.so, which announces each access to memory (race.h) */
};
enum { SUITE_PATH = 1024 };
void suite_variant_path(const char *plugin, enum suite_variant variant, char path[SUITE_PATH]);
bool suite_has_variant(const struct test *test, enum suite_variant variant);

/* The same call with such a form, or with the usual one where there is none. */
void test_call_variant(struct test *test, struct call *call, enum suite_variant variant);

/* With SUITE_RACE, while races are looked for: if there is one, that is the verdict. `seed`
 * is that of the delays. */
void test_call_race(struct test *test, struct call *call, uint32_t seed);

/* A number from the test's seed, different for each `which`. */
uint32_t test_random(const struct test *test, uint32_t which);

/* The whole check program:
 *   --plugin=FILE.so  what to grade
 *   --ledger=FD       where to write what was found (default: print it)
 *   --test=NAME       only this row, whatever it needs
 *   --seed=N
 *   --list            only write down which rows there are
 * Returns 0 if all rows passed or could not be measured, 1 if one did not, 2 for
 * bad arguments. */
int suite_main(int argc, char *argv[], const char *lab, const struct suite_row rows[],
               size_t count);

#endif
