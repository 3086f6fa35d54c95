/* Every map: interrupted calls, short transfers, starts that fail, workers that die.
 *
 * Each of these first makes the same call with nothing going wrong, so that what
 * fails after that is due to what the test did. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "map.h"

/* Three slices, each larger than a pipe. */
enum { LARGE = 60000, SMALL = 7, WORKERS = 3 };

static struct map *create(struct test *t, const struct map_kind *kind, size_t n)
{
	struct map *map = map_create(t, kind, n, WORKERS);
	if (kind->form == MAP_HISTOGRAM)
		map->plan.values = VALUES_CHEAP;
	else
		map->plan.values = VALUES_ANY;
	map->plan.chunk = n > LARGE / 2 ? 1000 : 1;
	return map;
}

static bool good_without_faults(struct test *t, const struct map_kind *kind, size_t n)
{
	struct map *map = create(t, kind, n);
	bool good = map_good_without_faults(t, &map->plan);
	map_free(map);
	return good;
}

/* --- interruptions and short transfers ---------------------------------------- */

enum { CROWD = 150 };

/* CROWD: all workers begin at once, take their tasks one by one, and may stop at any
 * instruction, so that a lock which an interrupted call did not get is missed. */
static void disturb(struct test *t, const struct map_kind *kind, size_t n, const struct call *how)
{
	struct map *map = create(t, kind, n);
	if (n == CROWD) {
		map->plan.chunk = 1;
		map->plan.meet_at = 1;
		map->plan.at_once = true;
		map->plan.steps = true;
	}
	if (map_succeeds(t, map, how)) {
		map_judge(t, map);
		judge_children(&t->verdict, &t->outcome);
		judge_descriptors(&t->verdict, &t->outcome);
	}
	map_free(map);
}

static void interrupt(struct test *t, const struct map_kind *kind, uint32_t round, size_t n)
{
	struct call interrupted = {
		.limits = { .cpu_seconds = n == CROWD ? 20 : 0 }, /* every instruction is a signal */
		.faults = { .interrupt_seed = test_random(t, round) | 1,
		            .signal_seconds = round % 2 == 0 ? 0.002 : 0,
		            .delay_seed = n == CROWD ? test_random(t, 50 + round) | 1 : 0 },
	};
	disturb(t, kind, n, &interrupted);
	bool known = t->outcome.unanswered[0] != '\0';
	verdict_blame(&t->verdict, INTERRUPTED_CALL,
	              "Where read, write, poll or a wait returns -1 with errno = EINTR, nothing has "
	              "happened yet: call it again.",
	              "Signals were handled while your function ran, and calls returned EINTR (%s%s%s; "
	              "SEED=%u replays it). It did not survive that: ",
	              known ? "" : "the first: ",
	              known ? t->outcome.unanswered : t->outcome.first_fault,
	              known ? " was not called again" : "", t->seed);
}

void map_test_interruptions(struct test *t, const struct map_kind *kind)
{
	enum { ROUNDS = 8, CROWDS = 5 };
	if (!good_without_faults(t, kind, LARGE))
		return;
	for (uint32_t round = 0; round < ROUNDS && verdict_open(&t->verdict); round++)
		interrupt(t, kind, round, round % 4 == 3 ? SMALL : LARGE);
	for (uint32_t round = 0; round < CROWDS && verdict_open(&t->verdict); round++)
		if (kind->form == MAP_CHUNKED)
			interrupt(t, kind, ROUNDS + round, CROWD);
}

void map_test_short_transfers(struct test *t, const struct map_kind *kind)
{
	enum { ROUNDS = 8, IN_VAIN = 2 }; /* who moves nothing in so many never does */
	uint32_t in_vain = 0;
	if (!good_without_faults(t, kind, LARGE))
		return;
	for (uint32_t round = 0; round < ROUNDS && in_vain < IN_VAIN && verdict_open(&t->verdict);
	     round++) {
		struct call cut = { .faults = { .short_seed = test_random(t, 100 + round) | 1 } };
		disturb(t, kind, LARGE, &cut);
		in_vain += t->outcome.short_transfers == 0;
		if (t->outcome.short_transfers == 0)
			continue;
		verdict_blame(&t->verdict, SHORT_TRANSFER,
		              "Add up what read and write return, and call them in a loop until all has "
		              "been moved.",
		              "%d transfers moved fewer bytes than asked, as a pipe may (the first: %s; "
		              "SEED=%u replays it). Your function did not survive that: ",
		              t->outcome.short_transfers, t->outcome.first_fault, t->seed);
	}
}

