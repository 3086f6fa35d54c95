/* Work in simulated time: the schedule is that of a machine with a CPU for each
 * process, whatever this one does meanwhile, and nobody hangs.
 */
#define _GNU_SOURCE
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "shared.h"
#include "tree.h"
#include "workload.h"

enum { TEST_SECONDS = 120, LOOKS = 20000, WORKERS_MOST = 4, TASKS = 12, NEIGHBOURS = 2 };

/* What the workers of a test share. */
struct job {
	struct workload load;
	atomic_size_t next; /* the task that nobody has taken yet */
	double cost[TASKS];
};

static struct job *job_create(unsigned workers, size_t tasks, const double cost[])
{
	struct job *job = shared_alloc(sizeof *job);
	memcpy(job->cost, cost, tasks * sizeof *cost);
	workload_init(&job->load, workers, tasks);
	return job;
}

/* --- workers ----------------------------------------------------------------- */

/* Takes the next task until there is none left. */
static pid_t start_greedy(struct job *job, unsigned which)
{
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	for (size_t i; (i = atomic_fetch_add(&job->next, 1)) < job->load.tasks;)
		workload_run(&job->load, which, job->cost[i]);
	_exit(0);
}

/* Does the tasks from `from` to before `to`. */
static pid_t start_slice(struct job *job, unsigned which, size_t from, size_t to)
{
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	for (size_t i = from; i < to; i++)
		workload_run(&job->load, which, job->cost[i]);
	_exit(0);
}

