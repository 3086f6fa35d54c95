/* How lab 02 is graded: run_workers starts processes, waits for all, leaves nothing.
 *
 * Each test fills in a `struct run`, which the caller's process shares with this
 * one: what every worker shall do, and then what every worker saw. The workers'
 * body is ours, so that what is judged is what really happened.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "fence.h"
#include "judge.h"
#include "rendezvous.h"
#include "run_workers.h"
#include "shared.h"
#include "suite.h"

enum { WORKERS_MAX = 64 };

enum deed { RETURN_STATUS, DIE_OF_SIGNAL, SLEEP_FOR_EVER, MEET_THE_OTHERS };

struct worker {
	enum deed deed; /* what it shall do, */
	int number;     /* with this status or signal, */
	double seconds; /* after sleeping so long */

	atomic_int times_run; /* what was seen of it */
	pid_t pid, tid;
};

struct run {
	int workers, calls;
	worker_fn *body; /* that is handed to run_workers */
	struct worker worker[WORKERS_MAX];
	struct rendezvous meeting;

	/* what was seen */
	pid_t caller;
	atomic_int strange;               /* bodies called with other arguments, */
	int strange_rank, strange_workers; /* one of them, */
	bool strange_context;
	int statuses[WORKERS_MAX];
	long broken;
};

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

static int body(int rank, int workers, void *context)
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

static struct run *run_create(int workers)
{
	struct run *run = shared_alloc(sizeof *run);
	run->workers = workers;
	run->calls = 1;
	run->body = body;
	rendezvous_init(&run->meeting, workers > 0 ? (unsigned)workers : 1);
	return run;
}

static void run_free(struct run *run)
{
	shared_free(run, sizeof *run);
}

static const char *call_text(const struct run *run)
{
	static char text[64];
	snprintf(text, sizeof text, "run_workers(%d, %s, ...)", run->workers,
	         run->body == NULL ? "NULL" : "body");
	return text;
}

/* Makes the call; returns whether it came back from where it was called. */
static bool run_call(struct test *t, struct run *run, const struct call *how)
{
	struct call call = { 0 };
	if (how != NULL)
		call = *how;
	call.limits.cpu_seconds = 1; /* the bodies do nothing but wait */
	call.body = call_run_workers;
	call.arg = run;
	call.stalled = give_up;
	test_call(t, &call);
	if (judge_not_started(&t->verdict, &t->outcome, "run_workers"))
		return false;
	return judge_ending(&t->verdict, &call, &t->outcome);
}

/* The same for calls that must succeed. */
static bool run_succeeds(struct test *t, struct run *run, const struct call *how)
{
	if (!run_call(t, run, how))
		return false;
	judge_refusal(&t->verdict, &t->outcome, call_text(run));
	return verdict_open(&t->verdict);
}

/* --- correctness ----------------------------------------------------------- */

static bool each_rank_ran_once(const struct run *run)
{
	for (int rank = 0; rank < run->workers; rank++)
		if (run->worker[rank].times_run != run->calls)
			return false;
	return true;
}

/* More starts than workers: a child that forks on, or one that lets a child of
 * its own do the work, out of the caller's sight. */
static void judge_starts(struct test *t, const struct run *run)
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