/* --- calls that fail ----------------------------------------------------------- */

struct failing_call {
	enum failing which;
	const char *name;
	int error;
};

/* After the k-th call failed: -1 with its errno, and nothing is left. Memory is a
 * special case: a worker, too, may have asked for it, and then ended. */
static void judge_failed(struct test *t, const struct map *map, const struct failing_call *f, int k)
{
	bool returned = t->outcome.ending == ENDING_RETURNED, memory = f->which == FAIL_ALLOCATE;
	if (memory && returned && t->outcome.value == 0)
		map_judge(t, map); /* it did without */
	else if (returned && t->outcome.value != -1)
		verdict_fail(&t->verdict, IGNORED_FAILURE, "", "%s returned %ld instead of -1.",
		             map_text(map), t->outcome.value);
	judge_leftovers(&t->verdict, &t->outcome);
	if (t->outcome.kills_of_all > 0)
		verdict_fail(&t->verdict, IGNORED_FAILURE, "",
		             "it called kill(-1, ...), which ends every process of the user: the -1 "
		             "was what fork had returned.");
	verdict_blame(&t->verdict, IGNORED_FAILURE,
	              f->which == FAIL_ALLOCATE || f->which == FAIL_MAP
	                  ? "Check what it returned (malloc: NULL, mmap: MAP_FAILED); undo what was "
	                    "done so far, and return -1."
	                  : "When it returns -1, keep its errno, close what was opened, kill and wait "
	                    "for the workers started so far, then return -1.",
	              "The test made %s number %d fail, and all later ones, with %s. After that: ",
	              f->name, k, strerrorname_np(f->error));
	if (!returned || t->outcome.value == 0)
		return;
	map_judge_bins_untouched(t, map);
	if (!memory || t->outcome.error != ECHILD)
		judge_failure(&t->verdict, &t->outcome, f->error, map_text(map), "after a failed call");
	if (t->verdict.diagnosis == WRONG_ERRNO && t->outcome.failed[f->which] > 1)
		verdict_blame(&t->verdict, IGNORED_FAILURE,
		              "Check what each call returned. When it is a failure, go no further: undo what "
		              "was done so far, and return -1 with its errno.",
		              "The test made %s number %d fail, and all later ones, with %s. Your function "
		              "went on and made %d more of these calls. After that: ",
		              f->name, k, strerrorname_np(f->error), t->outcome.failed[f->which] - 1);
	if (t->verdict.diagnosis == WRONG_ERRNO)
		verdict_blame(&t->verdict, WRONG_ERRNO,
		              "Check what it returned. If that is a failure, keep errno in a variable: "
		              "other calls change it. Set errno to that as the last thing before you "
		              "return -1.",
		              "The test made %s number %d fail, and all later ones, with %s. After that: ",
		              f->name, k, strerrorname_np(f->error));
}

/* Every k, until the map no longer makes so many of these calls. */
static bool fail_each(struct test *t, const struct map_kind *kind, const struct failing_call *f)
{
	enum { MOST = 24 };
	bool any = false, more = true;
	for (int k = 1; more && k <= MOST && verdict_open(&t->verdict); k++) {
		struct map *map = create(t, kind, LARGE);
		struct call call = { 0 };
		call.faults.fails_from[f->which] = k;
		call.faults.fails_with[f->which] = f->error;
		map_call(t, map, &call);
		more = t->outcome.failed[f->which] > 0;
		any = any || more;
		if (more)
			judge_failed(t, map, f, k);
		map_free(map);
	}
	return any;
}

