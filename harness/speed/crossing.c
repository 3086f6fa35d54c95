/* Early or late: see crossing.h. */
#include "crossing.h"

#include <math.h>

#include "estimate.h"

enum { LATE_ROUNDS = 9 }; /* nobody is called late after fewer */

static const double little_seconds = 0.5; /* more rounds than a few are made in this time */
static const double free_others = 0.10; /* of the CPUs, used by others on a free machine */

/* Rows of one way, as the estimate takes them. */
static struct crossover_estimate estimate(const struct contest *c,
                                          const double way[][CONTEST_SIZE_ROUNDS])
{
	struct samples samples[CONTEST_SIZES];
	for (int i = 0; i < CONTEST_SIZES; i++)
		samples[i] = (struct samples){ .n = c->size[i], .serial = c->serial[i],
			                           .parallel = way[i], .rounds = c->size_rounds };
	return crossover_estimate(samples, CONTEST_SIZES);
}

static bool machine_was_free(const struct crossing *crossing)
{
	return crossing->bare_n <= crossing->bound && crossing->others <= free_others &&
	       crossing->stolen <= free_others;
}

/* Beyond the bound, and not because that was measured at a better moment: bare processes
 * were far ahead in the very same rounds. */
static bool late(const struct contest *contest, double line_n, const struct crossing *crossing)
{
	return line_n > crossing->bound && crossing->n > CROSSING_AHEAD * crossing->bare_n &&
	       contest->size_rounds >= LATE_ROUNDS && machine_was_free(crossing);
}

static double share(double seconds, const struct contest *c)
{
	double time = c->wall * c->workers;
	return time > 0 && seconds > 0 ? seconds / time : 0;
}

/* A worker that is woken on its waker's CPU may stay there for milliseconds. That spoils
 * single sizes of a pool's figure again and again, but not a line through all of them; so
 * after some rounds the line is enough. */
static bool line_is_enough(const struct contest *c, double line_n, const struct crossing *crossing)
{
	return c->mechanism == BARE_WAKE && c->size_rounds >= LATE_ROUNDS && line_n <= crossing->bound;
}

struct crossing crossing_judge(const struct contest *contest)
{
	struct crossing crossing = {
		.pays_from = contest_pays_from(contest),
		.bound = contest_slack(contest) * contest_pays_from(contest),
		.n = INFINITY,
		.bare_n = INFINITY,
		.others = share(contest->others, contest),
		.stolen = share(contest->stolen, contest),
		.largest = contest->size[CONTEST_SIZES - 1],
	};
	if (contest->size_rounds == 0)
		return crossing;
	struct crossover_estimate own = estimate(contest, contest->student);
	bool lines_late = own.line_n > crossing.bound;
	crossing.n = own.found || !lines_late ? own.n : own.line_n; /* beyond what was measured */
	crossing.bare_n = estimate(contest, contest->bare).n;
	if (own.n <= crossing.bound) {
		crossing.state = CROSSING_EARLY;
	} else if (late(contest, own.line_n, &crossing)) {
		crossing.state = CROSSING_LATE;
	} else if (line_is_enough(contest, own.line_n, &crossing)) {
		crossing.state = CROSSING_EARLY;
		crossing.n = own.line_n;
	}
	return crossing;
}

bool crossing_wants_more(const struct contest *contest)
{
	if (contest->size_rounds >= CONTEST_SIZE_ROUNDS)
		return false;
	bool few = contest->size_rounds < CONTEST_SIZE_FEW ||
	           (contest->size_rounds < CONTEST_SIZE_ENOUGH && contest->wall < little_seconds);
	return few ||
	       crossing_judge(contest).state == CROSSING_UNCLEAR;
}
