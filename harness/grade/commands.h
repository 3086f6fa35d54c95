/* The grader's commands; each returns the program's exit status. */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "options.h"

/* Grades: compiles, runs the check programs, writes the record, prints the report. */
int command_check(const struct options *options);

/* The book's example, serial and then parallel, with one implementation. */
int command_book(const struct options *options);

/* A student's own code on the book's example, by hand. */
int command_run_lab(const struct options *options);

/* The book's figure: execution time against n, measured or from a file. */
int command_plot(const struct options *options);

/* Puts a lab's starter back and keeps the student's files beside it. */
int command_reset(const struct options *options);

/* What to do now, by what was found so far (progress.h). */
int command_next(const struct options *options);

/* One more hint for a lab: for --test, or the first test that is not passed. */
int command_hint(const struct options *options);

/* A timeline of a call of --lab: text, build/trace.svg and build/trace.json. */
int command_trace(const struct options *options);

/* The record as one HTML page, build/report.html. */
int command_report(const struct options *options);

/* gdb at the call that --test of --lab makes. */
int command_debug(const struct options *options);

/* The page of the diagnosis --code. */
int command_explain(const struct options *options);

#endif
