/* The record of a run: what every form of report is made from.
 *
 * A JSON object as docs/record.md describes it. Nothing here knows of processes:
 * it is made from ledgers, and the reports are made from it.
 */
#ifndef RECORD_H
#define RECORD_H

#include <jansson.h>
#include <stdint.h>

#include "ledger.h"

struct machine {
	int cpus;
	double ceiling; /* the speed-up that bare processes reach here; 0: not measured */
};

/* A record without labs. NULL where there is no memory. */
json_t *record_create(const char *implementation, uint32_t seed, const struct machine *machine);

/* Adds a lab from its ledger. Rows that were not run to their end become kit
 * errors. only names the one test that was wanted, or is NULL. compiler is what
 * the compiler had to say, "" for nothing. */
void record_add_lab(json_t *record, const char *lab, const struct ledger *ledger,
                    const char *only, const char *compiler);

/* Adds up the points of the labs. */
void record_finish(json_t *record);

/* 0: everything passed or could not be measured; 1: something did not; 2: the
 * harness itself failed somewhere. */
int record_status(const json_t *record);

/* Writes the file whole or not at all. Returns 0, or -1 with errno. */
int record_write(const json_t *record, const char *path);

#endif
