/* Verdicts, the diagnoses' codes, and what processes are said to be doing. */
#define _GNU_SOURCE
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "diagnosis.h"
#include "hang.h"
#include "verdict.h"

enum { TEST_SECONDS = 120, CALLER = 100, TEXT = 600 };

/* --- diagnoses ---------------------------------------------------------------- */

/* As other programs know them. */
static const char *const codes[] = {
	"", "does-not-compile",
	"wrong-result", "lost-task", "repeated-task", "out-of-bounds", "crash", "early-exit",
	"fell-through", "duplicated-output", "zombie", "orphan", "stolen-child", "leaked-fd",
	"closed-fd", "leaked-memory", "leaked-shared", "pipe-deadlock", "lock-deadlock",
	"endless-loop", "hang", "race", "short-transfer", "interrupted-call", "ignored-failure",
	"worker-death", "no-processes", "extra-processes", "serialised", "unbalanced", "busy-wait",
	"blocked-call", "wrong-timeout", "not-faster", "late-crossover", "bad-argument",
	"unexpected-error", "wrong-errno",
};

START_TEST(codes_are_the_designs)
{
	ck_assert_int_eq(DIAGNOSES, sizeof codes / sizeof *codes);
	for (int d = 0; d < DIAGNOSES; d++)
		ck_assert_str_eq(diagnosis_code((enum diagnosis)d), codes[d]);
	ck_assert_str_eq(diagnosis_code(ZOMBIE), "zombie");
	ck_assert_str_eq(diagnosis_code(WRONG_ERRNO), "wrong-errno");
}
END_TEST

START_TEST(codes_are_different)
{
	for (int a = 0; a < DIAGNOSES; a++)
		for (int b = 0; b < a; b++)
			ck_assert_str_ne(diagnosis_code((enum diagnosis)a), diagnosis_code((enum diagnosis)b));
}
END_TEST

START_TEST(numbers_that_are_no_diagnosis)
{
	ck_assert_str_eq(diagnosis_code(DIAGNOSES), "");
	ck_assert_str_eq(diagnosis_code((enum diagnosis)-1), "");
}
END_TEST

/* --- verdicts ----------------------------------------------------------------- */

START_TEST(verdicts_have_names)
{
	static const char *const names[VERDICT_KINDS] = { "kit error", "passed", "failed",
		"not started", "blocked", "not measured", "kit error" };
	for (int kind = 0; kind < VERDICT_KINDS; kind++)
		ck_assert_str_eq(verdict_name((enum verdict_kind)kind), names[kind]);
	ck_assert_str_eq(verdict_name(VERDICT_KINDS), "kit error");
	ck_assert_str_eq(verdict_name((enum verdict_kind)-1), "kit error");
}
END_TEST

START_TEST(first_decision_stands)
{
	struct verdict v = { 0 };
	ck_assert(verdict_open(&v));
	verdict_fail(&v, CRASH, "first step", "first %d", 1);
	ck_assert(!verdict_open(&v));
	verdict_fail(&v, ZOMBIE, "second step", "second");
	verdict_set(&v, VERDICT_PASSED, "third");
	verdict_set(&v, VERDICT_KIT_ERROR, "fourth");
	ck_assert_int_eq(v.kind, VERDICT_FAILED);
	ck_assert_int_eq(v.diagnosis, CRASH);
	ck_assert_str_eq(v.message, "first 1");
	ck_assert_str_eq(v.next_step, "first step");
}
END_TEST

START_TEST(every_other_decision_stands)
{
	static const enum verdict_kind kinds[] = { VERDICT_NOT_STARTED, VERDICT_BLOCKED,
		                                       VERDICT_NOT_MEASURED, VERDICT_KIT_ERROR };
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct verdict v = { 0 };
		verdict_set(&v, kinds[i], "because of %s", "this");
		verdict_fail(&v, ZOMBIE, "step", "later");
		ck_assert_int_eq(v.kind, kinds[i]);
		ck_assert_str_eq(v.message, "because of this");
		ck_assert_str_eq(v.next_step, "");
	}
}
END_TEST

