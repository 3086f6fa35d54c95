/* The search for what holds everybody up, on scenes made by hand: what cannot be
 * made to order with real processes, and above all what must not be explained
 * because too little is known.
 */
#define _GNU_SOURCE
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "hang.h"
#include "hang_told.h"

enum { TEST_SECONDS = 120, CALLER = 100, A = 1001, B = 1002 };

static struct outcome outcome;
static struct scene *s = &outcome.scene;
static struct finding found;
static struct told told;

/* --- scenes ------------------------------------------------------------------- */

/* The caller, pid 100, and workers 0 to n - 1, pids 101 and up, all of whom are
 * asleep in who knows what. */
static void setup_workers(int workers)
{
	memset(&outcome, 0, sizeof outcome);
	outcome.caller = CALLER;
	s->when = SCENE_AT_END;
	s->count = workers + 1;
	for (int i = 0; i <= workers; i++) {
		s->process[i] = (struct scene_process){
			.pid = CALLER + i, .parent = i == 0 ? 1 : CALLER, .state = 'S', .caller = i == 0,
			.rank = i - 1, .threads = 1,
			.thread[0] = { .tid = CALLER + i, .state = 'S', .call = -1 },
		};
		if (i > 0)
			s->started[s->starts++] = CALLER + i;
	}
}

static void setup(void)
{
	setup_workers(2);
}

static struct scene_thread *thread_of(int process)
{
	return &s->process[process].thread[0];
}

/* This process holds an end of the pipe, with the pipe's inode for a number. */
static void holds(int process, int pipe, bool writes)
{
	s->end[s->ends++] = (struct scene_end){ .process = process, .fd = pipe,
		.inode = (unsigned long)pipe, .reads = !writes, .writes = writes };
}

static void waits_at(int process, int pipe, bool writes)
{
	struct scene_thread *t = thread_of(process);
	t->kind = WAIT_FILES;
	t->call = writes ? SYS_write : SYS_read;
	t->wants = 1;
	t->want[0] = (struct scene_want){ pipe, !writes, writes };
	holds(process, pipe, writes);
}

static void reads(int process, int pipe)
{
	waits_at(process, pipe, false);
}

static void writes(int process, int pipe)
{
	waits_at(process, pipe, true);
}

static void waits_for_child(int process, pid_t child)
{
	thread_of(process)->kind = WAIT_CHILD;
	thread_of(process)->call = SYS_wait4;
	thread_of(process)->child = child;
}

/* Waits for a word in shared memory. */
static struct scene_word *waits_for_word(int process, unsigned long offset)
{
	struct scene_word *word = &thread_of(process)->word;
	thread_of(process)->kind = WAIT_WORD;
	thread_of(process)->call = SYS_futex;
	*word = (struct scene_word){ .known = true, .shared = true, .inode = 1, .offset = offset };
	return word;
}

static void waits_for_mutex(int process, unsigned long offset, pid_t owner)
{
	struct scene_word *word = waits_for_word(process, offset);
	word->value[0] = 2;
	word->value[2] = (uint32_t)owner;
	word->value[3] = 1;
	word->value[4] = 128;
}

/* --- what is found -------------------------------------------------------------- */

static void expect(enum finding_kind kind, int process)
{
	waits_search(s, &found);
	ck_assert_int_eq(found.kind, kind);
	if (kind != FOUND_NOTHING)
		ck_assert_int_eq(found.step[found.at].process, process);
}

static void expect_nothing(void)
{
	struct verdict v = { 0 };
	expect(FOUND_NOTHING, 0);
	ck_assert(!hang_tell(s, NULL, &told));
	ck_assert(!hang_explains_stall(&v, &(struct call){ .plugin = "/none" }, &outcome));
	ck_assert(verdict_open(&v));
}

static void expect_told(const char *part)
{
	ck_assert(hang_tell(s, NULL, &told));
	ck_assert_msg(strstr(told.message, part) != NULL, "\"%s\" not in: %s", part, told.message);
	ck_assert_uint_lt(strlen(told.message), sizeof told.message - 1);
	ck_assert_uint_lt(strlen(told.next_step), sizeof told.next_step - 1);
}

