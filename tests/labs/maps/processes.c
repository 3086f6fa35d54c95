/* Every map: who runs the tasks, and do they run side by side? */
#include "map.h"

/* All processes meet in their first tasks, so that a fast one cannot do the work of
 * a dynamic map before the others have begun. One task is left over when they are
 * shared out, which the caller may not do either. */
void map_test_processes(struct test *t, const struct map_kind *kind)
{
	struct map *map = map_create(t, kind, 13, 3);
	map->plan.meet_at = 1;
	if (map_succeeds(t, map, NULL)) {
		map_judge_processes(t, map);
		map_judge_starts(t, map);
		map_judge(t, map);
	}
	map_free(map);
}

bool map_meets(struct test *t, const struct map_kind *kind, int workers)
{
	struct map *map = map_create(t, kind, (size_t)workers, workers);
	map->plan.meet_at = 1;
	if (map_succeeds(t, map, NULL) && map->in_caller > 0)
		map_judge_processes(t, map);
	else if (verdict_open(&t->verdict) && !rendezvous_complete(&map->meeting))
		verdict_fail(&t->verdict, SERIALISED,
		             "Start all workers first. Then, in a second loop, read and wait; and hold "
		             "no lock while a task runs.",
		             "%d tasks in %d workers were to meet, but only %u of them had begun when nothing "
		             "moved any more: the others came later, or in the same process. Expected: "
		             "all run side by side.",
		             workers, workers, map->meeting.arrived_in_time);
	map_free(map);
	return verdict_open(&t->verdict);
}

void map_test_together(struct test *t, const struct map_kind *kind)
{
	if (map_meets(t, kind, 2))
		map_meets(t, kind, 5);
}

static void try_few(struct test *t, const struct map_kind *kind, size_t n, int workers)
{
	struct map *map = map_create(t, kind, n, workers);
	if (verdict_open(&t->verdict) && map_succeeds(t, map, NULL)) {
		map_judge_starts(t, map);
		map_judge(t, map);
	}
	map_free(map);
}

void map_test_few_tasks(struct test *t, const struct map_kind *kind)
{
	try_few(t, kind, 3, 8);
	try_few(t, kind, 1, 5);
	try_few(t, kind, 2, 40);
	try_few(t, kind, 0, 4);
	try_few(t, kind, 70, 90);
}
