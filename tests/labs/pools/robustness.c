/* Every pool: interrupted calls, short transfers, calls that fail, a parent that dies. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "map_shared.h"
#include "pools.h"

/* n / 3 of the large ones are more than what a pipe holds; a chunk is more than PIPE_BUF. */
enum { LARGE = 60000, MEDIUM = 20000, CHUNK = 2000, ALL_LARGE = LARGE + MEDIUM + 1000 };

static void use_it(struct session *s)
{
	struct pool *pool = session_create(s, 3);
	session_map(s, pool, LARGE, 0);
	session_map(s, pool, 7, 1);
	session_map(s, pool, MEDIUM, CHUNK);
	session_apply(s, pool);
	session_close(s, pool);
}

bool pool_good_without_faults(struct test *t)
{
	struct session *s = session_with_tasks(t, use_it, ALL_LARGE);
	if (session_run(t, s, NULL)) {
		judge_children(&t->verdict, &t->outcome);
		judge_descriptors(&t->verdict, &t->outcome);
	}
	session_free(s);
	return verdict_open(&t->verdict);
}

/* --- interruptions and short transfers -------------------------------------------------- */

static void take_one_by_one(struct session *s)
{
	struct pool *pool = session_create(s, 3);
	session_do(s, (struct session_work){ .doing = DO_MEET, .amount = 3 });
	session_map(s, pool, 80, 1);
	session_do(s, (struct session_work){ .doing = DO_NOTHING });
	for (int i = 0; i < 6; i++)
		session_map(s, pool, 5, 1);
	session_close(s, pool);
}

/* The programs that are run while calls are disturbed. */
struct disturbed {
	void (*much)(struct session *);
	size_t tasks;
	void (*crowd)(struct session *);
};

static void disturb(struct test *t, const struct disturbed *d, bool crowd, const struct call *how)
{
	struct session *s = crowd ? session_new(t, d->crowd) : session_with_tasks(t, d->much, d->tasks);
	s->steps = crowd && map_can_step();
	if (session_run(t, s, how)) {
		judge_children(&t->verdict, &t->outcome);
		judge_descriptors(&t->verdict, &t->outcome);
	}
	session_free(s);
}

static void interrupt(struct test *t, const struct disturbed *d, uint32_t round)
{
	bool crowd = round % 4 == 3;
	struct call interrupted = {
		/* in a crowd every instruction is a signal */
		.limits = { .cpu_seconds = crowd ? 40 : 5, .most_seconds = crowd ? 40 : 20 },
		.faults = { .interrupt_seed = test_random(t, round) | 1,
		            .signal_seconds = round % 2 == 0 ? 0.002 : 0,
		            .delay_seed = crowd ? test_random(t, 50 + round) | 1 : 0 },
	};
	disturb(t, d, crowd, &interrupted);
	bool known = t->outcome.unanswered[0] != '\0';
	verdict_blame(&t->verdict, INTERRUPTED_CALL,
	              "Where a call that waits (sem_wait, read, write, poll, waitpid, a futex) returns "
	              "with EINTR, nothing has happened yet: call it again.",
	              "Signals were handled while your functions ran, and calls returned EINTR (%s%s%s; "
	              "SEED=%u replays it). They did not survive that: ",
	              known ? "" : "the first: ",
	              known ? t->outcome.unanswered : t->outcome.first_fault,
	              known ? " was not called again" : "", t->seed);
}

static void cut_short(struct test *t, const struct disturbed *d, uint32_t round)
{
	struct call cut = { .faults = { .short_seed = test_random(t, 100 + round) | 1 } };
	disturb(t, d, false, &cut);
	verdict_blame(&t->verdict, SHORT_TRANSFER,
	              "Add up what read and write return, and call them in a loop until all has been "
	              "moved.",
	              "%d transfers moved fewer bytes than asked, as a pipe may (the first: %s; "
	              "SEED=%u replays it). Your functions did not survive that: ",
	              t->outcome.short_transfers, t->outcome.first_fault, t->seed);
}

void pool_judge_interruptions(struct test *t, void (*much)(struct session *), size_t tasks,
                              void (*crowd)(struct session *))
{
	enum { ROUNDS = 5, SHORT_ROUNDS = 4 };
	const struct disturbed d = { much, tasks, crowd };
	/* Short transfers first: who is interrupted while it moves data gets them, too. */
	bool moves = true; /* who moves nothing in two rounds never does */
	for (uint32_t round = 0; round < SHORT_ROUNDS && moves && verdict_open(&t->verdict); round++) {
		cut_short(t, &d, round);
		moves = t->outcome.short_transfers > 0 || round == 0;
	}
	for (uint32_t round = 0; round < ROUNDS && verdict_open(&t->verdict); round++)
		interrupt(t, &d, round);
}