/* --- too little is known ---------------------------------------------------------- */

START_TEST(nothing_without_a_scene)
{
	reads(0, A);
	holds(0, A, true);
	expect(FOUND_NO_END, 0);
	s->when = SCENE_NONE;
	expect_nothing();
	s->when = SCENE_AT_END;
	s->count = 0;
	expect_nothing();
}
END_TEST

/* /proc/PID/syscall could not be read. */
START_TEST(unknown_calls_explain_nothing)
{
	holds(0, A, true);
	holds(1, A, false);
	expect_nothing();
}
END_TEST

/* A writer that sleeps, runs, is stopped or unknown may write yet. */
START_TEST(writer_that_may_write)
{
	static const enum wait_kind kinds[] = { WAIT_TIME, WAIT_RUNS, WAIT_STOPPED, WAIT_UNKNOWN,
		                                    WAIT_SIGNAL, WAIT_OTHER };
	reads(0, A);
	holds(0, A, true);
	holds(1, A, true);
	waits_for_child(1, -1);
	expect(FOUND_NO_END, 0);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		thread_of(1)->kind = kinds[i];
		expect_nothing();
	}
}
END_TEST

START_TEST(second_thread_may_write)
{
	reads(0, A);
	holds(0, A, true);
	s->process[0].threads = 2;
	s->process[0].thread[1].kind = WAIT_RUNS;
	expect_nothing();
}
END_TEST

START_TEST(sockets_are_not_explained)
{
	reads(0, A);
	holds(0, A, true);
	s->end[0].socket = s->end[1].socket = true;
	expect_nothing();
}
END_TEST

/* Its owner may be among those that were not kept. */
START_TEST(owner_that_was_not_seen)
{
	waits_for_mutex(1, 0, 4711);
	expect(FOUND_LOCK_DEAD, 1);
	s->incomplete = true;
	expect_nothing();
}
END_TEST

START_TEST(word_that_could_not_be_read)
{
	waits_for_mutex(1, 0, 4711);
	thread_of(1)->word.known = false;
	expect_nothing();
}
END_TEST

/* Other threads of the process may wake it. */
START_TEST(private_word_of_a_process_with_threads)
{
	waits_for_mutex(1, 0, 102);
	thread_of(1)->word.shared = false;
	expect(FOUND_LOCK_COPY, 1);
	s->process[1].threads = 2;
	s->process[1].thread[1].kind = WAIT_OTHER;
	expect_nothing();
}
END_TEST

/* Nobody stands in the way of a meeting that some do not come to. */
START_TEST(meeting_that_waits_for_nobody)
{
	thread_of(1)->kind = thread_of(2)->kind = WAIT_TEST;
	waits_for_child(0, -1);
	expect_nothing();
}
END_TEST

/* --- what is the cause -------------------------------------------------------------- */

/* The caller waits for worker 0, which waits for worker 1, which waits for itself. */
START_TEST(cause_is_at_the_end_of_the_way)
{
	waits_for_child(0, 101);
	reads(1, A);
	holds(2, A, true);
	waits_for_mutex(2, 64, 102);
	expect(FOUND_LOCK_SELF, 2);
	expect_told("worker 1 (pid 102) waits for a mutex in shared memory (byte 64 of its mapping), "
	            "which it has locked itself.");
}
END_TEST

/* Idle workers wait for work at a semaphore; that is not what is wrong. */
START_TEST(semaphore_of_an_idle_worker)
{
	struct scene_word *word = waits_for_word(0, 8);
	word->value[1] = 1;
	word->value[2] = 128;
	waits_for_word(1, 16);
	expect(FOUND_NO_POST, 0);
	expect_told("the caller waits for a semaphore in shared memory (byte 8 of its mapping), and "
	            "nobody is left to wake it: worker 0");
	waits_for_mutex(2, 0, 99);
	expect(FOUND_LOCK_DEAD, 2);
}
END_TEST

