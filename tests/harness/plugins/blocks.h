/* Between faults_block.c and its plug-in blocks.c. */
#ifndef BLOCKS_H
#define BLOCKS_H

enum block_kind {
	BLOCK_READ, BLOCK_READV, BLOCK_WRITE, BLOCK_WRITEV, BLOCK_RECV, BLOCK_SEND,
	BLOCK_POLL, BLOCK_SELECT, BLOCK_EPOLL_WAIT, BLOCK_PPOLL, BLOCK_PSELECT, BLOCK_EPOLL_PWAIT,
	BLOCK_FUTEX, BLOCK_SEM_WAIT, BLOCK_SEM_TIMEDWAIT, BLOCK_KINDS
};

enum block_way {
	WAY_USUAL,
	WAY_NO_TIME,      /* a time-out of 0 */
	WAY_NONBLOCKING,  /* O_NONBLOCK */
	WAY_DONTWAIT,     /* MSG_DONTWAIT */
	WAY_NO_BYTES,
	WAY_FILES,        /* instead of pipes */
	WAY_BLOCKED,      /* with signals blocked */
	WAY_MASKED,       /* blocked by the call's own mask */
	WAY_UNMASKED      /* blocked, but not by the call's own mask */
};

enum { BLOCK_CHILDREN = 3, BLOCK_PROCESSES = 1 + 3 * BLOCK_CHILDREN, BLOCK_ATTEMPTS = 700 };

/* Lies in memory that both share. */
struct blocks {
	enum block_way way;
	int first, last;       /* kinds of calls */
	int rounds;            /* so often each of them, in turn */
	int family;            /* also in 3 children, and in 2 grandchildren of each */
	int polls_between;     /* and so many polls before each call, which are not noted */
	int jitter_ms;         /* processes begin at different times */
	int (*harness_waits)(void);
	int harness_interrupted, fd;
	char seen[BLOCK_PROCESSES][BLOCK_ATTEMPTS + 1]; /* '1': interrupted, '0': not */
};

#endif
