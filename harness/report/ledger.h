/* The ledger: what a check program found, row by row, in memory that outlives it.
 *
 * The grader makes it and hands it to the check program as a descriptor. Whatever
 * happens to that program, the rows that it finished are there, and those that it
 * did not finish say so. Student code never has it: callers unmap it before they
 * load a plug-in.
 */
#ifndef LEDGER_H
#define LEDGER_H

#include <stdint.h>

#include "table.h"
#include "verdict.h"

enum { LEDGER_ROWS = 48, NAME_LENGTH = 48, ABOUT_LENGTH = 96, NEEDS_LENGTH = 128, LEDGER_OUTPUT = 1500 };

enum row_state { ROW_NOT_RUN, ROW_RUNNING, ROW_DONE };

struct ledger_row {
	char name[NAME_LENGTH];
	char category[NAME_LENGTH];
	char about[ABOUT_LENGTH];
	char needs[NEEDS_LENGTH]; /* rows that must pass first, with spaces between */
	int points;
	enum row_state state;
	struct verdict verdict;
	double seconds;
	struct process_table processes; /* of a test that hung; otherwise empty */
	char output[LEDGER_OUTPUT]; /* what the student's code printed */
};

struct ledger {
	int rows;
	char trouble[256]; /* why the whole run cannot be trusted; "" if it can */
	struct ledger_row row[LEDGER_ROWS];
};

/* A new ledger behind a descriptor, mapped; *fd is inherited by programs that the
 * caller starts. NULL with errno. ledger_close undoes it. */
struct ledger *ledger_create(int *fd);

/* The same ledger in the program that inherited it, or a private one for fd = -1. */
struct ledger *ledger_open(int fd);

void ledger_close(struct ledger *ledger, int fd);

/* The row of this name, or NULL. */
struct ledger_row *ledger_find(struct ledger *ledger, const char *name);

#endif
