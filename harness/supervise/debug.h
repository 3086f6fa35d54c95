/* A debugger for one supervised call (make debug; harness/debug.sh).
 *
 * Between a test and the student's function stand a supervisor, a process of its own for
 * the call, and limits. So a debugger does not start the program: it comes to the one
 * process that is about to call the function. That process waits for it, under a name
 * that it is found by.
 */
#ifndef DEBUG_H
#define DEBUG_H

#include <stdbool.h>

/* Whether that was asked for: CROSSOVER_DEBUG of the environment is the name. */
bool debug_wanted(void);

/* One more call begins; in the judge's process. */
void debug_count(void);

/* In the caller, right before the call: if it is number CROSSOVER_CALL (from 1, the
 * default), waits until a debugger sets crossover_debug_go. */
void debug_wait(void);

#endif
