/* The wall-clock verdict: is it faster, as far as this machine lets anything be?
 *
 * A round times the same work three times, in random order: serially, by the
 * student's code, and by bare processes of the kit. The last is the ceiling: what this
 * machine gives in this minute. The rules, for P workers:
 *
 * - A round counts if its ceiling is between 80% of P and a little more than P
 *   (more: then the serial run was disturbed), and if the serial run had its CPU
 *   to itself. Other rounds are void.
 * - It is won if the student's speed-up is above the geometric mean of 1 and the
 *   ceiling, the middle between "no faster" and "as fast as can be".
 * - Who leads by 5 rounds has won, who is behind by 9 has lost (sequential.h). But
 *   losing says something about the student's code only if the machine was free: at
 *   least half of the rounds counted, and other programs used next to nothing. For
 *   who shares the machine with a busy neighbour loses rounds by chance; nobody wins
 *   them by chance.
 * - After 60 void rounds, or 120 in all, it is not measured; after 6 void ones where
 *   hardly any has counted and other programs use a good part of the CPUs.
 *
 * Pure functions of what was measured; nothing here looks at a clock.
 */
#ifndef ROUNDS_H
#define ROUNDS_H

#include <stdbool.h>
#include <stddef.h>

enum {
	ROUNDS_LEAD = 5,
	ROUNDS_LEAD_SURE = 9, /* for a defeat */
	ROUNDS_VOID_MOST = 60,
	ROUNDS_VOID_FEW = 6,  /* where it is hopeless */
	ROUNDS_IN_ALL = 120
};

/* What was measured in one round, in seconds. */
struct round {
	double serial, student, bare; /* wall time */
	double serial_cpu;            /* CPU time of the serial run */
	double wall, others, stolen;  /* of the whole round: how long it took, and the CPU time
	                               * that other programs, and other machines, used meanwhile,
	                               * on as many CPUs as there are workers */
};

enum rounds_state { ROUNDS_GO_ON, ROUNDS_FASTER, ROUNDS_NOT_FASTER, ROUNDS_NOT_MEASURED };

struct rounds_result {
	enum rounds_state state;
	int counted, empty;  /* rounds that count, and void ones */
	int won;             /* of those that count */
	double speedup;      /* medians over the rounds that count, or over all if none does: */
	double ceiling;      /* of serial / student, serial / bare, */
	double required;     /* and the middle that was to be passed */
	double others;       /* the share of the CPUs that other programs used, 0 to 1 */
	double stolen;       /* and the machine's host */
};

/* Judges the first `count` rounds, made with so many workers. Says ROUNDS_GO_ON as
 * long as another round is needed. */
struct rounds_result rounds_judge(const struct round rounds[], size_t count, int workers);

/* Whether this round counts. */
bool round_counts(const struct round *round, int workers);

/* Whether the machine was free enough for a bad result to be the code's own. */
bool rounds_machine_was_free(const struct rounds_result *result);

#endif
