/* One call of run_workers: see run.h. */
#define _GNU_SOURCE
#include "run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "fence.h"
#include "judge.h"
#include "shared.h"

typedef int run_workers_fn(int, worker_fn *, void *, int[]);

static struct run *the_run; /* in the caller and its children */

/* --- in the workers -------------------------------------------------------- */

static void sleep_seconds(double seconds)
{
	struct timespec left = { .tv_sec = (time_t)seconds,
		                     .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9) };
	while (nanosleep(&left, &left) == -1 && errno == EINTR)
		;
}

static int do_deed(const struct worker *worker)
{
	sleep_seconds(worker->seconds);
	if (worker->deed == MEET_THE_OTHERS)
		rendezvous_meet(&the_run->meeting);
	while (worker->deed == SLEEP_FOR_EVER)
		pause();
	if (worker->deed == DIE_OF_SIGNAL) {
		signal(worker->number, SIG_DFL);
		raise(worker->number);
	}
	return worker->number;
}

int run_body(int rank, int workers, void *context)
{
	if (rank < 0 || rank >= the_run->workers || workers != the_run->workers ||
	    context != the_run) {
		the_run->strange_rank = rank;
		the_run->strange_workers = workers;
		the_run->strange_context = context != the_run;
		atomic_fetch_add(&the_run->strange, 1);
		return 99;
	}
	struct worker *worker = &the_run->worker[rank];
	worker->pid = getpid();
	worker->tid = (pid_t)syscall(SYS_gettid);
	atomic_fetch_add(&worker->times_run, 1);
	return do_deed(worker);
}

/* --- in the caller --------------------------------------------------------- */

static void call_run_workers(void *arg)
{
	struct run *run = the_run = arg;
	run_workers_fn *function = (run_workers_fn *)plugin_function("run_workers");
	size_t count = run->workers > 0 ? (size_t)run->workers : 1;
	int *statuses = fence_alloc(count * sizeof *statuses);

	run->caller = getpid();
	for (int i = 0; i < run->calls; i++) {
		call_begin();
		int value = function(run->workers, run->body, run, statuses);
		call_end(value);
	}
	run->broken = fence_broken(statuses);
	memcpy(run->statuses, statuses, count * sizeof *statuses);
	fence_free(statuses);
}

static void give_up(void *arg)
{
	struct run *run = arg;
	rendezvous_give_up(&run->meeting);
}

/* --- in the judge ---------------------------------------------------------- */

struct run *run_create(int workers)
{
	struct run *run = shared_alloc(sizeof *run);
	run->workers = workers;
	run->calls = 1;
	run->body = run_body;
	rendezvous_init(&run->meeting, workers > 0 ? (unsigned)workers : 1);
	return run;
}

void run_free(struct run *run)
{
	shared_free(run, sizeof *run);
}

const char *run_text(const struct run *run)
{
	static char text[64];
	snprintf(text, sizeof text, "run_workers(%d, %s, ...)", run->workers,
	         run->body == NULL ? "NULL" : "body");
	return text;
}

/* Makes the call; returns whether it came back from where it was called. */
/* What was asked for, in case that student code wrote over it. */
static void restore_plan(struct run *run, const struct run *plan)
{
	run->workers = plan->workers;
	run->calls = plan->calls;
	run->body = plan->body;
	for (int rank = 0; rank < WORKERS_MAX; rank++) {
		run->worker[rank].deed = plan->worker[rank].deed;
		run->worker[rank].number = plan->worker[rank].number;
		run->worker[rank].seconds = plan->worker[rank].seconds;
	}
}

bool run_call(struct test *t, struct run *run, const struct call *how)
{
	struct call call = { 0 };
	if (how != NULL)
		call = *how;
	call.limits.cpu_seconds = 1; /* the bodies do nothing but wait */
	call.body = call_run_workers;
	call.text = run_text(run);
	call.arg = run;
	call.stalled = give_up;
	static struct run plan;
	plan = *run;
	test_call(t, &call);
	restore_plan(run, &plan);
	if (judge_not_started(&t->verdict, &t->outcome, "run_workers"))
		return false;
	return judge_ending(&t->verdict, &call, &t->outcome);
}

/* The same for calls that must succeed. */
bool run_succeeds(struct test *t, struct run *run, const struct call *how)
{
	if (!run_call(t, run, how))
		return false;
	judge_refusal(&t->verdict, &t->outcome, run_text(run));
	return verdict_open(&t->verdict);
}