void pool_test_interruptions(struct test *t)
{
	if (pool_good_without_faults(t))
		pool_judge_interruptions(t, use_it, ALL_LARGE, take_one_by_one);
}

/* --- calls that fail ------------------------------------------------------------------------ */

struct failing_call {
	enum failing which;
	const char *name;
	int error;
};

static const struct failing_call *the_failing; /* which one is made to fail */

/* After pool_create has failed there is no pool; after pool_map has, there still is one. */
static void use_it_while_calls_fail(struct session *s)
{
	session_expect(s, TO_DO_EITHER, the_failing->error);
	struct pool *pool = session_create(s, 3);
	if (pool == NULL)
		return;
	session_map(s, pool, LARGE, 0);
	session_apply(s, pool);
	session_map(s, pool, MEDIUM, CHUNK);
	session_expect(s, TO_DO_EITHER, ECHILD);
	session_close(s, pool);
}

static const char *how_to_mend(const struct failing_call *f)
{
	if (f->which == FAIL_ALLOCATE || f->which == FAIL_MAP)
		return "Check what it returned (malloc: NULL, mmap: MAP_FAILED); undo what was done so "
		       "far, and fail with its errno.";
	return "When it returns -1, keep its errno; kill and wait for the workers started so far, "
	       "close and unmap what is there, and return NULL with that errno.";
}

static void judge_after_failing(struct test *t, struct session *s, const struct failing_call *f,
                                int k)
{
	if (t->outcome.ending == ENDING_RETURNED)
		session_judge(t, s);
	/* -1 with ECHILD from a later call: the pool was given out with a worker missing. */
	const struct session_call *last = &s->call[s->calls > 0 ? s->calls - 1 : 0];
	bool missed = s->calls > 1 && last->value_error == ECHILD;
	bool errno_only = t->verdict.diagnosis == WRONG_ERRNO && !missed;
	judge_leftovers(&t->verdict, &t->outcome);
	if (t->outcome.kills_of_all > 0)
		verdict_fail(&t->verdict, IGNORED_FAILURE, "",
		             "it called kill(-1, ...), which ends every process of the user: the -1 was what "
		             "fork had returned.");
	verdict_blame(&t->verdict, errno_only ? WRONG_ERRNO : IGNORED_FAILURE,
	              errno_only ? "Keep errno in a variable as soon as the call has failed: other calls "
	                           "change it. Set it as the last thing before you return."
	                         : how_to_mend(f),
	              "The test made %s number %d fail, and all later ones, with %s. After that: ",
	              f->name, k, strerrorname_np(f->error));
}

/* Every k, until no more of these calls are made. */
static bool fail_each(struct test *t, const struct failing_call *f)
{
	enum { MOST = 12 };
	bool more = true, any = false;
	the_failing = f;
	for (int k = 1; more && k <= MOST && verdict_open(&t->verdict); k++) {
		struct session *s = session_with_tasks(t, use_it_while_calls_fail, ALL_LARGE);
		struct call call = { 0 };
		call.faults.fails_from[f->which] = k;
		call.faults.fails_with[f->which] = f->error;
		session_start(t, s, &call);
		more = t->outcome.failed[f->which] > 0;
		any = any || more;
		if (more)
			judge_after_failing(t, s, f, k);
		session_free(s);
	}
	return any;
}

void pool_test_failed_start(struct test *t)
{
	static const struct failing_call calls[] = {
		{ FAIL_FORK, "fork", EAGAIN },
		{ FAIL_PIPE, "pipe", EMFILE },
		{ FAIL_MAP, "mmap", ENOMEM },
		{ FAIL_ALLOCATE, "malloc (or calloc)", ENOMEM },
	};
	bool any = false;
	if (!pool_good_without_faults(t))
		return;
	for (size_t i = 0; i < sizeof calls / sizeof *calls && verdict_open(&t->verdict); i++)
		any = fail_each(t, &calls[i]) || any;
	if (!any)
		verdict_set(&t->verdict, VERDICT_NOT_MEASURED,
		            "No call could be made to fail: the workers come from neither fork, clone nor "
		            "syscall.");
}

/* --- bad arguments ------------------------------------------------------------------------------ */

static void use_it_badly(struct session *s, struct pool *pool)
{
	session_expect(s, TO_FAIL, EINVAL);
	s->no_task = true;
	session_map(s, pool, 3, 1);
	session_apply(s, pool);
	s->no_task = false;
	s->no_results = true;
	session_map(s, pool, 3, 1);
	session_apply(s, pool);
	s->no_results = false;
	s->no_seeds = true;
	session_map(s, pool, 3, 1);
	s->no_seeds = false;
	session_expect(s, TO_SUCCEED, 0);
}

