/* Sizes and rounds: see plan.h. */
#include "plan.h"

enum { SHORT_CALLS = 20000, LONG_CALLS = 100000 }; /* tasks */

static const size_t steps[] = { 1, 2, 3, 5, 7, 10, 12, 15, 20, 30, 50, 70, 100, 200, 500, 1000,
	                            2000, 5000, 10000, 20000, 50000, 100000, 300000, 1000000 };
enum { STEPS = sizeof steps / sizeof *steps };

int plan_sizes(size_t max, size_t n[PLAN_SIZES])
{
	int count = 0;
	while (count < STEPS && steps[count] < max) {
		n[count] = steps[count];
		count++;
	}
	n[count++] = max;
	return count;
}

int plan_rounds(size_t n, int rounds)
{
	int fewer = n <= SHORT_CALLS ? rounds : n <= LONG_CALLS ? rounds / 2 : rounds / 4;
	int least = rounds < 3 ? rounds : 3;
	fewer -= fewer % 2 == 0; /* odd, so that a median is one of them */
	return fewer < least ? least : fewer;
}

bool plan_in_round(size_t n, int round, int rounds)
{
	int part = plan_rounds(n, rounds);
	return (round + 1) * part / rounds > round * part / rounds;
}

/* Xorshift (Marsaglia, 2003). */
static unsigned draw(unsigned *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

void plan_order(int order[], int count, unsigned *state)
{
	for (int i = 0; i < count; i++) {
		int other = (int)(draw(state) % (unsigned)(i + 1));
		order[i] = order[other];
		order[other] = i;
	}
}
