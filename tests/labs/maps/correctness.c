/* Every map: is each task run once, and does its result stand where it belongs? */
#include "map.h"

/* One call, held against everything that a good one is. */
static void judge_call(struct test *t, struct map *map)
{
	if (map_succeeds(t, map, NULL)) {
		map_judge(t, map);
		if (map->plan.n >= (size_t)map->plan.workers) /* fewer tasks have a test of their own */
			map_judge_starts(t, map);
	}
	map_free(map);
}

/* All workers take a task before any is done, and the last to take one is the first
 * to go on: then results do not come in the order of the seeds. */
static void try_disorder(struct test *t, const struct map_kind *kind, size_t n, int workers)
{
	if (!verdict_open(&t->verdict))
		return;
	struct map *map = map_create(t, kind, n, workers);
	map->plan.meet_at = 1;
	if (kind->form != MAP_HISTOGRAM)
		map->plan.values = VALUES_ANY;
	judge_call(t, map);
}

/* The second call must not depend on the first. */
static void try_twice(struct test *t, const struct map_kind *kind, size_t n, int workers)
{
	if (!verdict_open(&t->verdict))
		return;
	struct map *map = map_create(t, kind, n, workers);
	map->plan.calls = 2;
	judge_call(t, map);
}

static void try_size(struct test *t, const struct map_kind *kind, size_t n, int workers,
                     size_t chunk)
{
	if (!verdict_open(&t->verdict))
		return;
	struct map *map = map_create(t, kind, n, workers);
	map->plan.chunk = chunk;
	if (kind->form != MAP_HISTOGRAM && n % 2 == 1)
		map->plan.values = VALUES_ANY;
	judge_call(t, map);
}

static bool among(size_t size, const size_t sizes[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (sizes[i] == size)
			return true;
	return false;
}

/* A single task first: it is the easiest to understand. */
void map_test_order(struct test *t, const struct map_kind *kind)
{
	enum { MANY = 101 }; /* a prime */
	for (int workers = 1; workers <= 4; workers++) {
		size_t w = (size_t)workers;
		const size_t sizes[] = { 1, 2, w - 1, w, w + 1, MANY, 0 };
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
			if (!among(sizes[i], sizes, i))
				try_size(t, kind, sizes[i], workers, 1);
	}
	try_twice(t, kind, MANY, 2);
	try_disorder(t, kind, MANY, 4);
	const size_t chunks[] = { 3, 7, MANY - 1, MANY, MANY + 5, SIZE_MAX / 2 + 1, SIZE_MAX };
	for (size_t i = 0; kind->form == MAP_CHUNKED && i < sizeof chunks / sizeof *chunks; i++)
		try_size(t, kind, MANY, 3, chunks[i]);
}

/* Far beyond what a pipe holds, with results of every kind. */
void map_test_many_tasks(struct test *t, const struct map_kind *kind)
{
	struct map *map = map_create(t, kind, 1000000, 3);
	map->plan.values = kind->form == MAP_HISTOGRAM ? VALUES_CHEAP : VALUES_ANY;
	map->plan.chunk = 1000;
	struct call patient = { .limits = { .cpu_seconds = 30, .most_seconds = 60 } };
	if (map_succeeds(t, map, &patient))
		map_judge(t, map);
	map_free(map);
}
