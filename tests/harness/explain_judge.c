/* From outcomes to diagnoses. The outcomes are made by hand, so that each field is
 * seen to have its effect, and those that stand for a cause to go before those
 * that stand for a symptom. Every message must be one that can be shown.
 */
#define _GNU_SOURCE
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "judge.h"

enum { TEST_SECONDS = 120, CALLER = 4000, CHILD = 4001 };

static struct outcome *o; /* a clean one, for each test to spoil */
static struct verdict v;
static const struct call usual_call = { .plugin = "/no/such/plugin.so" };

static void setup(void)
{
	static struct outcome outcome;
	memset(&outcome, 0, sizeof outcome);
	memset(&v, 0, sizeof v);
	o = &outcome;
	o->caller = CALLER;
	o->forks_before_wait = -1;
	o->calls_returned = o->markers_printed = 1;
}

/* --- what is expected --------------------------------------------------------- */

/* Whole sentences, of one blank between words, not cut. */
static void expect_text(const char *text, size_t room)
{
	size_t length = strlen(text);
	ck_assert_msg(length > 0 && length < room - 1, "too long or empty: %s", text);
	ck_assert_msg(strstr(text, "  ") == NULL, "two blanks: %s", text);
	ck_assert_msg(strchr(text, '\n') == NULL, "a line break: %s", text);
	ck_assert_msg(strchr(".?", text[length - 1]) != NULL, "no full stop: %s", text);
}

/* The diagnosis, and what the message must say, "" for anything. */
static void expect(enum diagnosis diagnosis, const char *part)
{
	ck_assert_int_eq(v.kind, VERDICT_FAILED);
	ck_assert_str_eq(diagnosis_code(v.diagnosis), diagnosis_code(diagnosis));
	expect_text(v.message, sizeof v.message);
	expect_text(v.next_step, sizeof v.next_step); /* may be a question */
	ck_assert_msg(v.message[strlen(v.message) - 1] == '.', "no full stop: %s", v.message);
	ck_assert_msg(strstr(v.message, part) != NULL, "\"%s\" not in: %s", part, v.message);
	memset(&v, 0, sizeof v);
}

static void expect_nothing(void)
{
	ck_assert_int_eq(v.kind, VERDICT_MISSING);
	ck_assert_str_eq(v.message, "");
}

static bool judged(void)
{
	return judge_ending(&v, &usual_call, o);
}

static void expect_ending(enum diagnosis diagnosis, const char *part)
{
	ck_assert(!judged());
	expect(diagnosis, part);
}

/* One that is blocked reading descriptor 5; the first is the caller. */
static void add_process(struct scene *scene, pid_t pid, pid_t parent)
{
	scene->when = SCENE_AT_END;
	scene->process[scene->count] = (struct scene_process){
		.pid = pid, .parent = parent, .state = 'S', .caller = scene->count == 0,
		.rank = scene->count - 1, .threads = 1,
		.thread[0] = { .tid = pid, .kind = WAIT_FILES, .call = SYS_read, .wants = 1,
		               .want[0] = { .fd = 5, .reads = true } },
	};
	scene->count++;
}

/* --- endings ------------------------------------------------------------------ */

START_TEST(clean_return)
{
	ck_assert(judged());
	judge_leftovers(&v, o);
	judge_fence(&v, 0, "results", 10, 4);
	judge_refusal(&v, o, "f()");
	expect_nothing();
}
END_TEST

START_TEST(kit_error)
{
	o->ending = ENDING_KIT_ERROR;
	memset(o->kit_error, 'k', sizeof o->kit_error - 1);
	o->fell_through = 1;
	ck_assert(!judged());
	ck_assert_int_eq(v.kind, VERDICT_KIT_ERROR);
	expect_text(v.message, sizeof v.message);
}
END_TEST

START_TEST(not_loaded)
{
	o->ending = ENDING_NOT_LOADED;
	snprintf(o->load_error, sizeof o->load_error, "undefined symbol: run_workers");
	expect_ending(DOES_NOT_COMPILE, "there is no function `run_workers`");
	snprintf(o->load_error, sizeof o->load_error, "/a/b.so: undefined symbol: frok");
	expect_ending(DOES_NOT_COMPILE, "calls `frok`");
	memset(o->load_error, 'l', sizeof o->load_error - 1);
	expect_ending(DOES_NOT_COMPILE, "cannot be loaded: lll");
}
END_TEST

START_TEST(too_many_processes)
{
	struct call call = { .plugin = "", .limits = { .processes = 40 } };
	o->ending = ENDING_TOO_MANY_PROCESSES;
	o->forks = 300;
	o->fell_through = 3; /* the children of such a loop fall through, too */
	expect_ending(EXTRA_PROCESSES, "more than 256 (300 calls");
	judge_ending(&v, &call, o);
	expect(EXTRA_PROCESSES, "more than 40 (");
}
END_TEST

START_TEST(fell_through)
{
	o->fell_through = 1;
	expect_ending(FELL_THROUGH, "1 child process returned");
	o->fell_through = 2;
	o->ending = ENDING_TIMED_OUT; /* what followed from it */
	expect_ending(FELL_THROUGH, "2 child processes returned");
	o->ending = ENDING_KILLED;
	expect_ending(FELL_THROUGH, "");
}
END_TEST

START_TEST(early_exit)
{
	o->ending = ENDING_EARLY_EXIT;
	o->exit_status = 3;
	expect_ending(EARLY_EXIT, "(exit status 3)");
}
END_TEST

START_TEST(killed)
{
	o->ending = ENDING_KILLED;
	o->signal = SIGKILL;
	expect_ending(CRASH, "SIGKILL (signal 9) killed the caller's process.");
	o->signal = 40;
	expect_ending(CRASH, "SIG? (signal 40) killed the caller's process.");
}
END_TEST

