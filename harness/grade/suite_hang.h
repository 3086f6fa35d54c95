/* What a check program makes of rows that hang. Only suite.c includes it. */
#ifndef SUITE_HANG_H
#define SUITE_HANG_H

#include <stdbool.h>

#include "ledger.h"
#include "suite.h"

/* Whether a row that is done hung: then the others need not wait as long. */
bool suite_any_hung(const struct ledger *ledger);

/* For a row whose test has just decided: if it hung, adds the table of its
 * processes, and shortens its verdict if an earlier row hung in the same way. */
void suite_note_hang(const struct ledger *ledger, struct ledger_row *row, struct test *test);

#endif
