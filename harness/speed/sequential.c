/* First to lead by k: see sequential.h. */
#include "sequential.h"

#include <math.h>

struct sequential sequential_start(int first_needed, int second_needed)
{
	return (struct sequential){ .first_needed = first_needed, .second_needed = second_needed };
}

void sequential_add(struct sequential *s, bool first_won)
{
	if (sequential_leader(s) == LEADER_NONE) /* what has been decided stays so */
		s->lead += first_won ? 1 : -1;
}

enum leader sequential_leader(const struct sequential *s)
{
	if (s->lead >= s->first_needed)
		return LEADER_FIRST;
	return s->lead <= -s->second_needed ? LEADER_SECOND : LEADER_NONE;
}

double sequential_error(double p, int k)
{
	return p <= 0 ? 0 : 1 / (1 + pow((1 - p) / p, k));
}
