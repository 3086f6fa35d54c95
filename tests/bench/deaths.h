/* One round of the benchmark deaths.c: a program that uses a pool while its workers are
 * killed. deaths.c plans rounds and adds them up, deaths_round.c is the program. */
#ifndef DEATHS_H
#define DEATHS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { WORKERS_MOST = 4, KILLS_MOST = 3, CALLS_MOST = 12 };

enum phase { CREATING, MAPPING, APPLYING, ASYNC, ASLEEP, ENDING, PHASES };
/* One round; shared with the caller. */
struct round {
	bool async; /* lab 06 */
	uint32_t random, killers_random;
	int workers, kills_planned, calls_planned;
	bool from_the_start; /* kills come from pool_create on, or from its return on */
	bool to_the_last;    /* the pool is used until all kills came, or maybe ended before */

	pid_t caller;
	atomic_int phase;
	atomic_bool all_came; /* the kills */
	atomic_bool ended;    /* the pool: nobody is left to kill */
	atomic_int aimed;     /* kills that may have come by now */
	atomic_int kills, kills_in[PHASES];
	int succeeded, died, wrong; /* calls: right, failed with ECHILD, neither */
	double slowest_failure;     /* in seconds */
	char mistake[200];          /* the first, in words */
};

/* In the caller: plays the round that `arg` points to. */
void deaths_round(void *arg);

/* The bits well mixed, one to one; and a number below a bound, the next of a row. */
uint32_t deaths_mix(uint32_t x);
uint32_t deaths_random(uint32_t *row, uint32_t bound);

#endif
