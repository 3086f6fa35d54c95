/* Lab 02: does each worker run in a process of its own, all side by side? */
#include "judge.h"
#include "run.h"

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
void runs_in_processes(struct test *t)
{
	struct call slow = { .faults = { .fork_delay_seconds = 0.004 } };
	struct run *run = run_create(4);
	if (run_succeeds(t, run, &slow)) {
		judge_pids(t, run);
		run_judge_starts(t, run);
		run_judge_ranks(t, run);
	}
	run_free(run);
}

bool run_meets(struct test *t, int workers)
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
	return verdict_open(&t->verdict);
}

void starts_all_before_waiting(struct test *t)
{
	if (run_meets(t, 2))
		run_meets(t, 5);
}

void many_workers(struct test *t)
{
	run_meets(t, WORKERS_MAX);
}
