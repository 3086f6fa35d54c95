/* Runs a lab's check program and waits for it, also when it is interrupted. */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger.h"

/* Fills in which rows the lab has. Returns 0, or -1 where its check program is
 * missing or broken. */
int program_list(const char *lab, struct ledger *ledger, int fd);

/* Grades the plug-in. Whatever happens to the program, the ledger tells; `shown`
 * is the name in front of the progress line on a terminal. test may be NULL. */
void program_grade(const char *lab, struct ledger *ledger, int fd, const char *plugin,
                   const char *test, uint32_t seed);

/* Have SIGINT, SIGTERM and SIGHUP end whatever program_grade runs, wait until
 * nothing of it is left, and then end this program by the same signal. */
void program_handle_signals(void);

/* Such a signal has come: clean up and die of it. */
void program_stop_if_told(void);

/* Has such a signal come? */
bool program_is_told(void);

/* For those who have something to keep first: the signal that has come, or 0; ends
 * whatever this program has started, too. Then die of it, if one has come. */
int program_told(void);
void program_die_if_told(void);

#endif
