/* What processes cost before they do anything. */
#ifndef START_H
#define START_H

/* The median time, in seconds, that it takes to fork so many processes which end
 * at once, and to wait for them all: t0, below which no way of using processes
 * comes. 0 where they could not be started. Takes about 10 ms. */
double start_measure(int workers);

#endif