START_TEST(faults_have_addresses)
{
	o->ending = ENDING_KILLED;
	o->signal = SIGSEGV;
	o->crash = (struct crash){ .pid = CALLER, .signal = SIGSEGV, .address = 16 };
	expect_ending(CRASH, "SIGSEGV (signal 11) killed the caller's process, through a null pointer.");
	o->crash.address = 4096;
	expect_ending(CRASH, "the caller's process, at address 0x1000.");
	o->signal = SIGBUS;
	expect_ending(CRASH, "at address 0x1000.");
	o->crash.stack_full = true;
	expect_ending(CRASH, "the stack is full");
	o->signal = SIGFPE;
	expect_ending(CRASH, "SIGFPE (signal 8) killed the caller's process.");
}
END_TEST

START_TEST(crash_names_the_call)
{
	struct call call = { .plugin = "", .text = "f(0, NULL)" };
	o->ending = ENDING_KILLED;
	o->signal = SIGTERM;
	judge_ending(&v, &call, o);
	expect(CRASH, "; the call was f(0, NULL).");
}
END_TEST

START_TEST(too_much_written)
{
	struct call call = { .plugin = "", .limits = { .file_bytes = 5 << 20 } };
	o->ending = ENDING_KILLED;
	o->signal = SIGXFSZ;
	expect_ending(CRASH, "it wrote more than the 64 MiB allowed.");
	judge_ending(&v, &call, o);
	expect(CRASH, "it wrote more than the 5 MiB allowed.");
}
END_TEST

START_TEST(killed_by_its_own_group)
{
	o->ending = ENDING_KILLED;
	o->signal = SIGTERM;
	o->kills_of_group = 1;
	expect_ending(CRASH, "called kill(0, ...)");
	o->signal = SIGSEGV;
	o->crash = (struct crash){ .pid = CALLER, .signal = SIGSEGV };
	expect_ending(CRASH, "null pointer"); /* that was not the reason */
}
END_TEST

/* A child that crashed is worth a word even if the function came back. */
START_TEST(crash_of_a_child)
{
	o->crash = (struct crash){ .pid = CHILD, .signal = SIGSEGV, .frames = 1 };
	expect_ending(CRASH, "killed a child (process 4001), through a null pointer.");
	o->crash.frames = 0; /* not in the plug-in: killed on purpose, for all we know */
	ck_assert(judged());
	expect_nothing();
}
END_TEST

START_TEST(timed_out)
{
	o->ending = ENDING_TIMED_OUT;
	o->wall_seconds = 1.26;
	add_process(&o->scene, CALLER, 1);
	add_process(&o->scene, CHILD, CALLER);
	expect_ending(HANG, "after 1.3 s");
	judged();
	expect(HANG, ": the caller is blocked reading descriptor 5; worker 0 (pid 4001) is blocked");
}
END_TEST

/* It waits for a child that is not its own because it waits for any. */
START_TEST(timed_out_over_a_stolen_child)
{
	o->ending = ENDING_TIMED_OUT;
	o->bystanders_reaped = 1;
	expect_ending(STOLEN_CHILD, "waited for one of them");
}
END_TEST

START_TEST(looped)
{
	o->ending = ENDING_LOOPED;
	o->cpu_seconds = 4;
	expect_ending(ENDLESS_LOOP, "The caller's process went on computing for 4.0 s");
	add_process(&o->scene, CALLER, 1);
	add_process(&o->scene, CHILD, CALLER);
	o->scene.process[1].cpu_seconds = 3;
	o->bystanders_reaped = 1; /* the loop is the cause */
	expect_ending(ENDLESS_LOOP, "Worker 0 (pid 4001) went on computing for 3.0 s");
	o->scene.process[0].cpu_seconds = 3.5;
	expect_ending(ENDLESS_LOOP, "The caller's process went on computing for 3.5 s");
}
END_TEST

/* Eight long entries, of which four are told. */
START_TEST(longest_table)
{
	o->ending = ENDING_TIMED_OUT;
	o->wall_seconds = 12345;
	for (int i = 0; i < 8; i++) {
		add_process(&o->scene, 4194301 + i, 1);
		o->scene.process[i].thread[0].kind = WAIT_WORD;
	}
	expect_ending(HANG, "; and 4 more. Expected:");
}
END_TEST

START_TEST(decided_verdicts_stay)
{
	verdict_fail(&v, SERIALISED, "step", "first");
	o->ending = ENDING_EARLY_EXIT;
	o->zombies.count = o->leaked_fds.count = 1;
	ck_assert(!judged());
	judge_leftovers(&v, o);
	judge_fence(&v, 1, "results", 10, 4);
	judge_failure(&v, o, EINVAL, "f()", "why");
	ck_assert_int_eq(v.diagnosis, SERIALISED);
	ck_assert_str_eq(v.message, "first");
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("explain: judge");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, clean_return);
	tcase_add_test(t, kit_error);
	tcase_add_test(t, not_loaded);
	tcase_add_test(t, too_many_processes);
	tcase_add_test(t, fell_through);
	tcase_add_test(t, early_exit);
	tcase_add_test(t, killed);
	tcase_add_test(t, faults_have_addresses);
	tcase_add_test(t, crash_names_the_call);
	tcase_add_test(t, too_much_written);
	tcase_add_test(t, killed_by_its_own_group);
	tcase_add_test(t, crash_of_a_child);
	tcase_add_test(t, timed_out);
	tcase_add_test(t, timed_out_over_a_stolen_child);
	tcase_add_test(t, looped);
	tcase_add_test(t, longest_table);
	tcase_add_test(t, decided_verdicts_stay);
	Suite *suite = suite_create("explain: judge");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
