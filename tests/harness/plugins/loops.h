/* The loops of loops_in_ways.c. */
enum loop { SPIN, SPIN_IN_CHILD, WAIT_WITHOUT_BLOCKING, READ_NOTHING };
