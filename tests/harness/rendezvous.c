/* The meeting: it proves that workers run side by side, and lets nobody hang. */
#define _GNU_SOURCE
#include <check.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rendezvous.h"
#include "shared.h"
#include "tree.h"

enum { TEST_SECONDS = 120, LOOKS = 20000 };

static struct rendezvous *meeting_create(unsigned expected)
{
	struct rendezvous *meeting = shared_alloc(sizeof *meeting);
	rendezvous_init(meeting, expected);
	return meeting;
}

/* Starts a process that comes to the meeting and ends with what it was told. */
static pid_t send_worker(struct rendezvous *meeting)
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(rendezvous_meet(meeting) ? 1 : 0);
	return pid;
}

static int told(pid_t pid)
{
	int status = -1;
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Looks until so many have come and wait asleep. */
static void await_sleepers(const struct rendezvous *meeting, const pid_t pid[], int count)
{
	int asleep = 0;
	for (int look = 0; look < LOOKS && asleep < count; look++) {
		struct process p;
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
		asleep = 0;
		for (int i = 0; i < count; i++)
			asleep += tree_read(pid[i], &p) && p.state == 'S';
		if ((int)atomic_load(&meeting->arrived) < count)
			asleep = 0;
	}
	ck_assert_int_eq(asleep, count);
}

START_TEST(meeting_of_all)
{
	struct rendezvous *meeting = meeting_create(4);
	pid_t pid[4];
	for (int i = 0; i < 3; i++)
		pid[i] = send_worker(meeting);
	await_sleepers(meeting, pid, 3);
	ck_assert(!rendezvous_complete(meeting));
	pid[3] = send_worker(meeting);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(told(pid[i]), 1);
	ck_assert(rendezvous_complete(meeting));
}
END_TEST

START_TEST(meeting_of_one)
{
	struct rendezvous *meeting = meeting_create(1);
	ck_assert(rendezvous_meet(meeting));
	ck_assert(rendezvous_complete(meeting));
}
END_TEST

START_TEST(meeting_that_is_given_up)
{
	struct rendezvous *meeting = meeting_create(3);
	pid_t pid[2] = { send_worker(meeting), send_worker(meeting) };
	await_sleepers(meeting, pid, 2);
	rendezvous_give_up(meeting);
	ck_assert_int_eq(told(pid[0]), 0);
	ck_assert_int_eq(told(pid[1]), 0);
	ck_assert(!rendezvous_complete(meeting));
	ck_assert_uint_eq(meeting->arrived_in_time, 2);
}
END_TEST

/* Whoever comes too late does not wait, and does not make it complete. */
START_TEST(late_arrivals)
{
	struct rendezvous *meeting = meeting_create(2);
	rendezvous_give_up(meeting);
	ck_assert(!rendezvous_meet(meeting));
	ck_assert(!rendezvous_meet(meeting));
	ck_assert(!rendezvous_meet(meeting));
	ck_assert(!rendezvous_complete(meeting));
	rendezvous_give_up(meeting);
	ck_assert_uint_eq(meeting->arrived_in_time, 0);
}
END_TEST

START_TEST(meeting_that_took_place)
{
	struct rendezvous *meeting = meeting_create(1);
	rendezvous_meet(meeting);
	rendezvous_give_up(meeting);
	ck_assert(rendezvous_complete(meeting));
	ck_assert_uint_eq(meeting->arrived_in_time, 0);
	ck_assert(rendezvous_meet(meeting)); /* one more than expected */
	rendezvous_init(meeting, 2);
	ck_assert(!rendezvous_complete(meeting));
	ck_assert_uint_eq(atomic_load(&meeting->arrived), 0);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("rendezvous");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_test(t, meeting_of_all);
	tcase_add_test(t, meeting_of_one);
	tcase_add_test(t, meeting_that_is_given_up);
	tcase_add_test(t, late_arrivals);
	tcase_add_test(t, meeting_that_took_place);
	Suite *suite = suite_create("rendezvous");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
