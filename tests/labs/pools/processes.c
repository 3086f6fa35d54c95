/* Every pool: who runs the tasks, side by side, always the same ones, and what do they
 * do when there is nothing to do? */
#include <stdio.h>

#include "clock.h"
#include "hang.h"
#include "pools.h"

static void meet(struct session *s, struct pool *pool, int workers)
{
	session_do(s, (struct session_work){ .doing = DO_MEET, .amount = workers });
	session_map(s, pool, (size_t)workers, 1);
	session_do(s, (struct session_work){ .doing = DO_NOTHING });
}

/* Decides where not all have met. */
static void judge_meeting(struct test *t, const struct session *s, int workers)
{
	if (!verdict_open(&t->verdict) || (s->stalled == 0 && rendezvous_complete(&s->meeting)))
		return;
	struct call call = { .plugin = t->plugin, .text = session_place(s) };
	if (hang_explains_stall(&t->verdict, &call, &t->outcome))
		return;
	verdict_fail(&t->verdict, SERIALISED,
	             "Hand out chunks to all workers before you wait for the first; let each take one "
	             "chunk at a time; and hold no lock while a task runs.",
	             "%d tasks in a pool of %d, with chunk 1, were to meet, but only %u of them had "
	             "begun when nothing moved any more: the others came later, or in the same "
	             "process. Expected: all run side by side.",
	             workers, workers, s->meeting.arrived_in_time);
}

void pool_judge_processes(struct test *t, const struct session *s)
{
	int asked = s->workers_asked;
	if (t->outcome.forks > asked)
		judge_detached(&t->verdict, &t->outcome);
	if (t->outcome.forks > asked)
		verdict_fail(&t->verdict, EXTRA_PROCESSES,
		             "Fork in pool_create alone, once for each worker: the calls only hand work to "
		             "processes that are there already.",
		             "%d processes were started for pools of %d workers in all, in which %d calls "
		             "were made. Expected: %d, all of them by pool_create.",
		             t->outcome.forks, asked, s->calls, asked);
	if (s->processes != asked)
		verdict_fail(&t->verdict, s->processes > asked ? EXTRA_PROCESSES : NO_PROCESSES,
		             "The workers that pool_create started serve every call, until the pool is "
		             "closed.",
		             "The tasks of %d calls ran in %d processes. Expected: in the %d that the pools "
		             "were made with.",
		             s->calls, s->processes, asked);
}

static void judge_meetings(struct test *t, struct session *s, int workers, const struct call *how)
{
	bool ended = session_start(t, s, how);
	if (ended && s->stalled == 0)
		session_judge(t, s);
	else if (ended && s->in_caller > 0)
		session_judge(t, s);
	if (ended)
		judge_meeting(t, s, workers);
	if (verdict_open(&t->verdict))
		pool_judge_processes(t, s);
}

/* --- as many as asked --------------------------------------------------------------------- */

static void use_all_workers(struct session *s)
{
	struct pool *pool = session_create(s, s->number);
	int workers = session_workers(s, pool);
	if (workers != s->number)
		session_complain(s, WRONG_RESULT, "Keep the number in struct pool.",
		                 "pool_workers(pool) returned %d. Expected: %d, with which the pool was made.",
		                 workers, s->number);
	meet(s, pool, s->number);
	session_close(s, pool);
}

bool pool_meets(struct test *t, int workers)
{
	struct session *s = session_new(t, use_all_workers);
	s->number = workers;
	if (verdict_open(&t->verdict))
		judge_meetings(t, s, workers, NULL);
	session_free(s);
	return verdict_open(&t->verdict);
}

void pool_test_processes(struct test *t)
{
	pool_meets(t, 1);
	pool_meets(t, 3);
}

void pool_test_together(struct test *t)
{
	pool_meets(t, 2);
	pool_meets(t, 5);
}

/* --- always the same ------------------------------------------------------------------------ */