static void await_end(pid_t pid)
{
	int status = -1;
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

static void await_state(pid_t pid, char state)
{
	struct process p = { .state = '?' };
	for (int look = 0, seen = 0; look < LOOKS && seen < 3; look++) {
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
		seen = tree_read(pid, &p) && p.state == state ? seen + 1 : 0;
	}
	ck_assert_int_eq(p.state, state);
}

static double greedy_makespan(unsigned workers, const double cost[], size_t tasks, double *sum)
{
	struct job *job = job_create(workers, tasks, cost);
	pid_t pid[WORKERS_MOST];
	for (unsigned i = 0; i < workers; i++)
		pid[i] = start_greedy(job, i);
	for (unsigned i = 0; i < workers; i++)
		await_end(pid[i]);
	*sum = workload_sum(&job->load);
	return workload_makespan(&job->load);
}

/* --- schedules --------------------------------------------------------------- */

static bool same(double a, double b)
{
	return a - b < 1e-9 && b - a < 1e-9;
}

static void expect_makespan(unsigned workers, const double cost[], size_t tasks, double expected)
{
	double sum, all = 0;
	for (size_t i = 0; i < tasks; i++)
		all += cost[i];
	double makespan = greedy_makespan(workers, cost, tasks, &sum);
	ck_assert_msg(same(makespan, expected), "%u workers: %g, expected %g", workers, makespan,
	              expected);
	ck_assert(same(sum, all));
}

/* By hand. With 2: 5 and 3; at 3 the second takes 2; at 5 one of them takes 7 and
 * ends at 12, the other 1 and 4. With 3: 5, 3, 2; at 2: 7, until 9; at 3: 1; at 4:
 * 4, until 8. With 4: 5, 3, 2, 7; at 2: 1; at 3: 4, until 7. */
static const double mixed[] = { 5, 3, 2, 7, 1, 4 };

START_TEST(greedy_schedules)
{
	expect_makespan(1, mixed, 6, 22);
	expect_makespan(2, mixed, 6, 12);
	expect_makespan(3, mixed, 6, 9);
	expect_makespan(4, mixed, 6, 7);
}
END_TEST

/* One long task, first or last. */
START_TEST(long_tasks)
{
	const double first[] = { 6, 1, 1, 1, 1, 1, 1 }, last[] = { 1, 1, 1, 1, 1, 1, 6 };
	expect_makespan(2, first, 7, 6);
	expect_makespan(3, first, 7, 6);
	expect_makespan(4, first, 7, 6);
	expect_makespan(2, last, 7, 9);
	expect_makespan(3, last, 7, 8);
	expect_makespan(4, last, 7, 7);
}
END_TEST

START_TEST(few_tasks)
{
	expect_makespan(2, mixed, 2, 5);
	expect_makespan(4, mixed, 4, 7);
}
END_TEST

/* Neighbours that compute change nothing. */
START_TEST(busy_machine)
{
	double sum;
	pid_t neighbour[NEIGHBOURS];
	for (int i = 0; i < NEIGHBOURS; i++) {
		neighbour[i] = fork();
		if (neighbour[i] == 0)
			for (volatile unsigned n = 0;; n++)
				;
	}
	for (int round = 0; round < 20; round++)
		for (unsigned workers = 2; workers <= WORKERS_MOST; workers++)
			ck_assert(same(greedy_makespan(workers, mixed, 6, &sum),
			               (const double[]){ 12, 9, 7 }[workers - 2]));
	for (int i = 0; i < NEIGHBOURS; i++) {
		kill(neighbour[i], SIGKILL);
		waitpid(neighbour[i], NULL, 0);
	}
}
END_TEST

/* All the long tasks in one slice: the other worker is done and never comes again. */
START_TEST(slices)
{
	const double cost[] = { 10, 10, 10, 10, 1, 1, 1, 1 };
	struct job *job = job_create(2, 8, cost);
	pid_t heavy = start_slice(job, 0, 0, 4), light = start_slice(job, 1, 4, 8);
	await_end(light);
	await_state(heavy, 'S');
	workload_give_up(&job->load);
	await_end(heavy);
	ck_assert(same(workload_makespan(&job->load), 40));
	ck_assert(same(workload_sum(&job->load), 44));
}
END_TEST

/* --- who holds it up --------------------------------------------------------- */

START_TEST(worker_that_never_comes)
{
	struct job *job = job_create(2, 6, mixed);
	pid_t pid = start_greedy(job, 0);
	await_state(pid, 'S');
	ck_assert_uint_eq(job->load.started, 1);
	ck_assert(same(workload_makespan(&job->load), 0));
	workload_give_up(&job->load);
	await_end(pid);
	ck_assert(same(workload_makespan(&job->load), 22));
	workload_give_up(&job->load); /* once more, as the supervisor may */
	ck_assert(job->load.given_up);
}
END_TEST

/* A worker killed in its task is busy for ever, the others only until given up. */
START_TEST(worker_that_dies)
{
	struct job *job = job_create(3, 6, mixed);
	pid_t dead = start_slice(job, 2, 0, 1), other = start_slice(job, 0, 1, 2);
	await_state(dead, 'S');
	await_state(other, 'S');
	kill(dead, SIGKILL);
	waitpid(dead, NULL, 0);
	pid_t third = start_slice(job, 1, 2, 6);
	await_state(third, 'S');
	workload_give_up(&job->load);
	await_end(other);
	await_end(third);
	ck_assert(same(workload_makespan(&job->load), 14));
	ck_assert(same(workload_sum(&job->load), 17));
}
END_TEST

/* Takes the lock and stops, or waits to be killed. */
static pid_t start_owner(struct job *job, int signal)
{
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	pthread_mutex_lock(&job->load.lock);
	raise(signal);
	pthread_mutex_unlock(&job->load.lock);
	_exit(0);
}

START_TEST(lock_of_a_stopped_process)
{
	struct job *job = job_create(1, 6, mixed);
	pid_t owner = start_owner(job, SIGSTOP);
	await_state(owner, 'T');
	workload_give_up(&job->load);
	ck_assert(!job->load.given_up); /* next time */
	pid_t worker = start_greedy(job, 0);
	await_state(worker, 'S');
	kill(owner, SIGCONT);
	await_end(owner);
	await_end(worker);
	workload_give_up(&job->load);
	ck_assert(job->load.given_up);
	ck_assert(same(workload_makespan(&job->load), 22));
}
END_TEST

START_TEST(lock_of_a_killed_process)
{
	for (int give_up_first = 0; give_up_first < 2; give_up_first++) {
		struct job *job = job_create(1, 6, mixed);
		pid_t owner = start_owner(job, SIGKILL);
		ck_assert_int_eq(waitpid(owner, NULL, 0), owner);
		if (give_up_first)
			workload_give_up(&job->load);
		await_end(start_greedy(job, 0));
		workload_give_up(&job->load);
		ck_assert(job->load.given_up);
		ck_assert(same(workload_makespan(&job->load), 22));
	}
}
END_TEST

/* Whoever was not expected does not wait, and does not count as there. */
START_TEST(more_workers_than_expected)
{
	struct job *job = job_create(2, 6, mixed);
	await_end(start_slice(job, 2, 0, 1));
	await_end(start_slice(job, WORKLOAD_WORKERS - 1, 1, 2));
	await_end(start_slice(job, WORKLOAD_WORKERS, 2, 3)); /* not noted at all */
	ck_assert_uint_eq(job->load.started, 2);
	pid_t first = start_slice(job, 0, 2, 4);
	await_state(first, 'S');
	pid_t second = start_slice(job, 1, 4, 6);
	await_end(first);
	await_end(second);
	ck_assert(same(workload_makespan(&job->load), 9));
	ck_assert(same(workload_sum(&job->load), 22));
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("workload");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_test(t, greedy_schedules);
	tcase_add_test(t, long_tasks);
	tcase_add_test(t, few_tasks);
	tcase_add_test(t, busy_machine);
	tcase_add_test(t, slices);
	tcase_add_test(t, worker_that_never_comes);
	tcase_add_test(t, worker_that_dies);
	tcase_add_test(t, lock_of_a_stopped_process);
	tcase_add_test(t, lock_of_a_killed_process);
	tcase_add_test(t, more_workers_than_expected);
	Suite *suite = suite_create("workload");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