void map_test_failed_start(struct test *t, const struct map_kind *kind)
{
	static const struct failing_call calls[] = {
		{ FAIL_FORK, "fork", EAGAIN },
		{ FAIL_PIPE, "pipe", EMFILE },
		{ FAIL_MAP, "mmap", ENOMEM },
		{ FAIL_ALLOCATE, "malloc (or calloc)", ENOMEM },
	};
	bool any = false;
	if (!good_without_faults(t, kind, LARGE))
		return;
	for (size_t i = 0; i < sizeof calls / sizeof *calls && verdict_open(&t->verdict); i++)
		any = fail_each(t, kind, &calls[i]) || any;
	if (!any)
		verdict_set(&t->verdict, VERDICT_NOT_MEASURED,
		            "No call could be made to fail: the workers come from neither fork, clone nor "
		            "syscall.");
}

/* --- a worker that dies -------------------------------------------------------- */

/* What mends it, where no more is known than that a worker's death was not seen. */
static const char *next_step_of_death(const struct test *t, const struct map *map)
{
	if (t->outcome.ending == ENDING_KILLED && t->outcome.signal == SIGPIPE)
		return "SIGPIPE ends whoever writes to a pipe that no process can read any more. Write "
		       "nothing to a worker that has died: close its pipe instead.";
	if (t->outcome.ending == ENDING_TIMED_OUT)
		return "A worker that has died posts nothing, unlocks nothing and comes to no barrier. Let "
		       "nobody wait for that: waitpid, or the end of its pipe, is what tells. Then return "
		       "-1 with ECHILD.";
	if (map->plan.death == DEATH_BY_EXIT)
		return "An exit status of 0 does not say that the work is done: has the parent got every "
		       "result of that worker? If not: -1 with ECHILD.";
	return "When a worker's results do not all come (its pipe ends early, its status is not as it "
	       "should be), let the others end, wait for all, and return -1 with ECHILD.";
}

static void judge_death(struct test *t, const struct map *map)
{
	const struct map_plan *plan = &map->plan;
	bool returned = t->outcome.ending == ENDING_RETURNED;
	struct verdict hang = t->verdict;
	if (map->in_caller > 0) {
		map_judge_processes(t, map);
		return;
	}
	if (returned && t->outcome.value != -1)
		verdict_fail(&t->verdict, WORKER_DEATH, "", "%s returned %ld instead of -1.",
		             map_text(map), t->outcome.value);
	judge_leftovers(&t->verdict, &t->outcome);
	verdict_blame(&t->verdict, WORKER_DEATH,
	              hang.diagnosis == PIPE_DEADLOCK ? hang.next_step : next_step_of_death(t, map),
	              "The task for seeds[%zu] of %zu ended its own worker, %s (SEED=%u replays it). "
	              "After that: ",
	              plan->death_index, plan->n,
	              plan->death == DEATH_BY_EXIT ? "by _exit(0)" : "as SIGKILL does", t->seed);
	if (!returned)
		return;
	map_judge_bins_untouched(t, map);
	judge_failure(&t->verdict, &t->outcome, ECHILD, map_text(map), "after a worker had died");
	if (t->verdict.diagnosis == WRONG_ERRNO || t->verdict.diagnosis == WRONG_RESULT)
		verdict_before(&t->verdict, "The task for seeds[%zu] of %zu ended its own worker. ",
		               plan->death_index, plan->n);
}

void map_test_dead_worker(struct test *t, const struct map_kind *kind)
{
	enum { ROUNDS = 12 };
	if (!good_without_faults(t, kind, LARGE) || !good_without_faults(t, kind, SMALL))
		return;
	for (uint32_t round = 0; round < ROUNDS && verdict_open(&t->verdict); round++) {
		struct map *map = create(t, kind, round % 3 == 0 ? SMALL : LARGE);
		map->plan.death = round % 2 == 0 ? DEATH_BY_SIGNAL : DEATH_BY_EXIT;
		map->plan.death_index = test_random(t, 200 + round) % map->plan.n;
		if (map_call(t, map, NULL) || t->verdict.kind == VERDICT_FAILED)
			judge_death(t, map);
		map_free(map);
	}
}
