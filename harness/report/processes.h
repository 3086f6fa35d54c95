/* The processes of a test that hung, from the ledger to the record and the screen. */
#ifndef PROCESSES_H
#define PROCESSES_H

#include <jansson.h>
#include <stdio.h>

#include "table.h"

/* The array "processes" of docs/record.md. */
json_t *processes_json(const struct process_table *table);

/* Prints that array as a table of 80 columns. Nothing for NULL. */
void processes_print(const json_t *processes, FILE *out);

#endif
