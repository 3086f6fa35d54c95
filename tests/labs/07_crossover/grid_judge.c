/* Judging a point of the grid: see grid.h. Pure: looks at no clock. */
#include "grid.h"

#include "estimate.h"

static const double within_factor = 1.25, within_seconds = 20e-6;
static const double much_waiting = 0.2; /* of the wall time */

static double serial_of(const struct grid_round *round)
{
	return round->serial;
}

static double parallel_of(const struct grid_round *round)
{
	return round->parallel;
}

static double adaptive_of(const struct grid_round *round)
{
	return round->adaptive;
}

static double waited_of(const struct grid_round *round)
{
	return round->waited;
}

static double parallel_chosen(const struct grid_round *round)
{
	return round->went_parallel;
}

static double allowed(double better)
{
	return within_factor * better + within_seconds;
}

static double part_of_loop(const struct grid_round *round)
{
	return round->adaptive / allowed(round->serial);
}

static double part_of_parallel(const struct grid_round *round)
{
	return round->adaptive / allowed(round->parallel);
}

static double median(const struct grid_point *point, double (*figure)(const struct grid_round *))
{
	double values[GRID_ROUNDS];
	for (size_t i = 0; i < point->rounds; i++)
		values[i] = figure(&point->round[i]);
	return median_of(values, point->rounds);
}

static enum grid_state state_of(const struct grid_point *point, const struct grid_result *result)
{
	if (result->part <= 1)
		return GRID_INSIDE;
	if (point->rounds < GRID_ROUNDS)
		return GRID_GO_ON;
	return result->waited > much_waiting ? GRID_NOT_MEASURED : GRID_OUTSIDE;
}

/* The better way is that with the better median, not the luckier one of each round. */
struct grid_result grid_judge(const struct grid_point *point)
{
	struct grid_result result = { .state = GRID_GO_ON };
	if (point->rounds < GRID_FEW)
		return result;
	result.serial = median(point, serial_of);
	result.parallel = median(point, parallel_of);
	result.adaptive = median(point, adaptive_of);
	result.waited = median(point, waited_of);
	result.went_parallel = median(point, parallel_chosen) > 0.5;
	bool loop = result.serial < result.parallel;
	result.allowed = allowed(loop ? result.serial : result.parallel);
	result.part = median(point, loop ? part_of_loop : part_of_parallel);
	result.state = state_of(point, &result);
	return result;
}