static void pass_bad_arguments(struct session *s)
{
	session_expect(s, TO_FAIL, EINVAL);
	session_create(s, 0);
	session_create(s, -1);
	session_close(s, NULL);
	session_terminate(s, NULL);
	session_workers(s, NULL);
	session_map(s, NULL, 3, 1);
	session_apply(s, NULL);
	session_expect(s, TO_SUCCEED, 0);
	struct pool *pool = session_create(s, 2);
	use_it_badly(s, pool);
	s->no_seeds = s->no_results = true;
	session_map(s, pool, 0, 0); /* with n = 0 there is nothing to point to */
	s->no_seeds = s->no_results = false;
	session_close(s, pool);
}

void pool_test_arguments(struct test *t)
{
	struct session *s = session_new(t, pass_bad_arguments);
	session_run(t, s, NULL);
	if (verdict_open(&t->verdict) || t->verdict.diagnosis == BAD_ARGUMENT)
		judge_leftovers(&t->verdict, &t->outcome);
	session_free(s);
}

/* A call that failed leaves the pool as it was. */
static void go_on(struct session *s)
{
	for (int i = 0; i < 2; i++) {
		struct pool *pool = session_create(s, 2);
		session_map(s, pool, 10, 1);
		use_it_badly(s, pool);
		session_map(s, pool, 50, 7);
		use_it_badly(s, pool);
		session_apply(s, pool);
		if (i == 1)
			use_it_badly(s, pool);
		session_close(s, pool);
	}
}

void pool_test_after_failure(struct test *t)
{
	struct session *s = session_new(t, go_on);
	if (session_run(t, s, NULL))
		judge_leftovers(&t->verdict, &t->outcome);
	verdict_before(&t->verdict, "Calls that were rightly refused, for bad arguments, came between: ");
	session_free(s);
}

/* --- the parent dies ----------------------------------------------------------------------------- */

enum { WORKERS = 3 };
#define GONE_SECONDS 1.0

static struct pool *a_pool_in_use(struct session *s)
{
	struct pool *pool = session_create(s, WORKERS);
	session_do(s, (struct session_work){ .doing = DO_MEET, .amount = WORKERS });
	session_map(s, pool, WORKERS, 1);
	session_do(s, (struct session_work){ .doing = DO_NOTHING });
	session_map(s, pool, 100, 0);
	return pool;
}

static void be_killed(struct session *s)
{
	a_pool_in_use(s);
	session_nap(s->number * 0.030); /* at once, or when they are asleep */
	syscall(SYS_kill, getpid(), SIGKILL);
}

static void judge_gone(struct test *t, const struct session *s, const char *what)
{
	if (!verdict_open(&t->verdict))
		return;
	if (s->seconds_until_gone > GONE_SECONDS)
		verdict_fail(&t->verdict, ORPHAN,
		             "Let each worker ask for a signal when its parent dies: "
		             "prctl(PR_SET_PDEATHSIG, SIGKILL), right after the fork. Or let it end at the end "
		             "of a pipe that only the parent can write to.",
		             "%s, and after %.0f s workers of its pool were still there. Expected: if the "
		             "parent dies, however that is, so do the workers.",
		             what, GONE_SECONDS);
}

void pool_test_parent_dies(struct test *t)
{
	struct call patient = { .limits = { .wall_seconds = 4, .most_seconds = 20 } };
	for (int asleep = 0; asleep < 2 && verdict_open(&t->verdict); asleep++) {
		struct session *s = session_new(t, be_killed);
		s->parent_dies = true;
		s->number = asleep;
		if (session_run(t, s, &patient))
			judge_gone(t, s, "The process that had made the pool was killed by SIGKILL");
		session_free(s);
	}
}

static void wait_for_ctrl_c(struct session *s)
{
	struct pool *pool = a_pool_in_use(s);
	atomic_store(&s->ready, true);
	if (s->number == 1) {
		session_do(s, (struct session_work){ .doing = DO_NAP, .amount = 5 });
		for (int i = 0; i < 200; i++)
			session_map(s, pool, 2 * WORKERS, 1);
	}
	session_nap(2);
}

/* The signal reaches the whole group, as in a terminal. */
void pool_test_ctrl_c(struct test *t)
{
	struct call patient = { .limits = { .wall_seconds = 4, .most_seconds = 20 } };
	for (int working = 0; working < 2 && verdict_open(&t->verdict); working++) {
		struct session *s = session_new(t, wait_for_ctrl_c);
		s->parent_dies = s->ctrl_c = true;
		s->number = working;
		if (session_start(t, s, &patient)) {
			int status = s->parent_status;
			if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGINT)
				session_judge(t, s);
			if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGINT)
				verdict_fail(&t->verdict, ORPHAN,
				             "Leave SIGINT as it is, in the caller and in the workers.",
				             "Ctrl-C (SIGINT to all of the caller's process group) did not end the "
				             "process that had made the pool. Expected: once is enough, for it and "
				             "its workers.");
			judge_gone(t, s, "Ctrl-C ended the process that had made the pool");
		}
		session_free(s);
	}
}
