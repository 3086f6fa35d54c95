/* Between faults_transfer.c and its plug-in uses_pipes.c. */
#ifndef USES_PIPES_H
#define USES_PIPES_H

#include <stdint.h>

/* Lies in memory that both share. */
struct uses_pipes {
	int child[2];             /* pids */
	uint64_t first, second;   /* the inodes of two pipes with the same descriptors */
	uint64_t callers, childs; /* and of the ends of a socket */
};

#endif
