/* Lab 02: is every rank run, and is it reported how each ended? */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>

#include "fence.h"
#include "judge.h"
#include "run.h"

static bool each_rank_ran_once(const struct run *run)
{
	for (int rank = 0; rank < run->workers; rank++)
		if (run->worker[rank].times_run != run->calls)
			return false;
	return true;
}

/* More starts than workers: a child that forks on, or one that lets a child of
 * its own do the work, out of the caller's sight. */
void run_judge_starts(struct test *t, const struct run *run)
{
	int asked = run->workers * run->calls;
	if (t->outcome.forks > asked && each_rank_ran_once(run))
		judge_detached(&t->verdict, &t->outcome);
	if (t->outcome.forks > asked)
		verdict_fail(&t->verdict, EXTRA_PROCESSES,
		             "See to it that a child never reaches fork: right after fork returned 0 "
		             "it runs the body and ends in _exit.",
		             "%d processes were started in %d calls with workers = %d. Expected: one for "
		             "each worker, by the caller alone.",
		             t->outcome.forks, run->calls, run->workers);
}

static void judge_arguments(struct test *t, const struct run *run)
{
	if (run->strange == 0)
		return;
	if (run->strange_context)
		verdict_fail(&t->verdict, WRONG_RESULT, "Hand on the context pointer as it came.",
		             "body was called with another context than run_workers was given.");
	else
		verdict_fail(&t->verdict, WRONG_RESULT,
		             "Call body(rank, workers, context) with rank from 0 to workers - 1.",
		             "body was called with rank = %d and workers = %d; run_workers was called "
		             "with workers = %d.",
		             run->strange_rank, run->strange_workers, run->workers);
}

void run_judge_ranks(struct test *t, const struct run *run)
{
	bool any = false;
	for (int rank = 0; rank < run->workers; rank++)
		any = any || run->worker[rank].times_run > 0;
	for (int rank = 0; rank < run->workers; rank++) {
		int times = run->worker[rank].times_run;
		if (times < run->calls)
			verdict_fail(&t->verdict, LOST_TASK,
			             any ? "Check the bounds of the loop that forks."
			             : t->outcome.forks == 0
			                 ? "No process was started: does your loop run for rank 0 to workers - 1?"
			                 : "In the child, call body(rank, workers, context) right after fork.",
			             "With workers = %d, the body was not run for rank %d%s. Expected: once "
			             "for each rank from 0 to %d.",
			             run->workers, rank, any ? "" : ", nor for any other", run->workers - 1);
		if (times > run->calls)
			verdict_fail(&t->verdict, REPEATED_TASK,
			             "Look for a second place that calls body, or a child that goes on in "
			             "the loop.",
			             "With workers = %d, the body was run %d times for rank %d in %d calls. "
			             "Expected: once a call.",
			             run->workers, times, rank, run->calls);
	}
}

/* Two calls in a row, because the second must not depend on the first. */
void runs_every_rank(struct test *t)
{
	static const int numbers[] = { 1, 2, 3, 7 };
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers && verdict_open(&t->verdict); i++) {
		struct run *run = run_create(numbers[i]);
		run->calls = 2;
		if (run_succeeds(t, run, NULL)) {
			run_judge_starts(t, run);
			judge_arguments(t, run);
			run_judge_ranks(t, run);
			judge_fence(&t->verdict, run->broken, "statuses", (size_t)run->workers, sizeof(int));
		}
		run_free(run);
	}
}

static int expected_status(const struct worker *worker)
{
	return worker->deed == DIE_OF_SIGNAL ? 128 + worker->number : worker->number;
}

static const char *deed_text(const struct worker *worker)
{
	static char text[64];
	if (worker->deed == DIE_OF_SIGNAL)
		snprintf(text, sizeof text, "was killed by signal %d", worker->number);
	else
		snprintf(text, sizeof text, "returned %d", worker->number);
	return text;
}

const char run_decode[] = "Decode what waitpid wrote: WIFEXITED, then WEXITSTATUS; or else "
                             "WIFSIGNALED, then 128 + WTERMSIG.";
static const char by_rank[] = "Keep the pids in the order of the ranks, wait for pids[rank], and "
                              "store its status at statuses[rank].";

/* Holds what run_workers reported against what the workers did. */
void run_judge_statuses(struct test *t, const struct run *run, const char *next_step)
{
	int not_zero = 0;
	judge_fence(&t->verdict, run->broken, "statuses", (size_t)run->workers, sizeof(int));
	for (int rank = 0; rank < run->workers; rank++) {
		int expected = expected_status(&run->worker[rank]);
		not_zero += expected != 0;
		if (run->statuses[rank] == FENCE_FRESH)
			verdict_fail(&t->verdict, WRONG_RESULT, "Store each worker's status at statuses[rank].",
			             "statuses[%d] was never written. Expected: %d, as worker %d %s.", rank,
			             expected, rank, deed_text(&run->worker[rank]));
		if (run->statuses[rank] != expected)
			verdict_fail(&t->verdict, WRONG_RESULT, next_step,
			             "Worker %d %s, and statuses[%d] is %d. Expected: %d.", rank,
			             deed_text(&run->worker[rank]), rank, run->statuses[rank], expected);
	}
	if (t->outcome.value != not_zero)
		verdict_fail(&t->verdict, WRONG_RESULT, "Count the statuses that are not 0, and return that.",
		             "%s returned %ld. Expected: %d, the number of statuses that are not 0.",
		             run_text(run), t->outcome.value, not_zero);
}

static void check_statuses(struct test *t, struct run *run, const char *next_step)
{
	if (run_succeeds(t, run, NULL))
		run_judge_statuses(t, run, next_step);
	run_free(run);
}

void reports_exit_statuses(struct test *t)
{
	static const int numbers[] = { 0, 1, 7, 255, 0, 128 };
	struct run *run = run_create(sizeof numbers / sizeof *numbers);
	for (int rank = 0; rank < run->workers; rank++)
		run->worker[rank].number = numbers[rank];
	check_statuses(t, run, run_decode);
}

void reports_signals(struct test *t)
{
	static const int signals[] = { SIGKILL, SIGTERM, SIGSEGV, SIGUSR1 };
	struct run *run = run_create(1 + sizeof signals / sizeof *signals);
	for (int rank = 1; rank < run->workers; rank++) {
		run->worker[rank].deed = DIE_OF_SIGNAL;
		run->worker[rank].number = signals[rank - 1];
	}
	check_statuses(t, run, run_decode);
}

void slow_worker_hides_nobody(struct test *t)
{
	struct run *run = run_create(5);
	for (int rank = 0; rank < run->workers; rank++)
		run->worker[rank].number = 10 + rank;
	run->worker[0].seconds = 0.06;
	run->worker[2].seconds = 0.03;
	run->worker[3].deed = DIE_OF_SIGNAL;
	run->worker[3].number = SIGTERM;
	check_statuses(t, run, by_rank);
}
