/* The processes below a process: who is found, and what is known of each. */
#define _GNU_SOURCE
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "shared.h"
#include "tree.h"

enum { TEST_SECONDS = 120, LOOKS = 20000, FREE_USER = 61900 };

static struct process_list list;

/* --- processes for the tests -------------------------------------------------- */

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

static void end_all(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	ck_assert_int_eq(tree_end(), 0);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}

static const struct process *found(pid_t pid)
{
	for (int i = 0; i < list.count && i < PROCESSES_KEPT; i++)
		if (list.process[i].pid == pid)
			return &list.process[i];
	return NULL;
}

/* --- one process -------------------------------------------------------------- */

START_TEST(read_of_oneself)
{
	struct process p;
	ck_assert(tree_read(getpid(), &p));
	ck_assert_int_eq(p.pid, getpid());
	ck_assert_int_eq(p.parent, getppid());
	ck_assert_int_eq(p.state, 'R');
	ck_assert_uint_gt(p.start, 0);
	ck_assert(p.cpu_seconds >= 0);
	ck_assert(process_alive(&p));
}
END_TEST

/* The name may look like the fields that come after it. */
START_TEST(names_with_brackets)
{
	struct process p;
	prctl(PR_SET_NAME, "a) Z 1 (b) (", 0, 0, 0);
	ck_assert(tree_read(getpid(), &p));
	ck_assert_str_eq(p.name, "a) Z 1 (b) (");
	ck_assert_int_eq(p.parent, getppid());
	ck_assert_int_eq(p.state, 'R');
}
END_TEST

START_TEST(longest_name)
{
	struct process p;
	prctl(PR_SET_NAME, "fifteen_letters", 0, 0, 0);
	ck_assert(tree_read(getpid(), &p));
	ck_assert_str_eq(p.name, "fifteen_letters");
}
END_TEST

START_TEST(process_that_is_gone)
{
	struct process p;
	pid_t pid = start_zombie();
	ck_assert(tree_read(pid, &p));
	ck_assert(!process_alive(&p));
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert(!tree_read(pid, &p));
}
END_TEST

/* User and system time, its own and that of the children it waited for. */
START_TEST(cpu_time)
{
	struct process p;
	pid_t pid = fork();
	if (pid == 0) {
		while (clock() < CLOCKS_PER_SEC / 5)
			;
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	ck_assert(tree_read(getpid(), &p));
	ck_assert(p.cpu_seconds > 0.15);
	ck_assert(p.cpu_seconds < 100);
}
END_TEST

/* --- many processes ----------------------------------------------------------- */

START_TEST(scan_finds_descendants)
{
	pid_t child = start_sleeper(), zombie = start_zombie(), chain = start_chain(3);
	ck_assert_int_eq(tree_scan(getpid(), &list), 5);
	ck_assert_int_eq(list.count, 5);
	ck_assert_ptr_nonnull(found(child));
	ck_assert_int_eq(found(child)->parent, getpid());
	ck_assert_int_eq(found(zombie)->state, 'Z');
	ck_assert_ptr_null(found(getpid()));
	ck_assert_ptr_null(found(getppid()));
	ck_assert_int_eq(tree_scan(chain, &list), 2);
	ck_assert_int_eq(tree_scan(child, &list), 0);
	ck_assert_int_eq(list.count, 0);
	end_all();
}
END_TEST

START_TEST(long_chain)
{
	start_chain(40);
	ck_assert_int_eq(tree_scan(getpid(), &list), 40);
	end_all();
}
END_TEST

/* More than the list has room for: all are counted. */
START_TEST(many_children)
{
	for (int i = 0; i < PROCESSES_KEPT + 10; i++)
		start_sleeper();
	ck_assert_int_eq(tree_scan(getpid(), &list), PROCESSES_KEPT + 10);
	ck_assert_int_eq(list.count, PROCESSES_KEPT + 10);
	end_all();
}
END_TEST

START_TEST(read_of_a_thread)
{
	struct process whole, first;
	ck_assert(tree_read(getpid(), &whole));
	ck_assert(tree_read_thread(getpid(), getpid(), &first));
	ck_assert_int_eq(first.pid, getpid());
	ck_assert_int_eq(first.state, 'R');
	ck_assert_uint_eq(first.start, whole.start);
	ck_assert(!tree_read_thread(getpid(), getppid(), &first));
}
END_TEST

/* --- threads of a user -------------------------------------------------------- */

static void *sleep_in_thread(void *arg)
{
	sleep_for_ever();
	return arg;
}

static void start_threads(int count)
{
	for (pthread_t thread; count > 0; count--)
		if (pthread_create(&thread, NULL, sleep_in_thread, NULL) != 0)
			_exit(1);
}

/* A user that nobody else is, where we may become one; else our own. */
static uid_t choose_user(void)
{
	int status;
	uid_t user = (uid_t)(FREE_USER + getpid() % 90);
	pid_t pid = fork();
	if (pid == 0)
		_exit(setresuid(user, user, user) != 0);
	waitpid(pid, &status, 0);
	return status == 0 ? user : getuid();
}

/* Exact for a user of one's own; of another there may be more. */
START_TEST(threads_of_user)
{
	int ends[2];
	char byte;
	uid_t user = choose_user();
	int before = tree_threads_of_user(user);
	ck_assert_int_eq(pipe(ends), 0);
	pid_t pid = fork();
	if (pid == 0) {
		if (setresuid(user, user, user) != 0)
			_exit(1);
		start_threads(3);
		if (write(ends[1], "x", 1) == 1)
			sleep_for_ever();
	}
	ck_assert_int_eq(read(ends[0], &byte, 1), 1);
	if (user != getuid())
		ck_assert_int_eq(tree_threads_of_user(user) - before, 4);
	else
		ck_assert_int_ge(tree_threads_of_user(user), 5);
	end_all();
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("tree");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_test(t, read_of_oneself);
	tcase_add_test(t, read_of_a_thread);
	tcase_add_test(t, names_with_brackets);
	tcase_add_test(t, longest_name);
	tcase_add_test(t, process_that_is_gone);
	tcase_add_test(t, cpu_time);
	tcase_add_test(t, scan_finds_descendants);
	tcase_add_test(t, long_chain);
	tcase_add_test(t, many_children);
	tcase_add_test(t, threads_of_user);
	Suite *suite = suite_create("tree");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
