/* The student's way against the serial loop and against bare processes, by the clock.
 *
 * All three do the same work: the book's task for n seeds, results in order. They
 * take turns in random order within one process, so that a machine that changes its
 * speed changes all of them. First come rounds of one large n (rounds.h), until
 * these are decided; then a few rounds over a range of sizes around the one at which
 * parallel work begins to pay here (estimate.h).
 *
 * What it pays from, t0 being what P bare processes cost besides their work (bare.h: to
 * start and await them, or to wake them), and t1 the cost of one task: the serial loop
 * takes t1 n, P workers t0 + t1 n / P, and both are equal at n = t0 P / (t1 (P - 1)). A
 * student's crossover is held against contest_slack() times that.
 *
 * contest_run runs in the caller and writes down what it measured; judging it is
 * speed.h's part, in the judge's process.
 */
#ifndef CONTEST_H
#define CONTEST_H

#include <stddef.h>
#include <stdint.h>

#include "bare.h"
#include "rounds.h"

enum {
	CONTEST_WORKERS_MOST = BARE_WORKERS_MOST, /* more CPUs are not used: it would take minutes */
	CONTEST_SIZES = 7,
	CONTEST_SIZE_ROUNDS = 21, /* at most */
	CONTEST_SIZE_FEW = 3,     /* enough where all is clear, */
	CONTEST_SIZE_ENOUGH = 7,  /* but better are so many, where they take little time */
	CONTEST_SLACK = 4,         /* how many times later than bare processes is not yet late; */
	CONTEST_SLACK_OF_POOLS = 8, /* a pool of pipes wakes each worker more than once a call */
	CONTEST_LARGEST = 1 << 19, /* sizes grow to that, and a few more */
};

/* For the supervised call in which a contest runs: it is long, and starts many
 * processes. (Fields of struct limits.) */
#define CONTEST_LIMITS \
	{ .cpu_seconds = 60, .most_seconds = 60, .starts = 100000 }

/* Maps the book's task over n seeds in so many workers, however it likes. Returns 0,
 * or -1 with errno. */
typedef int way_fn(void *context, const uint32_t *seeds, size_t n, int32_t *results, int workers);

/* Lies in shared memory. */
struct contest {
	int workers;
	enum bare_mechanism mechanism; /* that the student's way is held against */
	uint32_t seed;         /* of the order of turns, and of the seeds that are mapped */

	double start_seconds;  /* t0, the median, */
	double least_start_seconds; /* and the shortest */
	double task_seconds;   /* t1 */

	size_t n;              /* of the rounds */
	size_t rounds;
	struct round round[ROUNDS_IN_ALL];

	size_t size[CONTEST_SIZES]; /* of the figure, ascending */
	size_t size_rounds;
	double serial[CONTEST_SIZES][CONTEST_SIZE_ROUNDS];
	double student[CONTEST_SIZES][CONTEST_SIZE_ROUNDS];
	double bare[CONTEST_SIZES][CONTEST_SIZE_ROUNDS];
	double wall, others, stolen; /* of the figure: see struct round */

	size_t calls;          /* of the student's way that returned 0 */

	/* what ended it early */
	int value, error;      /* it returned this, not 0, with this errno; */
	size_t failed_n;       /* for so many seeds; not 0: this, or wrong results: */
	size_t wrong;          /* results that differ, */
	size_t wrong_index;    /* the first of them, */
	int32_t got, expected; /* what stands there, and what should */
	int kit_error;         /* errno of a fork of the kit's own that failed; ECHILD: one of its
	                        * processes has died */
};

static inline int contest_slack(const struct contest *contest)
{
	return contest->mechanism == BARE_WAKE ? CONTEST_SLACK_OF_POOLS : CONTEST_SLACK;
}

/* Before call_begin and before the student's code starts anything, where the mechanism is
 * BARE_WAKE: gets the memory and starts the kit's own processes, which are no business of
 * the call. contest_run does it where it was not done, and gives all of it back. */
void contest_prepare(struct contest *contest);

/* Makes all measurements of a contest that has its workers, mechanism and seed. Ends early
 * when the student's way fails or gives wrong results. */
void contest_run(struct contest *contest, way_fn *student, void *context);

/* Chooses the sizes of the figure, ascending: from an eighth of where it can pay (a quarter
 * for pools), so that both sides of the crossover are seen, to twice the bound, so that one
 * size lies beyond it. */
void contest_choose_sizes(struct contest *contest);

/* The n from which parallel work can pay on this machine; INFINITY for one worker. */
double contest_pays_from(const struct contest *contest);

#endif