START_TEST(robust_mutex_of_a_zombie)
{
	waits_for_mutex(1, 0, 102);
	thread_of(1)->word.value[0] = 0x80000000u | 102;
	thread_of(1)->word.value[4] = 0x90;
	thread_of(2)->kind = WAIT_ENDED;
	s->process[2].state = 'Z';
	expect(FOUND_LOCK_DEAD, 1);
	expect_told("It is locked by worker 1 (pid 102), which has ended");
}
END_TEST

/* What only resembles a mutex is not said to be one. */
START_TEST(word_that_is_no_mutex)
{
	waits_for_mutex(1, 0, 101);
	thread_of(1)->word.value[4] = 0x12345;
	waits_for_child(0, 101);
	expect(FOUND_NO_POST, 1);
}
END_TEST

/* A private operation of a process whose threads share the word is its own affair. */
START_TEST(private_operation)
{
	waits_for_word(1, 0)->is_private = true;
	waits_for_child(0, 101);
	expect(FOUND_LOCK_NOT_SHARED, 1);
	s->process[1].threads = 2;
	s->process[1].thread[1] = *thread_of(1);
	expect(FOUND_NO_POST, 1);
}
END_TEST

START_TEST(lock_held_over_a_full_pipe)
{
	waits_for_child(0, -1);
	waits_for_mutex(1, 0, 102);
	writes(2, A);
	holds(0, A, false);
	expect(FOUND_FULL_WAITED, 2);
}
END_TEST

START_TEST(full_pipe_that_a_sibling_could_read)
{
	waits_for_child(0, -1);
	writes(1, A);
	holds(0, A, false);
	holds(2, A, false);
	writes(2, B);
	holds(0, B, false);
	expect(FOUND_FULL_WAITED, 1);
}
END_TEST

START_TEST(holders_are_counted)
{
	setup_workers(6);
	reads(1, A);
	waits_for_child(0, 101);
	for (int i = 2; i <= 4; i++) {
		holds(i, A, true);
		reads(i, A + i);
		holds(0, A + i, true);
	}
	expect_told("open in worker 1 (pid 102), in worker 2 (pid 103) and in worker 3 (pid 104), so");
	for (int i = 5; i <= 6; i++) {
		holds(i, A, true);
		waits_for_child(i, -1);
	}
	expect_told("in worker 2 (pid 103), in worker 3 (pid 104) and in 2 more, so");
}
END_TEST

/* Each reads what the next one should write: told without an end it would not fit. */
START_TEST(largest_circle)
{
	setup_workers(SCENE_PROCESSES - 1);
	for (int i = 0; i < SCENE_PROCESSES; i++) {
		reads(i, A + i);
		holds((i + 1) % SCENE_PROCESSES, A + i, true);
	}
	expect(FOUND_BOTH_READ, SCENE_PROCESSES - 1);
	expect_told("60 more wait in the same way.");
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("explain: waits");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, nothing_without_a_scene);
	tcase_add_test(t, unknown_calls_explain_nothing);
	tcase_add_test(t, writer_that_may_write);
	tcase_add_test(t, second_thread_may_write);
	tcase_add_test(t, sockets_are_not_explained);
	tcase_add_test(t, owner_that_was_not_seen);
	tcase_add_test(t, word_that_could_not_be_read);
	tcase_add_test(t, private_word_of_a_process_with_threads);
	tcase_add_test(t, meeting_that_waits_for_nobody);
	tcase_add_test(t, cause_is_at_the_end_of_the_way);
	tcase_add_test(t, semaphore_of_an_idle_worker);
	tcase_add_test(t, robust_mutex_of_a_zombie);
	tcase_add_test(t, word_that_is_no_mutex);
	tcase_add_test(t, private_operation);
	tcase_add_test(t, lock_held_over_a_full_pipe);
	tcase_add_test(t, full_pipe_that_a_sibling_could_read);
	tcase_add_test(t, holders_are_counted);
	tcase_add_test(t, largest_circle);
	Suite *suite = suite_create("explain: waits");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