static void judge_ranks(struct test *t, const struct run *run)
{
	bool any = false;
	for (int rank = 0; rank < run->workers; rank++)
		any = any || run->worker[rank].times_run > 0;
	for (int rank = 0; rank < run->workers; rank++) {
		int times = run->worker[rank].times_run;
		if (times < run->calls)
			verdict_fail(&t->verdict, LOST_TASK,
			             any ? "Check the bounds of the loop that forks."
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
static void runs_every_rank(struct test *t)
{
	static const int numbers[] = { 1, 2, 3, 7 };
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers && verdict_open(&t->verdict); i++) {
		struct run *run = run_create(numbers[i]);
		run->calls = 2;
		if (run_succeeds(t, run, NULL)) {
			judge_starts(t, run);
			judge_arguments(t, run);
			judge_ranks(t, run);
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

static const char decode[] = "Decode what waitpid wrote: WIFEXITED, then WEXITSTATUS; or else "
                             "WIFSIGNALED, then 128 + WTERMSIG.";
static const char by_rank[] = "Keep the pids in the order of the ranks, wait for pids[rank], and "
                              "store its status at statuses[rank].";

/* Holds what run_workers reported against what the workers did. */
static void judge_statuses(struct test *t, const struct run *run, const char *next_step)
{
	int not_zero = 0;
	judge_fence(&t->verdict, run->broken, "statuses", (size_t)run->workers, sizeof(int));
	for (int rank = 0; rank < run->workers; rank++) {
		int expected = expected_status(&run->worker[rank]);
		not_zero += expected != 0;
		if (run->statuses[rank] != expected)
			verdict_fail(&t->verdict, WRONG_RESULT, next_step,
			             "Worker %d %s, and statuses[%d] is %d. Expected: %d.", rank,
			             deed_text(&run->worker[rank]), rank, run->statuses[rank], expected);
	}
	if (t->outcome.value != not_zero)
		verdict_fail(&t->verdict, WRONG_RESULT, "Count the statuses that are not 0, and return that.",
		             "%s returned %ld. Expected: %d, the number of statuses that are not 0.",
		             call_text(run), t->outcome.value, not_zero);
}

static void check_statuses(struct test *t, struct run *run, const char *next_step)
{
	if (run_succeeds(t, run, NULL))
		judge_statuses(t, run, next_step);
	run_free(run);
}

static void reports_exit_statuses(struct test *t)
{
	static const int numbers[] = { 0, 1, 7, 255, 0, 128 };
	struct run *run = run_create(sizeof numbers / sizeof *numbers);
	for (int rank = 0; rank < run->workers; rank++)
		run->worker[rank].number = numbers[rank];
	check_statuses(t, run, decode);
}

static void reports_signals(struct test *t)
{
	static const int signals[] = { SIGKILL, SIGTERM, SIGSEGV, SIGUSR1 };
	struct run *run = run_create(1 + sizeof signals / sizeof *signals);
	for (int rank = 1; rank < run->workers; rank++) {
		run->worker[rank].deed = DIE_OF_SIGNAL;
		run->worker[rank].number = signals[rank - 1];
	}
	check_statuses(t, run, decode);
}

static void slow_worker_hides_nobody(struct test *t)
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

/* --- processes ------------------------------------------------------------- */

static void judge_pids(struct test *t, const struct run *run)
{
	for (int rank = 0; rank < run->workers; rank++) {
		pid_t pid = run->worker[rank].pid;
		if (pid == run->caller)
			verdict_fail(&t->verdict, NO_PROCESSES,
			             "fork once for every rank, and call body in the child only.",
			             run->worker[rank].tid == pid
			                 ? "The body of rank %d ran in the caller's own process. Expected: "
			                   "in a child of its own."
			                 : "The body of rank %d ran in a thread of the caller's process. "
			                   "Expected: in a child process of its own.",
			             rank);
		for (int other = 0; other < rank; other++)
			if (pid == run->worker[other].pid)
				verdict_fail(&t->verdict, NO_PROCESSES,
				             "fork once for every rank: a child runs one body and ends.",
				             "Ranks %d and %d ran in the same process (%d). Expected: %d "
				             "different processes.",
				             other, rank, (int)pid, run->workers);
	}
}

/* The starts take longer than usual, so that the first worker has ended before
 * the last one starts: a lost or reused status would show. */
static void runs_in_processes(struct test *t)
{
	struct call slow = { .faults = { .fork_delay_seconds = 0.004 } };
	struct run *run = run_create(4);
	if (run_succeeds(t, run, &slow)) {
		judge_pids(t, run);
		judge_starts(t, run);
		judge_ranks(t, run);
	}
	run_free(run);
}

static void meet(struct test *t, int workers)
{
	struct run *run = run_create(workers);
	for (int rank = 0; rank < workers; rank++)
		run->worker[rank].deed = MEET_THE_OTHERS;
	if (run_succeeds(t, run, NULL) && !rendezvous_complete(&run->meeting))
		verdict_fail(&t->verdict, SERIALISED,
		             "Use two loops: the first forks all the workers, the second waits for "
		             "them.",
		             "%d workers were to meet, but only %u had started when your function "
		             "began to wait, and it started the next one only when that had ended. "
		             "Expected: all start before any is waited for.",
		             workers, run->meeting.arrived_in_time);
	run_free(run);
}

static void starts_all_before_waiting(struct test *t)
{
	meet(t, 2);
	if (verdict_open(&t->verdict))
		meet(t, 5);
}

static void many_workers(struct test *t)
{
	meet(t, WORKERS_MAX);
}

/* --- cleanliness ----------------------------------------------------------- */

static void look_at_leftovers(struct test *t, void (*judge)(struct verdict *, const struct outcome *),
                              const struct call *how)
{
	struct run *run = run_create(3);
	for (int rank = 0; rank < run->workers; rank++)
		run->worker[rank].seconds = 0.005; /* they end well within the grace */
	if (run_succeeds(t, run, how))
		judge(&t->verdict, &t->outcome);
	run_free(run);
}

static void reaps_every_child(struct test *t)
{
	look_at_leftovers(t, judge_children, NULL);
}

static void leaves_other_children_alone(struct test *t)
{
	struct call with_children = { .bystanders = true };
	look_at_leftovers(t, judge_children, &with_children);
}

static void ends_children_quietly(struct test *t)
{
	look_at_leftovers(t, judge_output, NULL);
}

static void judge_open_things(struct verdict *verdict, const struct outcome *outcome)
{
	judge_descriptors(verdict, outcome);
	judge_shared(verdict, outcome);
}

static void leaves_nothing_open(struct test *t)
{
	look_at_leftovers(t, judge_open_things, NULL);
}

/* --- robustness ------------------------------------------------------------ */

/* Signals are handled in the caller while it waits, and some of its waits return
 * EINTR at once: for a caller with a timer, a window or a child, that is normal. */
static void survives_interruptions(struct test *t)
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
			judge_statuses(t, run, decode);
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
		             call_text(run), t->outcome.value);
	judge_leftovers(&t->verdict, &t->outcome);
	if (t->outcome.kills_of_all > 0)
		verdict_fail(&t->verdict, IGNORED_FAILURE, "",
		             "it called kill(-1, ...), which ends every process of the user: the -1 "
		             "was what fork had returned.");
	verdict_blame(&t->verdict, IGNORED_FAILURE,
	              "When fork returns -1, keep its errno, kill (SIGKILL) and wait for the workers "
	              "started so far, then return -1.",
	              "fork failed at worker %d of %d (%s), and: ", number, run->workers,
	              strerrorname_np(error));
	if (returned)
		judge_failure(&t->verdict, &t->outcome, error, call_text(run), "after a failed fork");
}

static void undoes_a_failed_start(struct test *t)
{
	enum { WORKERS = 4 };
	bool failed = false;
	for (int number = 1; number <= WORKERS && verdict_open(&t->verdict); number++) {
		int error = number % 2 == 0 ? EAGAIN : ENOMEM;
		struct run *run = run_create(WORKERS);
		struct call call = {
			.faults = { .fork_fails_from = number, .fork_errno = error },
		};
		for (int rank = 0; rank < WORKERS; rank++)
			run->worker[rank].deed = SLEEP_FOR_EVER;
		run_call(t, run, &call);
		failed = failed || t->outcome.forks_failed > 0;
		if (t->outcome.forks_failed > 0)
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
		judge_failure(&t->verdict, &t->outcome, EINVAL, call_text(run), why);
	judge_leftovers(&t->verdict, &t->outcome);
	run_free(run);
}

static void rejects_bad_arguments(struct test *t)
{
	reject(t, 0, body, "without a worker to run");
	reject(t, -1, body, "without a worker to run");
	reject(t, 2, NULL, "without a body to run");
}

static const struct suite_row rows[] = {
	{ runs_every_rank, "runs_every_rank", "correctness", 10,
	  "runs the body once for every rank, with its rank and context", NULL },
	{ runs_in_processes, "runs_in_processes", "processes", 10,
	  "runs each body in a child process of its own", "runs_every_rank" },
	{ starts_all_before_waiting, "starts_all_before_waiting", "processes", 10,
	  "starts all workers before it waits for any", "runs_in_processes" },
	{ many_workers, "many_workers", "processes", 4, "64 workers at once",
	  "starts_all_before_waiting" },
	{ reaps_every_child, "reaps_every_child", "cleanliness", 10,
	  "no child is left, neither running nor as a zombie", "runs_in_processes" },
	{ reports_exit_statuses, "reports_exit_statuses", "correctness", 8,
	  "reports each exit status, and how many are not 0", "reaps_every_child" },
	{ reports_signals, "reports_signals", "correctness", 8,
	  "reports 128 + signal for a worker that was killed", "reaps_every_child" },
	{ slow_worker_hides_nobody, "slow_worker_hides_nobody", "correctness", 6,
	  "statuses stand in the order of ranks, whoever ends first", "reports_exit_statuses" },
	{ leaves_other_children_alone, "leaves_other_children_alone", "cleanliness", 6,
	  "waits for its own children only", "reaps_every_child" },
	{ ends_children_quietly, "ends_children_quietly", "cleanliness", 6,
	  "what the caller has printed does not come out twice", "runs_in_processes" },
	{ leaves_nothing_open, "leaves_nothing_open", "cleanliness", 4,
	  "leaves no descriptor, no shared memory", "runs_in_processes" },
	{ survives_interruptions, "survives_interruptions", "robustness", 6,
	  "a signal handler during the wait changes nothing", "reports_exit_statuses" },
	{ undoes_a_failed_start, "undoes_a_failed_start", "robustness", 8,
	  "kills and reaps the workers if one cannot be started",
	  "starts_all_before_waiting reaps_every_child leaves_nothing_open" },
	{ rejects_bad_arguments, "rejects_bad_arguments", "robustness", 4,
	  "workers < 1 or no body: -1 with EINVAL", "runs_every_rank" },
};

int main(int argc, char *argv[])
{
	return suite_main(argc, argv, "02_fork", rows, sizeof rows / sizeof *rows);
}
