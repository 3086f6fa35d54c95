/* Between faults_delay.c and its plug-in delays.c. */
#ifndef DELAYS_H
#define DELAYS_H

enum { DELAY_LOCK, DELAY_UNLOCK, DELAY_SEM_WAIT, DELAY_SEM_POST, DELAY_WRITE, DELAY_READ, DELAY_KINDS };
enum { DELAY_CALLS = 60 * DELAY_KINDS };

/* Lies in memory that both share. */
struct delays {
	char seen[2][DELAY_CALLS + 1]; /* by the caller, and by a child: '1' for a call that slept */
};

#endif
