/* Which labs there are, and what implements them. */
#ifndef LABS_H
#define LABS_H

#include <stdbool.h>
#include <stddef.h>

#include "ledger.h"

enum { LABS_MAX = 16, LAB_LENGTH = 32, PATH_LENGTH = 1024, SOURCES_MAX = 16 };

struct labs {
	int count;
	char name[LABS_MAX][LAB_LENGTH]; /* "01_serial", ... in order */
};

/* The labs of the kit: the folders labs/NN_name of which there is a starter.
 * Returns 0, or -1 with errno. */
int labs_find(struct labs *labs);

/* The lab that "02", "2", "02_fork", "fork" or "lab02" means, or NULL. */
const char *labs_named(const struct labs *labs, const char *text);

/* Whether an implementation has a folder for the lab, be it empty. */
bool labs_implemented(const char *implementation, const char *lab);

/* The .c files with which an implementation (a folder laid out like labs/, or
 * one .c file in a folder NN_name) implements the lab. */
struct sources {
	int count;
	char path[SOURCES_MAX][PATH_LENGTH];
	int left_out; /* for which there was no room; compile_plugin refuses them all then */
};

void labs_sources(const char *implementation, const char *lab, struct sources *sources);

/* The path of a lab's check program. */
void labs_program(const char *lab, char path[PATH_LENGTH]);

#endif
