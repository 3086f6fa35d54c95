/* Contests that are played: what is written down of them, whatever the times are. Ways
 * that fail end a contest early, so most of these do.
 */
#define _GNU_SOURCE
#include <check.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "contest.h"
#include "reference.h"
#include "shared.h"
#include "tree.h"

enum { TEST_SECONDS = 120, WORKERS = 2, KEPT = 1 << 20, ROUNDS_ENOUGH = 12 };

/* --- ways ------------------------------------------------------------------------ */

/* What a way shall do at which call, and how many calls it has seen. */
struct plan {
	int calls, fails_at, wrong_at;
	size_t wrong_place;
	bool remembers;
	uint32_t *seeds; /* the first, if it remembers */
};

static int map_serially(struct plan *plan, const uint32_t *seeds, size_t n, int32_t *results)
{
	for (size_t i = 0; i < n; i++)
		results[i] = reference_square(seeds[i]);
	if (plan->calls == plan->wrong_at)
		results[plan->wrong_place] = -4711;
	return 0;
}

static int planned_way(void *context, const uint32_t *seeds, size_t n, int32_t *results,
                       int workers)
{
	struct plan *plan = context;
	ck_assert_int_eq(workers, WORKERS);
	if (++plan->calls == plan->fails_at) {
		errno = EDOM;
		return -3;
	}
	if (plan->remembers && plan->calls == 1)
		memcpy(plan->seeds, seeds, n * sizeof *seeds);
	return map_serially(plan, plan->remembers ? plan->seeds : seeds, n, results);
}

static struct contest contest;

/* Two halves in two processes. On a machine that is busy a contest could go on for long:
 * so many rounds will do. */
static int forking_way(void *context, const uint32_t *seeds, size_t n, int32_t *results,
                       int workers)
{
	int32_t *shared = context;
	(void)workers;
	errno = ECANCELED;
	if ((contest.size[0] == 0 && contest.rounds == ROUNDS_ENOUGH) ||
	    contest.size_rounds == CONTEST_SIZE_FEW)
		return -1;
	pid_t pid = fork();
	ck_assert_int_ne(pid, -1);
	for (size_t i = pid == 0 ? 0 : n / 2; i < (pid == 0 ? n / 2 : n); i++)
		shared[i] = reference_square(seeds[i]);
	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, 0);
	memcpy(results, shared, n * sizeof *results);
	return 0;
}

static void expect_nobody(void)
{
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}

static void play(way_fn *way, void *context)
{
	contest = (struct contest){ .workers = WORKERS, .seed = 4711 };
	contest_run(&contest, way, context);
	expect_nobody();
}

/* --- what is written down -------------------------------------------------------- */

static void expect_costs(void)
{
	ck_assert(contest.start_seconds > 0);
	ck_assert(contest.task_seconds > 0);
	ck_assert(contest.task_seconds < contest.start_seconds); /* of two processes */
}

static void expect_rounds(void)
{
	for (size_t i = 0; i < contest.rounds; i++) {
		const struct round *r = &contest.round[i];
		ck_assert(r->serial > 0 && r->student > 0 && r->bare > 0);
		ck_assert(r->wall >= r->serial + r->student + r->bare);
		ck_assert(r->serial_cpu > 0 && r->serial_cpu < 1.1 * r->serial);
		ck_assert(r->stolen >= 0);
	}
}

static void expect_sizes(void)
{
	for (int i = 0; i < CONTEST_SIZES; i++) {
		ck_assert(i == 0 || contest.size[i] > contest.size[i - 1]);
		for (size_t r = 0; r < contest.size_rounds; r++)
			ck_assert(contest.serial[i][r] > 0 && contest.student[i][r] > 0);
	}
}

/* Whichever way it ends: rounds until they are decided, and sizes if they are won. */
START_TEST(good_way)
{
	int32_t *shared = shared_alloc(KEPT * sizeof *shared);
	play(forking_way, shared);
	enum rounds_state state = rounds_judge(contest.round, contest.rounds, WORKERS).state;
	ck_assert(contest.error == ECANCELED || (contest.error == 0 && state != ROUNDS_GO_ON));
	ck_assert_uint_eq(contest.wrong, 0);
	ck_assert_int_eq(contest.kit_error, 0);
	ck_assert_uint_ge(contest.rounds, ROUNDS_LEAD);
	ck_assert_int_eq(rounds_judge(contest.round, contest.rounds - 1, WORKERS).state, ROUNDS_GO_ON);
	size_t odd = contest.n;
	while (odd % 2 == 0)
		odd /= 2;
	ck_assert(odd == 1 || odd == 3); /* 2^k or 3 * 2^k */
	ck_assert_uint_eq(contest.calls, 1 + contest.rounds + CONTEST_SIZES * contest.size_rounds);
	if (state == ROUNDS_FASTER)
		ck_assert_uint_ge(contest.size_rounds, contest.error == 0 ? CONTEST_SIZE_FEW : 0);
	else
		ck_assert_uint_eq(contest.size_rounds, 0);
	ck_assert_int_eq(contest.wall > 0, state == ROUNDS_FASTER);
	expect_costs();
	expect_rounds();
	if (state == ROUNDS_FASTER)
		expect_sizes();
	shared_free(shared, KEPT * sizeof *shared);
}
END_TEST

