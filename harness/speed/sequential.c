/* First to lead by k: see sequential.h. */
#include "sequential.h"

#include <math.h>

struct sequential sequential_start(int needed)
{
	return (struct sequential){ .needed = needed };
}

void sequential_add(struct sequential *s, bool first_won)
{
	if (sequential_leader(s) == LEADER_NONE) /* what has been decided stays so */
		s->lead += first_won ? 1 : -1;
}

enum leader sequential_leader(const struct sequential *s)
{
	if (s->lead >= s->needed)
		return LEADER_FIRST;
	return s->lead <= -s->needed ? LEADER_SECOND : LEADER_NONE;
}

double sequential_error(double p, int k)
{
	return p <= 0 ? 0 : 1 / (1 + pow((1 - p) / p, k));
}
