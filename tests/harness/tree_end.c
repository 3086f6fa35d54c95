/* tree_end leaves nobody, whatever they do against it. */
#define _GNU_SOURCE
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "shared.h"
#include "tree.h"

enum { TEST_SECONDS = 120, LOOKS = 20000 };

static void sleep_for_ever(void) __attribute__((noreturn));
static void sleep_for_ever(void)
{
	for (;;)
		pause();
}

static pid_t start_sleeper(void)
{
	pid_t pid = fork();
	if (pid == 0)
		sleep_for_ever();
	ck_assert_int_gt(pid, 0);
	return pid;
}

/* A child with a child with a child: in all so many. Returns the first's pid when
 * the last is there. */
static pid_t start_chain(int length)
{
	int ends[2];
	char byte;
	ck_assert_int_eq(pipe(ends), 0);
	pid_t first = fork(), next = first;
	for (int made = 1; first == 0 && next == 0 && made < length; made++)
		next = fork();
	if (first == 0) {
		if (next == 0 && write(ends[1], "x", 1) != 1)
			_exit(1);
		sleep_for_ever();
	}
	ck_assert_int_eq(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	close(ends[1]);
	return first;
}

static pid_t start_zombie(void)
{
	siginfo_t info;
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	return pid;
}

/* Looks until the process is in this state. */
static struct process await_state(pid_t pid, char state)
{
	struct process p = { 0 };
	for (int look = 0; look < LOOKS && p.state != state; look++) {
		ck_assert(tree_read(pid, &p));
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	ck_assert_int_eq(p.state, state);
	return p;
}

static void end_all(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	ck_assert_int_eq(tree_end(), 0);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}

START_TEST(end_of_nobody)
{
	ck_assert_int_eq(tree_end(), 0);
}
END_TEST

START_TEST(end_of_zombies)
{
	start_zombie();
	start_zombie();
	end_all();
}
END_TEST

START_TEST(end_of_those_who_resist)
{
	pid_t stopped = start_sleeper();
	pid_t deaf = fork();
	for (int number = 1; deaf == 0 && number < NSIG; number++)
		signal(number, SIG_IGN);
	if (deaf == 0)
		sleep_for_ever();
	kill(stopped, SIGSTOP);
	await_state(stopped, 'T');
	start_chain(5);
	end_all();
}
END_TEST

/* A daemon comes back to the subreaper, and is ended there. */
START_TEST(end_of_daemons)
{
	pid_t *daemon = shared_alloc(sizeof *daemon);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	pid_t pid = fork();
	if (pid == 0) {
		setsid();
		*daemon = start_sleeper();
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	struct process p;
	ck_assert(tree_read(*daemon, &p));
	ck_assert_int_eq(p.parent, getpid());
	end_all();
	ck_assert(!tree_read(*daemon, &p));
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("tree: end");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_test(t, end_of_nobody);
	tcase_add_test(t, end_of_zombies);
	tcase_add_test(t, end_of_those_who_resist);
	tcase_add_test(t, end_of_daemons);
	Suite *suite = suite_create("tree: end");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