/* --- the kit's own processes -------------------------------------------------------- */

/* Fails at its third call: until then it has seen who descends from its process. */
static int looking_way(void *context, const uint32_t *seeds, size_t n, int32_t *results,
                       int workers)
{
	struct process_list *list = context;
	struct plan plan = { .wrong_at = -1 };
	(void)workers;
	if (tree_scan(getpid(), list) != list->count || contest.calls == 2)
		return -1;
	return map_serially(&plan, seeds, n, results);
}

START_TEST(forks_are_there_for_their_call_only)
{
	static struct process_list list;
	play(looking_way, &list);
	ck_assert_uint_eq(contest.calls, 2);
	ck_assert_int_eq(list.count, 0);
}
END_TEST

/* They are what the pool's workers must not be mixed up with: the same before, in between,
 * and gone afterwards. */
START_TEST(sleepers_are_there_all_the_time)
{
	static struct process_list before, list;
	contest = (struct contest){ .workers = WORKERS, .seed = 4711, .mechanism = BARE_WAKE };
	contest_prepare(&contest);
	ck_assert_int_eq(tree_scan(getpid(), &before), WORKERS);
	contest_run(&contest, looking_way, &list);
	ck_assert_uint_eq(contest.calls, 2);
	ck_assert_int_eq(list.count, WORKERS);
	for (int i = 0; i < WORKERS; i++)
		ck_assert(list.process[i].pid == before.process[0].pid ||
		          list.process[i].pid == before.process[1].pid);
	ck_assert_uint_eq(contest.rounds, 1);
	ck_assert(contest.round[0].bare > 0);
	expect_costs();
	expect_nobody();
	contest = (struct contest){ .workers = WORKERS, .seed = 4711, .mechanism = BARE_WAKE };
	contest_run(&contest, looking_way, &list); /* not prepared */
	ck_assert_int_eq(list.count, WORKERS);
	expect_nobody();
}
END_TEST

static int killing_way(void *context, const uint32_t *seeds, size_t n, int32_t *results,
                       int workers)
{
	static struct process_list list;
	struct plan *plan = context;
	(void)workers;
	if (++plan->calls == 3 && tree_scan(getpid(), &list) > 0)
		kill(list.process[0].pid, SIGKILL);
	return map_serially(plan, seeds, n, results);
}

START_TEST(sleeper_that_is_killed)
{
	struct plan plan = { 0 };
	contest = (struct contest){ .workers = WORKERS, .seed = 4711, .mechanism = BARE_WAKE };
	contest_run(&contest, killing_way, &plan);
	ck_assert_int_eq(contest.kit_error, ECHILD);
	ck_assert_uint_le(contest.rounds, 3);
	expect_nobody();
}
END_TEST

/* --- ways that end it ------------------------------------------------------------ */

START_TEST(way_that_fails)
{
	struct plan plan = { .fails_at = 3 };
	play(planned_way, &plan);
	ck_assert_int_eq(plan.calls, 3); /* and it is not called again */
	ck_assert_int_eq(contest.value, -3);
	ck_assert_int_eq(contest.error, EDOM);
	ck_assert_uint_eq(contest.failed_n, contest.n);
	ck_assert_uint_eq(contest.calls, 2);
	ck_assert_uint_eq(contest.wrong, 0);
	ck_assert_uint_eq(contest.rounds, 1);
	expect_costs();
	expect_rounds();
}
END_TEST

START_TEST(way_that_fails_at_once)
{
	struct plan plan = { .fails_at = 1 };
	play(planned_way, &plan);
	ck_assert_int_eq(contest.value, -3);
	ck_assert_uint_eq(contest.calls, 0);
	ck_assert_uint_eq(contest.rounds, 0);
	ck_assert_uint_eq(contest.failed_n, contest.n);
}
END_TEST

START_TEST(one_wrong_result)
{
	struct plan plan = { .wrong_at = 2, .wrong_place = 1234 };
	play(planned_way, &plan);
	ck_assert_int_eq(plan.calls, 2);
	ck_assert_int_eq(contest.value, 0);
	ck_assert_uint_eq(contest.failed_n, contest.n);
	ck_assert_uint_eq(contest.wrong, 1);
	ck_assert_uint_eq(contest.wrong_index, 1234);
	ck_assert_int_eq(contest.got, -4711);
	ck_assert_int_ge(contest.expected, 0);
	ck_assert_uint_eq(contest.rounds, 0);
}
END_TEST

