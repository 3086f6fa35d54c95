/* What a map made of its tasks, held against the plan: see map.h. */
#include <stdlib.h>
#include <string.h>

#include "fence.h"
#include "map.h"

/* --- what was written -------------------------------------------------------- */

static bool all_are_zero(const struct map *map)
{
	for (size_t i = 0; i < map->plan.n; i++)
		if (map->results[i] != 0)
			return false;
	return true;
}

/* How many of the first bytes of a number came, if the rest is as it was: else 0. */
static int written_bytes(int32_t got, int32_t expected)
{
	for (int bytes = 1; bytes < 4; bytes++) {
		uint32_t mask = 0xffffffffu << (8 * bytes), fresh = (uint32_t)FENCE_FRESH;
		if ((uint32_t)got == (((uint32_t)expected & ~mask) | (fresh & mask)))
			return bytes;
	}
	return 0;
}

static void judge_results(struct test *t, const struct map *map)
{
	size_t n = map->plan.n, different = 0, first = 0;
	for (size_t i = n; i-- > 0;) {
		if (map->results[i] != map_value(map, i)) {
			different++;
			first = i;
		}
	}
	if (different == 0)
		return;
	int32_t got = map->results[first], expected = map_value(map, first);
	if (got == FENCE_FRESH)
		verdict_fail(&t->verdict, WRONG_RESULT,
		             different == n
		                 ? "What a child writes to its memory stays in the child: the parent must "
		                   "get it from a pipe, or from shared memory, and write it itself."
		                 : "If it comes through a pipe: a read brings what is there, not all. Or "
		                   "look at the bounds of each worker's part, above all of the last.",
		             "%s: results[%zu] was never written. Expected: %d. %zu of %zu differ.",
		             map_text(map), first, expected, different, n);
	if (written_bytes(got, expected) > 0)
		verdict_fail(&t->verdict, WRONG_RESULT,
		             "Sizes count bytes: n results are n * sizeof *results of them.",
		             "%s: of results[%zu] only the first %d of 4 bytes were written. Expected: "
		             "%d. %zu of %zu differ.",
		             map_text(map), first, written_bytes(got, expected), expected, different, n);
	if (got == 0 && all_are_zero(map))
		verdict_fail(&t->verdict, WRONG_RESULT,
		             "Is it MAP_SHARED? With MAP_PRIVATE, what a child writes stays in the child. "
		             "And is it mapped before the fork?",
		             "%s: results[%zu] is 0. Expected: %d. All of them are 0, like memory to which "
		             "nobody has written.",
		             map_text(map), first, expected);
	for (size_t i = 0; i < n && got != 0; i++) /* 0 is also what was never written */
		if (i != first && got == map_value(map, i) && map->plan.values == VALUES_ANY)
			verdict_fail(&t->verdict, WRONG_RESULT,
			             "Put each result where its seed stands, whichever comes first.",
			             "%s: results[%zu] is %d, which is the result of seeds[%zu]. Expected: "
			             "%d. %zu of %zu differ.",
			             map_text(map), first, got, i, expected, different, n);
	verdict_fail(&t->verdict, WRONG_RESULT,
	             "results[i] is what task(seeds[i]) returned: print i and both numbers, to stderr, "
	             "where you write it.",
	             "%s: results[%zu] is %d. Expected: %d. %zu of %zu differ.", map_text(map), first,
	             got, expected, different, n);
}

static void judge_bins(struct test *t, const struct map *map)
{
	size_t nbins = map->plan.nbins;
	uint64_t *expected = calloc(nbins + 1, sizeof *expected), sum = 0;
	for (size_t i = 0; expected != NULL && i < map->plan.n; i++)
		expected[map_value(map, i)]++;
	for (size_t bin = 0; bin < nbins; bin++)
		sum += map->bins[bin];
	for (size_t bin = 0; expected != NULL && bin < nbins; bin++)
		if (map->bins[bin] != expected[bin])
			verdict_fail(&t->verdict, WRONG_RESULT,
			             sum < map->plan.n
			                 ? "When two workers add to the same bin at once, one addition is "
			                   "lost: count in bins of your own and add them up under a lock, "
			                   "or with atomic_fetch_add."
			                 : "Do the bins start at 0, and does each result count once?",
			             "%s: bins[%zu] is %llu. Expected: %llu. All bins together hold %llu "
			             "results of %zu.",
			             map_text(map), bin, (unsigned long long)map->bins[bin],
			             (unsigned long long)expected[bin], (unsigned long long)sum,
			             map->plan.n);
	free(expected);
}

void map_judge_bins_untouched(struct test *t, const struct map *map)
{
	uint64_t fresh;
	memset(&fresh, FENCE_FRESH & 0xff, sizeof fresh);
	for (size_t bin = 0; map->plan.kind->form == MAP_HISTOGRAM && bin < map->plan.nbins; bin++)
		if (map->bins[bin] != fresh)
			verdict_fail(&t->verdict, WRONG_RESULT,
			             "Count elsewhere, and write the caller's bins when all went well.",
			             "%s failed, but changed bins[%zu]. Expected: after a failure the bins "
			             "are as they were.",
			             map_text(map), bin);
}

