/* How long a tree of processes waited for a CPU that others had.
 *
 * A limit of time is meant for what a process does, not for what the machine does
 * besides: on a crowded one a call that is right may take ten times as long. Linux counts
 * for each process how long it was ready to run and did not (/proc/PID/schedstat); where
 * it does not say, nobody waited.
 */
#ifndef STARVED_H
#define STARVED_H

#include "tree.h"

struct starved {
	double seconds; /* so far, in which somebody of the tree waited for a CPU */
	int count;
	struct {
		pid_t pid;
		double waited; /* when it was looked at last */
	} last[PROCESSES_KEPT];
};

/* A look at the processes of the tree, so many seconds after the one before. */
void starved_look(struct starved *starved, const struct process_list *all, double gap);

#endif
