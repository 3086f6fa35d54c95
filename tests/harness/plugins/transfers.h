/* Between faults_transfer.c and its plug-in transfers.c. */
#ifndef TRANSFERS_H
#define TRANSFERS_H

#include <stddef.h>

enum channel { CHANNEL_PIPE, CHANNEL_STREAM, CHANNEL_PACKETS, CHANNEL_DATAGRAMS, CHANNEL_FILE };
enum calls { CALLS_PLAIN, CALLS_VECTOR, CALLS_SOCKET };
enum { TRANSFER_LARGEST = 40000, TRANSFER_CALLS = 1000 };

/* What one process saw: what its calls returned, in their order. */
struct transfers_seen {
	int calls, short_writes, short_reads;
	size_t moved[TRANSFER_CALLS];
	int damaged; /* bytes that did not arrive, or not where they belong */
	int first_fd;         /* of the first call that came short */
	size_t first_asked, first_moved;
};

/* Lies in memory that both share. */
struct transfers {
	enum channel channel;
	enum calls calls;
	size_t size, piece; /* so many bytes are moved, written piece by piece */
	int rounds;         /* each with a new channel */
	struct transfers_seen seen[2]; /* by the caller, and by a child of it */
};

#endif