void map_judge_fences(struct test *t, const struct map *map)
{
	bool bins = map->plan.kind->form == MAP_HISTOGRAM;
	judge_fence(&t->verdict, map->broken_output, bins ? "bins" : "results",
	            bins ? map->plan.nbins : map->plan.n, bins ? sizeof *map->bins : sizeof *map->results);
	judge_fence(&t->verdict, map->broken_seeds, "seeds", map->plan.n, sizeof(uint32_t));
}

void map_judge_output(struct test *t, const struct map *map)
{
	map_judge_fences(t, map);
	if (map->seeds_changed)
		verdict_fail(&t->verdict, WRONG_RESULT, "The seeds are const: read them only.",
		             "%s changed the caller's seeds.", map_text(map));
	if (map->plan.kind->form == MAP_HISTOGRAM)
		judge_bins(t, map);
	else
		judge_results(t, map);
}

/* --- the tasks --------------------------------------------------------------- */

void map_judge_tasks(struct test *t, const struct map *map)
{
	size_t n = map->plan.n, lost = 0, repeated = 0, first_lost = 0, first_repeated = 0;
	for (size_t i = n; i-- > 0;) {
		int times = map->times[i];
		if (times < map->plan.calls) {
			lost++;
			first_lost = i;
		}
		if (times > map->plan.calls) {
			repeated++;
			first_repeated = i;
		}
	}
	if (repeated > 0)
		verdict_fail(&t->verdict, REPEATED_TASK,
		             map->plan.kind->form == MAP_CHUNKED
		                 ? "Taking the next chunk must be one step that no other worker can come "
		                   "into: a lock around it, or atomic_fetch_add."
		                 : "Where one worker's part ends, the next one's begins: print both bounds.",
		             "%s ran the task for seeds[%zu] %d times, and %zu of %zu tasks more than "
		             "once. Expected: once each.",
		             map_text(map), first_repeated, map->times[first_repeated], repeated, n);
	if (lost > 0 && map->times[first_lost] > 0)
		verdict_fail(&t->verdict, LOST_TASK,
		             "What does the first call leave that a later one finds: a static variable, a "
		             "name in /dev/shm? Each call begins anew.",
		             "%s was called %d times, and ran the task for seeds[%zu] %d time%s in all; so "
		             "it is with %zu of %zu tasks. Expected: once in each call.",
		             map_text(map), map->plan.calls, first_lost, map->times[first_lost],
		             map->times[first_lost] == 1 ? "" : "s", lost, n);
	if (lost > 0)
		verdict_fail(&t->verdict, LOST_TASK,
		             lost == n ? "In each worker, call task(seeds[i]) for every i of its part."
		                       : "n is not always a multiple of workers: who does the rest?",
		             "%s never ran the task for seeds[%zu]; %zu of %zu were not run. Expected: "
		             "once each.",
		             map_text(map), first_lost, lost, n);
	if (map->strangers > 0)
		verdict_fail(&t->verdict, OUT_OF_BOUNDS,
		             "Check the bounds of each worker's part against n.",
		             "%s ran tasks (%zu) for seeds that it was not given: it read beyond seeds[%zu].",
		             map_text(map), (size_t)map->strangers, n == 0 ? 0 : n - 1);
}

/* --- the processes ----------------------------------------------------------- */

static size_t wanted(const struct map *map)
{
	size_t workers = (size_t)map->plan.workers;
	return workers < map->plan.n ? workers : map->plan.n;
}

void map_judge_starts(struct test *t, const struct map *map)
{
	size_t most = wanted(map) * (size_t)map->plan.calls;
	if ((size_t)t->outcome.forks <= most)
		return;
	if ((size_t)t->outcome.forks > most)
		judge_detached(&t->verdict, &t->outcome);
	verdict_fail(&t->verdict, EXTRA_PROCESSES,
	             map->plan.n < (size_t)map->plan.workers
	                 ? "With fewer tasks than workers, start one process for each task; with "
	                   "n = 0, none."
	                 : "Fork once for each worker, in the caller alone: a child must never come "
	                   "to the next fork.",
	             "%s started %d process%s. Expected: %zu, %s.", map_text(map), t->outcome.forks,
	             t->outcome.forks == 1 ? "" : "es", most,
	             map->plan.n < (size_t)map->plan.workers ? "one for each task"
	                                                     : "one for each worker");
}

void map_judge_processes(struct test *t, const struct map *map)
{
	size_t most = wanted(map);
	if (map->in_caller > 0)
		verdict_fail(&t->verdict, NO_PROCESSES,
		             t->outcome.threads > 0
		                 ? "A thread is in the caller's process: fork a child for each worker."
		                 : "Call task in the children only, and bring the results back.",
		             "%s ran %zu of %zu tasks in the caller's own process%s. Expected: in %zu child "
		             "processes.",
		             map_text(map), (size_t)map->in_caller, map->plan.n * (size_t)map->plan.calls,
		             t->outcome.threads > 0 ? ", in threads" : "", most);
	if ((size_t)map->processes < most * (size_t)map->plan.calls)
		verdict_fail(&t->verdict, NO_PROCESSES,
		             "Give every worker a part of the tasks, as even as can be.",
		             "%s ran its %zu tasks in %d process%s. Expected: in %zu.", map_text(map),
		             map->plan.n, map->processes, map->processes == 1 ? "" : "es", most);
}

void map_judge(struct test *t, const struct map *map)
{
	map_judge_tasks(t, map);
	map_judge_output(t, map);
}
