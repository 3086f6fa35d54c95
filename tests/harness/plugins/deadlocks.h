/* The deadlocks that the plug-ins of this folder make: what arg[0] asks for. */
enum pipe_deadlock {
	END_IN_READER,      /* each worker reads its tasks and holds their write end itself */
	END_IN_CALLER,      /* the caller reads a pipe whose write end it holds */
	END_IN_SIBLING,     /* a later worker inherited the write end of an earlier one's pipe */
	END_IN_WAITER,      /* the caller waits for a worker that waits for the caller's close */
	END_IN_POLLER,      /* as END_IN_CALLER, in poll */
	END_IN_EPOLLER,
	END_IN_SELECTER,
	END_AFTER_DEATH,    /* the writer has died, and another worker holds the write end */
	FULL_BEFORE_WAIT,   /* the caller waits before it reads */
	FULL_WHILE_MEETING, /* it reads the workers one after the other, and they meet */
	FULL_WHILE_READING, /* a worker's second pipe is full while the caller reads the first */
	BOTH_WRITE,
	BOTH_READ,
	FULL_OF_ITSELF,     /* only the writer has the read end */
	END_IN_THREAD,      /* END_IN_READER, in a helper thread that main joins */
	STOPPED_WORKER
};

enum lock_deadlock {
	LOCKED_BY_DEAD,
	LOCKED_TWICE,
	LOCKED_CROSSWISE,
	LOCKED_AND_WAITING, /* the caller waits for a worker while it holds the lock */
	LOCKED_PRIVATELY,   /* in private memory */
	LOCK_NOT_SHARED,    /* PTHREAD_PROCESS_SHARED is missing */
	SEMAPHORE_NOT_SHARED,
	SEMAPHORE_NOT_POSTED,
	CONDITION_NOT_SIGNALLED,
	LOCK_THEN_FULL_PIPE /* the lock's owner is held up by a full pipe: that is the cause */
};
