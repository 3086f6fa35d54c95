/* Lab 02: signals, starts that fail, arguments that make no sense. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>

#include "judge.h"
#include "run.h"

/* Signals are handled in the caller while it waits, and some of its waits return
 * EINTR at once: for a caller with a timer, a window or a child, that is normal. */
void survives_interruptions(struct test *t)
{
	for (uint32_t round = 0; round < 3 && verdict_open(&t->verdict); round++) {
		struct run *run = run_create(3);
		uint32_t seed = test_random(t, round) | 1;
		struct call interrupted = {
			.faults = { .interrupt_seed = seed, .signal_seconds = 0.004 },
		};
		for (int rank = 0; rank < run->workers; rank++) {
			run->worker[rank].number = rank;
			run->worker[rank].seconds = 0.04;
		}
		if (run_succeeds(t, run, &interrupted)) {
			run_judge_statuses(t, run, run_decode);
			judge_children(&t->verdict, &t->outcome);
		}
		verdict_blame(&t->verdict, INTERRUPTED_CALL,
		              "Where a wait returns -1 with errno = EINTR, call it again.",
		              "While your function waited, signals were handled in the caller (EINTR, "
		              "seed %u), and it did not survive that: ", t->seed);
		run_free(run);
	}
}

/* After a start that failed: -1 with fork's errno, and nobody is left. Whatever
 * else happens, the failure was not dealt with. */
static void judge_undone(struct test *t, const struct run *run, int number, int error)
{
	bool returned = t->outcome.ending == ENDING_RETURNED;
	if (t->outcome.ending == ENDING_KILLED && t->outcome.kills_of_group > 0)
		return; /* the failure was dealt with, in a way that hit the caller too */
	if (returned && t->outcome.value != -1)
		verdict_fail(&t->verdict, IGNORED_FAILURE, "", "%s returned %ld instead of -1.",
		             run_text(run), t->outcome.value);
	judge_leftovers(&t->verdict, &t->outcome);
	if (t->outcome.kills_of_all > 0)
		verdict_fail(&t->verdict, IGNORED_FAILURE, "",
		             "it called kill(-1, ...), which ends every process of the user: the -1 "
		             "was what fork had returned.");
	verdict_blame(&t->verdict, IGNORED_FAILURE,
	              "When fork returns -1, keep its errno, kill (SIGKILL) and wait for the workers "
	              "started so far, then return -1.",
	              "The test made fork fail at worker %d of %d, with %s. After that: ", number, run->workers,
	              strerrorname_np(error));
	if (returned)
		judge_failure(&t->verdict, &t->outcome, error, run_text(run), "after a failed fork");
}

void undoes_a_failed_start(struct test *t)
{
	enum { WORKERS = 4 };
	bool failed = false;
	for (int number = 1; number <= WORKERS && verdict_open(&t->verdict); number++) {
		int error = number % 2 == 0 ? EAGAIN : ENOMEM;
		struct run *run = run_create(WORKERS);
		struct call call = {
			.faults = { .fails_from[FAIL_FORK] = number, .fails_with[FAIL_FORK] = error },
		};
		for (int rank = 0; rank < WORKERS; rank++)
			run->worker[rank].deed = SLEEP_FOR_EVER;
		run_call(t, run, &call);
		failed = failed || t->outcome.failed[FAIL_FORK] > 0;
		if (t->outcome.failed[FAIL_FORK] > 0)
			judge_undone(t, run, number - 1, error);
		run_free(run);
	}
	if (!failed && t->verdict.kind != VERDICT_NOT_STARTED)
		t->verdict = (struct verdict){ .kind = VERDICT_NOT_MEASURED,
			                           .message = "No start could be made to fail: the workers "
			                                      "come from neither fork, clone nor syscall." };
}

static void reject(struct test *t, int workers, worker_fn *function, const char *why)
{
	struct run *run = run_create(workers);
	run->body = function;
	if (!verdict_open(&t->verdict)) {
		run_free(run);
		return;
	}
	run_call(t, run, NULL);
	if (t->outcome.ending == ENDING_RETURNED && t->verdict.kind == VERDICT_FAILED)
		t->verdict = (struct verdict){ 0 }; /* what followed from the argument */
	if (t->outcome.ending == ENDING_RETURNED)
		judge_failure(&t->verdict, &t->outcome, EINVAL, run_text(run), why);
	judge_leftovers(&t->verdict, &t->outcome);
	run_free(run);
}

void rejects_bad_arguments(struct test *t)
{
	reject(t, 0, run_body, "without a worker to run");
	reject(t, -1, run_body, "without a worker to run");
	reject(t, 2, NULL, "without a body to run");
}