/* Passed is what is left over when nobody has found anything. */
START_TEST(passed_can_be_overruled)
{
	struct verdict v = { 0 };
	verdict_set(&v, VERDICT_PASSED, "%s", "");
	ck_assert(verdict_open(&v));
	verdict_fail(&v, ZOMBIE, "step", "found");
	ck_assert_int_eq(v.kind, VERDICT_FAILED);
}
END_TEST

START_TEST(long_texts_are_cut)
{
	struct verdict v = { 0 };
	char text[2 * MESSAGE_LENGTH];
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	verdict_fail(&v, ZOMBIE, text, "%s", text);
	ck_assert_uint_eq(strlen(v.message), MESSAGE_LENGTH - 1);
	ck_assert_uint_eq(strlen(v.next_step), NEXT_STEP_LENGTH - 1);
	verdict_blame(&v, INTERRUPTED_CALL, text, "%s", text);
	ck_assert_uint_eq(strlen(v.message), MESSAGE_LENGTH - 1);
}
END_TEST

START_TEST(blame_comes_before_the_symptom)
{
	struct verdict v = { 0 };
	verdict_fail(&v, ZOMBIE, "wait for it", "one was left.");
	verdict_blame(&v, IGNORED_FAILURE, "undo it", "fork %d failed, and: ", 2);
	ck_assert_int_eq(v.kind, VERDICT_FAILED);
	ck_assert_int_eq(v.diagnosis, IGNORED_FAILURE);
	ck_assert_str_eq(v.message, "fork 2 failed, and: one was left.");
	ck_assert_str_eq(v.next_step, "undo it");
}
END_TEST

START_TEST(blame_needs_a_failure)
{
	static const enum verdict_kind kinds[] = { VERDICT_MISSING, VERDICT_PASSED,
		VERDICT_NOT_STARTED, VERDICT_NOT_MEASURED, VERDICT_KIT_ERROR };
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct verdict v = { .kind = kinds[i], .message = "as it was" };
		verdict_blame(&v, IGNORED_FAILURE, "step", "event");
		ck_assert_int_eq(v.kind, kinds[i]);
		ck_assert_int_eq(v.diagnosis, DIAGNOSIS_NONE);
		ck_assert_str_eq(v.message, "as it was");
	}
}
END_TEST

/* --- hangs -------------------------------------------------------------------- */

static struct outcome *outcome_with(int processes)
{
	static struct outcome o;
	memset(&o, 0, sizeof o);
	o.caller = CALLER;
	o.scene.when = SCENE_AT_END;
	o.scene.count = processes;
	for (int i = 0; i < processes; i++)
		o.scene.process[i] = (struct scene_process){
			.pid = CALLER + i, .parent = i > 0 ? CALLER : 1, .state = 'S', .caller = i == 0,
			.rank = i - 1, .threads = 1,
			.thread[0] = { .tid = CALLER + i, .state = 'S', .kind = WAIT_UNKNOWN, .call = -1 },
		};
	return &o;
}

static const char *described(const struct outcome *o)
{
	static char text[TEXT];
	hang_describe(o, text, sizeof text);
	return text;
}

/* One process that waits in such a way. */
static const char *described_wait(struct scene_thread thread)
{
	struct outcome *o = outcome_with(1);
	o->scene.process[0].thread[0] = thread;
	return described(o);
}

