/* What Valgrind wrote down about one process, read from its XML file. */
#ifndef FINDINGS_H
#define FINDINGS_H

#include <stdbool.h>
#include <sys/types.h>

enum { FINDING_TEXT = 200, FINDINGS_MAX = 32, FRAME_TEXT = 320 };

struct finding {
	bool leak;                /* memory that was lost; otherwise a wrong access */
	char what[FINDING_TEXT];  /* in Valgrind's words */
	char where[FRAME_TEXT];   /* " in f, file:line" of the innermost frame of the
	                           * plug-in; "" if no frame is */
};

struct findings {
	pid_t pid, parent;
	bool complete; /* the file was not cut short */
	int count;     /* may be larger than what is kept */
	struct finding finding[FINDINGS_MAX];
};

/* Reads the file; frames of the object `plugin` are the student's. Returns 0, or
 * -1 where the file cannot be opened. A file that a killed process left half
 * written gives what was in it. */
int findings_read(const char *path, const char *plugin, struct findings *findings);

#endif
