/* From a lab's .c files to the plug-in that its check program loads. */
#ifndef COMPILE_H
#define COMPILE_H

#include <stdbool.h>

#include "labs.h"

enum { COMPILER_OUTPUT = 16384, COMPILER_LINE = 400 };

struct plugin {
	char path[PATH_LENGTH];          /* build/IMPLEMENTATION/NN_name.so */
	bool compiled;
	char first_line[COMPILER_LINE];  /* the first error, or else the first warning */
	int warnings;
};

/* Refused are more files than there is room for, and a symbolic link to a file
 * outside of the implementation: what is graded is what was handed in.
 *
 * Compiles with $CC (default cc), $PLUGIN_CFLAGS besides the usual flags; for the
 * labs in which processes share memory twice more (see suite.h, suite_variant). */
void compile_plugin(const char *implementation, const char *lab, const struct sources *sources,
                    struct plugin *plugin);

#endif