/* With pauses, in which idle workers fall asleep, or, wrongly, end. */
static void make_many_calls(struct session *s)
{
	enum { WORKERS = 3 };
	struct pool *pool = session_create(s, WORKERS);
	for (int i = 0; i < 4; i++) {
		meet(s, pool, WORKERS);
		session_map(s, pool, 50, 0);
		session_apply(s, pool);
		if (i % 2 == 1)
			session_nap(0.030);
	}
	session_close(s, pool);
}

void pool_test_keeps_workers(struct test *t)
{
	struct session *s = session_new(t, make_many_calls);
	judge_meetings(t, s, 3, NULL);
	session_free(s);
}

static void use_two_pools(struct session *s)
{
	struct pool *small = session_create(s, 2), *large = session_create(s, 3);
	for (int i = 0; i < 3; i++) {
		meet(s, small, 2);
		meet(s, large, 3);
		session_map(s, small, 60, 1);
		session_map(s, large, 70, 0);
	}
	session_close(s, small);
	meet(s, large, 3);
	session_close(s, large);
}

void pool_test_two_pools(struct test *t)
{
	struct session *s = session_new(t, use_two_pools);
	judge_meetings(t, s, 3, NULL);
	if (verdict_open(&t->verdict))
		judge_leftovers(&t->verdict, &t->outcome);
	if (s->processes < s->workers_asked && t->outcome.ending == ENDING_TIMED_OUT)
		verdict_before(&t->verdict,
		               "With two pools at once, of 2 and 3 workers, the tasks of both ran in %d "
		               "processes in all. Each pool needs memory, pipes and pids of its own, which "
		               "struct pool points to. Then ",
		               (int)s->processes);
	else
		verdict_before(&t->verdict, "With two pools at once, of 2 and 3 workers: ");
	session_free(s);
}

/* --- sharing ----------------------------------------------------------------------------------- */

/* In simulated time (workload.h): who gave each worker an equal slice, the long tasks all
 * together, would need far longer. */
enum { TASKS = 200, HEAVY = 20, SHARERS = 3 };

static void share_out(struct session *s)
{
	struct pool *pool = session_create(s, SHARERS);
	session_do(s, (struct session_work){ .doing = DO_SIMULATED, .heavy = HEAVY,
	                                     .amount = SHARERS });
	session_map(s, pool, TASKS, 1);
	session_do(s, (struct session_work){ .doing = DO_NOTHING });
	session_close(s, pool);
}

void pool_test_sharing(struct test *t)
{
	const double best = (100.0 * HEAVY + (TASKS - HEAVY)) / SHARERS, allowed = 1.15 * best;
	struct session *s = session_new(t, share_out);
	if (session_run(t, s, NULL)) {
		double makespan = workload_makespan(&s->load);
		if (makespan > allowed)
			verdict_fail(&t->verdict, UNBALANCED,
			             "Settle nothing in advance: whoever is done takes the next chunk.",
			             "pool_map(..., 1) in 3 workers: of %d tasks the first %d took 100 times as "
			             "long as the others. One worker had %.0f units of work, of %.0f in all. "
			             "Expected: at most %.0f, which is 15%% above an equal share.",
			             TASKS, HEAVY, makespan, best * SHARERS, allowed);
	}
	session_free(s);
}

/* --- idle ---------------------------------------------------------------------------------------- */

#define GRACE_SECONDS 0.100 /* in which they may still look again and again */
#define IDLE_SECONDS 1.0
#define IDLE_MOST 0.01      /* of one CPU */

static void be_idle(struct session *s)
{
	struct pool *pool = session_create(s, 2);
	meet(s, pool, 2);
	session_nap(GRACE_SECONDS);
	double before = session_workers_cpu(s);
	session_nap(IDLE_SECONDS);
	s->measured[0] = session_workers_cpu(s) - before;
	session_map(s, pool, 10, 1);
	session_close(s, pool);
}