/* The seeds are others each time. */
START_TEST(results_kept_from_the_first_call)
{
	struct plan plan = { .remembers = true, .seeds = calloc(KEPT, sizeof *plan.seeds) };
	ck_assert_ptr_nonnull(plan.seeds);
	play(planned_way, &plan);
	ck_assert_int_eq(plan.calls, 2);
	ck_assert_uint_gt(contest.wrong, contest.n / 2);
	ck_assert_uint_lt(contest.wrong_index, contest.n);
	ck_assert_int_ne(contest.got, contest.expected);
	free(plan.seeds);
}
END_TEST

static int lazy_way(void *context, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	struct plan *plan = context;
	(void)workers;
	if (++plan->calls == 1)
		return map_serially(plan, seeds, n, results);
	return 0; /* what stands there will do */
}

START_TEST(results_left_where_they_were)
{
	struct plan plan = { 0 };
	play(lazy_way, &plan);
	ck_assert_int_eq(plan.calls, 2);
	ck_assert_uint_ge(contest.wrong, contest.n - 1);
	ck_assert_int_eq(contest.got, 0x5a5a5a5a);
}
END_TEST

/* --- the kit's own forks --------------------------------------------------------- */

/* Under a limit of no process at all, and as a user whom it binds: nothing limits root. */
START_TEST(no_process_can_be_started)
{
	int status;
	struct plan plan = { 0 };
	uid_t user = (uid_t)(61400 + getpid() % 500); /* that nobody else is */
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		if (setresuid(user, user, user) != 0 && geteuid() == 0)
			_exit(2);
		setrlimit(RLIMIT_NPROC, &(struct rlimit){ 0, 0 });
		contest = (struct contest){ .workers = WORKERS, .seed = 4711 };
		contest_run(&contest, planned_way, &plan);
		_exit(contest.kit_error != EAGAIN || plan.calls > 0 || contest.rounds > 0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	if (WEXITSTATUS(status) == 2)
		puts("no_process_can_be_started: not tried, nothing limits root here");
	else
		ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

/* --- pure parts ------------------------------------------------------------------ */

static double pays_from(int workers, double start_seconds, double task_seconds)
{
	return contest_pays_from(&(struct contest){
		.workers = workers, .start_seconds = start_seconds, .task_seconds = task_seconds });
}

START_TEST(what_it_pays_from)
{
	ck_assert_double_eq_tol(pays_from(2, 100e-6, 1e-6), 200, 1e-9);
	ck_assert_double_eq_tol(pays_from(4, 300e-6, 0.5e-6), 800, 1e-9);
	ck_assert_double_eq_tol(pays_from(8, 700e-6, 1e-6), 800, 1e-9);
	ck_assert(isinf(pays_from(1, 100e-6, 1e-6)));
}
END_TEST

/* Ascending, whatever the costs are, and within the memory that a contest has. */
START_TEST(sizes)
{
	const size_t usual[CONTEST_SIZES] = { 25, 50, 100, 200, 400, 800, 1600 };
	const double start_seconds[] = { 0, 1e-9, 1e-6, 5e-6, 12e-6, 100e-6, 1e-3, 0.1, 10, 1e6 };
	contest = (struct contest){ .workers = 2, .task_seconds = 1e-6, .start_seconds = 100e-6 };
	contest_choose_sizes(&contest);
	ck_assert_mem_eq(contest.size, usual, sizeof usual);
	for (size_t i = 0; i < sizeof start_seconds / sizeof *start_seconds; i++) {
		contest.start_seconds = start_seconds[i];
		contest_choose_sizes(&contest);
		ck_assert_uint_ge(contest.size[0], 2);
		ck_assert_uint_le(contest.size[CONTEST_SIZES - 1], CONTEST_LARGEST + CONTEST_SIZES - 1);
		expect_sizes();
	}
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("speed_contest");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_test(t, good_way);
	tcase_add_test(t, forks_are_there_for_their_call_only);
	tcase_add_test(t, sleepers_are_there_all_the_time);
	tcase_add_test(t, sleeper_that_is_killed);
	tcase_add_test(t, way_that_fails);
	tcase_add_test(t, way_that_fails_at_once);
	tcase_add_test(t, one_wrong_result);
	tcase_add_test(t, results_kept_from_the_first_call);
	tcase_add_test(t, results_left_where_they_were);
	tcase_add_test(t, no_process_can_be_started);
	tcase_add_test(t, what_it_pays_from);
	tcase_add_test(t, sizes);
	Suite *suite = suite_create("speed_contest");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
