/* Lab 03: what is about pipes, and how the work is shared out. */
#define _GNU_SOURCE
#include "pipes.h"

#include <fcntl.h>
#include <unistd.h>

/* --- sharing ------------------------------------------------------------------- */

/* Hardly more tasks than workers: whoever gets what n / workers leaves over has far
 * more than the others. */
static void share_few(struct test *t)
{
	enum { WORKERS = 6, TASKS = 2 * WORKERS - 1, MOST = 4 };
	struct map *map = map_create(t, &pipe_map_kind, TASKS, WORKERS);
	map->plan.simulated = true;
	if (map_succeeds(t, map, NULL) && workload_makespan(&map->load) > MOST)
		verdict_fail(&t->verdict, UNBALANCED,
		             "Give the first n % workers of them one task more, instead of all that is "
		             "left over to one.",
		             "Of %d tasks for %d workers one worker did %.0f. Expected: 2, and at most "
		             "%d.",
		             TASKS, WORKERS, workload_makespan(&map->load), MOST);
	map_free(map);
}

/* Tasks of the same cost, in simulated time: see workload.h. */
void shares_the_work_evenly(struct test *t)
{
	enum { WORKERS = 3, TASKS = 20 * WORKERS };
	struct map *map = map_create(t, &pipe_map_kind, TASKS, WORKERS);
	map->plan.simulated = true;
	if (map_succeeds(t, map, NULL)) {
		double speed_up = workload_sum(&map->load) / workload_makespan(&map->load);
		if (speed_up < 0.8 * WORKERS)
			verdict_fail(&t->verdict, UNBALANCED,
			             "Give each worker n / workers tasks, and the first n % workers of them "
			             "one more.",
			             "Of %d tasks of the same cost one worker did %.0f, so that %d workers "
			             "are at best %.2f times as fast as one. Expected: at least %.2f.",
			             TASKS, workload_makespan(&map->load), WORKERS, speed_up, 0.8 * WORKERS);
	}
	map_free(map);
	if (verdict_open(&t->verdict))
		share_few(t);
}

/* --- full pipes ---------------------------------------------------------------- */

/* How many results fill a pipe: 64 KiB of them, on machines with pages of 4 KiB. */
static size_t results_in_a_pipe(void)
{
	int ends[2], bytes = -1;
	if (pipe(ends) == 0) {
		bytes = fcntl(ends[0], F_GETPIPE_SZ);
		close(ends[0]);
		close(ends[1]);
	}
	return (bytes > 0 ? (size_t)bytes : 65536) / sizeof(int32_t);
}

/* Every worker has far more results than a pipe holds, and meets the others in one
 * of its last tasks. A worker that sends as it computes is stopped by its full pipe
 * before it gets there, unless somebody reads that pipe meanwhile. */
void full_pipe_stops_nobody(struct test *t)
{
	enum { WORKERS = 3 };
	size_t slice = results_in_a_pipe() * 5 / 4;
	struct map *map = map_create(t, &pipe_map_kind, WORKERS * slice, WORKERS);
	map->plan.values = VALUES_ANY;
	map->plan.meet_at = slice * 9 / 10;
	struct call patient = { .limits = { .cpu_seconds = 10 } };
	if (map_succeeds(t, map, &patient)) {
		if (!rendezvous_complete(&map->meeting) &&
		    !map_stall_explained(t, map))
			verdict_fail(&t->verdict, PIPE_DEADLOCK,
			             "Either read all pipes as their data comes (poll), or let each worker "
			             "compute its whole slice before it sends.",
			             "Each worker had %zu results, more than a pipe holds, and waited for the "
			             "others in its task number %zu; only %u of %d came so far. The others "
			             "were stopped by their full pipes, which nobody was reading.",
			             slice, map->plan.meet_at, map->meeting.arrived_in_time, WORKERS);
		map_judge(t, map);
	}
	map_free(map);
}

/* --- inherited ends ------------------------------------------------------------ */

static bool uses(const struct outcome *o, pid_t pid, uint64_t pipe, bool writes)
{
	for (int i = 0; i < o->pipe_uses && i < PIPE_USES; i++)
		if (o->pipe_use[i].pid == pid && o->pipe_use[i].pipe == pipe &&
		    o->pipe_use[i].writes == writes)
			return true;
	return false;
}

/* Another worker that uses this pipe, or -1. */
static int user_of(const struct map *map, const struct outcome *o, int except, uint64_t pipe)
{
	for (int i = 0; i < map->processes && i < MAP_PROCESSES; i++)
		if (i != except && (uses(o, map->process[i].pid, pipe, false) ||
		                    uses(o, map->process[i].pid, pipe, true)))
			return i;
	return -1;
}

/* In the order in which the caller started them; -1: it did not. */
static int rank_of(const struct outcome *o, pid_t pid)
{
	for (int i = 0; i < o->starts && i < SCENE_STARTS; i++)
		if (o->started[i] == pid)
			return i;
	return -1;
}

/* An end that a worker holds and never uses, of a pipe that another worker uses. */
static void judge_ends(struct test *t, const struct map *map, int which)
{
	const struct map_process *p = &map->process[which];
	for (int i = 0; i < p->pipes; i++) {
		int other = user_of(map, &t->outcome, which, p->pipe[i].pipe);
		if (other == -1 || uses(&t->outcome, p->pid, p->pipe[i].pipe, p->pipe[i].writes))
			continue;
		verdict_fail(&t->verdict, LEAKED_FD,
		             "A child gets a copy of every descriptor that is open at its fork. Close "
		             "there what belongs to the workers before it; and close each write end in "
		             "the parent before the next fork.",
		             "While it ran its tasks, worker %d (pid %d) held the %s end of the pipe that "
		             "worker %d uses (descriptor %d), and never used it. Expected: no worker holds "
		             "an end of another worker's pipe.",
		             rank_of(&t->outcome, p->pid), (int)p->pid,
		             p->pipe[i].writes ? "write" : "read",
		             rank_of(&t->outcome, map->process[other].pid), p->pipe[i].fd);
	}
}

void keeps_pipe_ends_apart(struct test *t)
{
	struct map *map = map_create(t, &pipe_map_kind, 12, 4);
	map->plan.survey = true;
	map->plan.meet_at = 1;
	if (map_succeeds(t, map, NULL))
		for (int i = 0; i < map->processes && i < MAP_PROCESSES; i++)
			judge_ends(t, map, i);
	map_free(map);
}