void pool_test_idle(struct test *t)
{
	struct call patient = { .limits = { .wall_seconds = 3 } };
	struct session *s = session_new(t, be_idle);
	if (session_run(t, s, &patient) && s->measured[0] > IDLE_MOST * IDLE_SECONDS)
		verdict_fail(&t->verdict, BUSY_WAIT,
		             "Let an idle worker block where the kernel wakes it: in a read, in sem_wait or "
		             "pthread_cond_wait, on a futex. Looking again and again is all right for a "
		             "fraction of a millisecond.",
		             "Two idle workers used %.0f ms of CPU time within a second in which there was "
		             "nothing to do. Expected: less than %.0f ms, 1%% of a CPU.",
		             s->measured[0] * 1e3, IDLE_MOST * IDLE_SECONDS * 1e3);
	session_free(s);
}

enum { NAP_MS = 300 };
#define WAITING_LEAST_SECONDS 0.010
#define WAITING_MOST 0.25 /* of the time that it waits; a caller that spins uses all of it */

/* How long a process was ready to run, but others had the CPUs: without that time even
 * one who spins uses little on a busy machine. In seconds; 0 where the kernel does not
 * tell. */
static double seconds_kept_waiting(pid_t pid)
{
	char path[48];
	unsigned long long ran, delayed = 0;
	snprintf(path, sizeof path, "/proc/%d/schedstat", (int)pid);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return 0;
	if (fscanf(file, "%llu %llu", &ran, &delayed) != 2)
		delayed = 0;
	fclose(file);
	return 1e-9 * (double)delayed;
}

/* Who sleeps uses next to nothing, however little time it was left. */
static bool spins(double used, double could_have)
{
	return used > WAITING_LEAST_SECONDS && used > WAITING_MOST * could_have;
}

static double workers_kept_waiting(const struct session *s)
{
	double sum = 0;
	for (int i = 0; i < s->processes && i < SESSION_PROCESSES; i++)
		sum += seconds_kept_waiting(s->process[i].pid);
	return sum;
}

/* While one worker is in a long task, the other has nothing to do, and the caller waits. */
static void wait_for_a_long_task(struct session *s)
{
	struct pool *pool = session_create(s, 2);
	meet(s, pool, 2);
	session_do(s, (struct session_work){ .doing = DO_NAP, .amount = NAP_MS });
	double workers = session_workers_cpu(s), caller = clock_process_cpu(), start = clock_wall();
	double delays[2] = { seconds_kept_waiting(s->caller), workers_kept_waiting(s) };
	session_map(s, pool, 1, 1);
	s->measured[0] = clock_process_cpu() - caller;
	s->measured[1] = session_workers_cpu(s) - workers;
	double seconds = clock_wall() - start;
	s->measured[2] = seconds - (seconds_kept_waiting(s->caller) - delays[0]);
	s->measured[3] = seconds - (workers_kept_waiting(s) - delays[1]);
	session_do(s, (struct session_work){ .doing = DO_NOTHING });
	session_close(s, pool);
}

void pool_test_waiting(struct test *t)
{
	struct session *s = session_new(t, wait_for_a_long_task);
	bool open = session_run(t, s, NULL);
	bool caller = open && spins(s->measured[0], s->measured[2]);
	if (caller || (open && spins(s->measured[1], s->measured[3]))) {
		verdict_fail(&t->verdict, BUSY_WAIT,
		             "Whoever waits looks a few times at most, and then blocks where the kernel wakes "
		             "it: in a read, in sem_wait or pthread_cond_wait, on a futex.",
		             "While a task slept for %d ms, the %s %.0f ms of CPU time, in %.0f ms in "
		             "which a CPU was to be had. Expected: less than %.0f ms.",
		             NAP_MS, caller ? "caller waited for it and used" : "idle workers used",
		             s->measured[caller ? 0 : 1] * 1e3, s->measured[caller ? 2 : 3] * 1e3,
		             WAITING_MOST * s->measured[caller ? 2 : 3] * 1e3);
	}
	session_free(s);
}
