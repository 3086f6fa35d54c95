/* How far somebody has come: what each test of labs/ said when it was last run.
 *
 * A record tells of one run, perhaps of one test. build/progress.json keeps the newest
 * of each: { "04_shared": { "checked": 1764000000, "tests": { "map_in_order": {...} } } },
 * the tests as in a record (docs/record.md), in the order of the suite.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <jansson.h>
#include <stdbool.h>

/* Adds what this record says of labs/; `whole`: that all tests of its labs were run. Says
 * nothing where the file cannot be written: nobody's grade depends on it. */
void progress_note(const json_t *record, bool whole);

/* What is known of a lab, or NULL; borrowed. All of it is read at the first call. */
const json_t *progress_of(const char *lab);

/* The lab's first test that neither passed nor could not be measured; NULL: none. */
const json_t *progress_first_open(const json_t *lab);

/* Points of the lab, and those that nobody could measure yet. */
void progress_points(const json_t *lab, int *points, int *open, int *most);

#endif
