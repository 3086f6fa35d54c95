/* What every process of a call was doing, as text: for the record and the reports,
 * which know nothing of processes. Of fixed size, because it lies in the ledger.
 */
#ifndef TABLE_H
#define TABLE_H

#include "supervise.h"

enum { TABLE_ROWS = SCENE_PROCESSES, TABLE_ENDS = 12, TABLE_TEXT = 160, TABLE_WORD = 40 };

/* An end of a pipe or socket that the process has open. */
struct table_end {
	int fd;
	bool reads, writes;
	char what[TABLE_WORD]; /* "pipe A" */
};

struct table_row {
	int pid;
	char who[TABLE_WORD];        /* "caller", "worker 0" */
	char state[TABLE_WORD];      /* "asleep", "running", "stopped", "ended" */
	char call[TABLE_WORD];       /* "read(5)"; "" for none or unknown */
	char waits_for[TABLE_TEXT];  /* "" where it waits for nothing, or for what is unknown */
	char where[TABLE_TEXT];      /* "work, labs/03_pipes/pipe_map.c:31"; "" if unknown */
	int ends;                    /* may be larger than what is kept */
	struct table_end end[TABLE_ENDS];
};

struct process_table {
	int count;
	struct table_row row[TABLE_ROWS];
};

/* Fills in the table of the outcome's scene, with the pipes named as in the message
 * that explains it. Empty where there is no scene. */
void table_fill(struct process_table *table, const char *plugin, const struct outcome *outcome);

#endif