START_TEST(sleeps_are_described)
{
	static const struct {
		struct scene_thread thread;
		const char *text;
	} sleeps[] = {
		{ { .kind = WAIT_CHILD, .call = SYS_wait4, .child = 4711 },
		  "the caller waits for process 4711 (waitpid)" },
		{ { .kind = WAIT_CHILD, .call = SYS_wait4, .child = -1 },
		  "the caller waits for any child (waitpid or wait)" },
		{ { .kind = WAIT_CHILD, .call = SYS_waitid, .child = -1 },
		  "the caller waits for any child (waitid)" },
		{ { .kind = WAIT_FILES, .call = SYS_read, .wants = 1, .want = { { 5, true, false } } },
		  "the caller is blocked reading descriptor 5" },
		{ { .kind = WAIT_FILES, .call = SYS_write, .wants = 1, .want = { { 6, false, true } } },
		  "the caller is blocked writing descriptor 6" },
		{ { .kind = WAIT_FILES, .call = SYS_ppoll, .wants = 5,
		    .want = { { 3, true, false }, { 4, true, false }, { 6, true, false } } },
		  "the caller waits in poll for descriptor 3, descriptor 4, descriptor 6 and 2 more" },
		{ { .kind = WAIT_WORD, .call = SYS_futex },
		  "the caller waits for a lock, a semaphore or a condition (futex)" },
		{ { .kind = WAIT_TEST }, "the caller waits in its task for the other workers" },
		{ { .kind = WAIT_JOIN }, "the caller waits for a thread of its own (pthread_join)" },
		{ { .kind = WAIT_SIGNAL }, "the caller waits for a signal" },
		{ { .kind = WAIT_TIME }, "the caller sleeps (sleep, usleep or nanosleep)" },
		{ { .kind = WAIT_OTHER, .call = SYS_flock }, "the caller is asleep" },
		{ { .kind = WAIT_UNKNOWN, .call = -1 }, "the caller is asleep" },
		{ { .kind = WAIT_ENDED }, "the caller has ended and is not waited for" },
		{ { .kind = WAIT_STOPPED }, "the caller is stopped" },
		{ { .kind = WAIT_RUNS }, "the caller is running" },
	};
	for (size_t i = 0; i < sizeof sleeps / sizeof *sleeps; i++)
		ck_assert_str_eq(described_wait(sleeps[i].thread), sleeps[i].text);
}
END_TEST

/* By what the caller knows of them: the order in which it started them. */
START_TEST(processes_have_names)
{
	struct outcome *o = outcome_with(4);
	o->scene.process[2].parent = o->scene.process[1].pid;
	o->scene.process[2].rank = o->scene.process[3].rank = -1;
	o->scene.process[3].parent = 1;
	o->scene.process[0].thread[0].kind = WAIT_CHILD;
	o->scene.process[0].thread[0].call = SYS_waitid;
	o->scene.process[0].thread[0].child = o->scene.process[1].pid;
	ck_assert_str_eq(described(o), "the caller waits for worker 0 (pid 101) (waitid); worker 0 is "
	                 "asleep; a child of worker 0 (pid 102) is asleep; process 103 is asleep");
}
END_TEST

START_TEST(many_processes_are_counted)
{
	ck_assert_str_eq(described(outcome_with(3)), "the caller is asleep; worker 0 (pid 101) is "
	                 "asleep; worker 1 (pid 102) is asleep");
	const char *text = described(outcome_with(SCENE_PROCESSES));
	ck_assert_ptr_nonnull(strstr(text, "; worker 2 (pid 103) is asleep; and 60 more"));
	ck_assert_str_eq(described(outcome_with(0)), "");
}
END_TEST

START_TEST(short_room_for_a_description)
{
	char text[40];
	memset(text, '#', sizeof text);
	for (size_t size = 1; size < sizeof text; size++) {
		hang_describe(outcome_with(9), text, size);
		ck_assert_uint_eq(strlen(text), size - 1);
		ck_assert_int_eq(text[size], '#');
	}
}
END_TEST

START_TEST(busiest_process)
{
	struct outcome *o = outcome_with(3);
	ck_assert_ptr_eq(hang_busiest(o), &o->scene.process[0]);
	o->scene.process[1].cpu_seconds = 2;
	o->scene.process[2].cpu_seconds = 1;
	ck_assert_ptr_eq(hang_busiest(o), &o->scene.process[1]);
	ck_assert_ptr_null(hang_busiest(outcome_with(0)));
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("explain");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_test(t, codes_are_the_designs);
	tcase_add_test(t, codes_are_different);
	tcase_add_test(t, numbers_that_are_no_diagnosis);
	tcase_add_test(t, verdicts_have_names);
	tcase_add_test(t, first_decision_stands);
	tcase_add_test(t, every_other_decision_stands);
	tcase_add_test(t, passed_can_be_overruled);
	tcase_add_test(t, long_texts_are_cut);
	tcase_add_test(t, blame_comes_before_the_symptom);
	tcase_add_test(t, blame_needs_a_failure);
	tcase_add_test(t, sleeps_are_described);
	tcase_add_test(t, processes_have_names);
	tcase_add_test(t, many_processes_are_counted);
	tcase_add_test(t, short_room_for_a_description);
	tcase_add_test(t, busiest_process);
	Suite *suite = suite_create("explain");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
