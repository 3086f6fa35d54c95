/* Runs a program of the system (the compiler, addr2line) and reads what it says. */
#ifndef COMMAND_H
#define COMMAND_H

#include <stddef.h>

/* Runs argv[0], found in PATH, with no standard input, and keeps the first size
 * - 1 bytes of its standard output and error in `output`. Returns its exit
 * status, 128 + the signal that ended it, or 127 where it could not be started. */
int command_run(char *const argv[], char *output, size_t size);

/* The same, but after so many seconds it is killed with all of its group, and the
 * status is COMMAND_TOO_LONG. Where more processes want to run than there are CPUs, it
 * gets as many times longer. */
int command_run_within(double seconds, char *const argv[], char *output, size_t size);
enum { COMMAND_TOO_LONG = 124 };

#endif
