/* What a call left behind, as diagnoses: the outcomes are made by hand, as in
 * explain_judge.c.
 */
#define _GNU_SOURCE
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge.h"

enum { TEST_SECONDS = 120, CALLER = 4000, CHILD = 4001 };

static struct outcome *o; /* a clean one, for each test to spoil */
static struct verdict v;

static void setup(void)
{
	static struct outcome outcome;
	memset(&outcome, 0, sizeof outcome);
	memset(&v, 0, sizeof v);
	o = &outcome;
	o->caller = CALLER;
	o->calls_returned = o->markers_printed = 1;
}

/* Whole sentences, of one blank between words, not cut. */
static void expect_text(const char *text, size_t room)
{
	size_t length = strlen(text);
	ck_assert_msg(length > 0 && length < room - 1, "too long or empty: %s", text);
	ck_assert_msg(strstr(text, "  ") == NULL, "two blanks: %s", text);
	ck_assert_msg(strchr(text, '\n') == NULL, "a line break: %s", text);
	ck_assert_msg(strchr(".?", text[length - 1]) != NULL, "no full stop: %s", text);
}

/* The diagnosis, and what the message must say. */
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

/* The same of a leaked-shared, and what the next step names. */
static void expect_step(const char *step, const char *part)
{
	judge_leftovers(&v, o);
	ck_assert_msg(strstr(v.next_step, step) != NULL, "\"%s\" not in: %s", step, v.next_step);
	expect(LEAKED_SHARED, part);
}

static void expect_leftovers(enum diagnosis diagnosis, const char *part)
{
	judge_leftovers(&v, o);
	expect(diagnosis, part);
}

static void add_processes(struct process_list *list, int count, pid_t parent)
{
	for (int i = 0; i < count; i++)
		list->process[list->count++] = (struct process){ .pid = CHILD + i, .parent = parent };
}

static void add_fd(struct fd_list *list, int number)
{
	struct fd *fd = &list->fd[list->count++];
	fd->number = number;
	memset(fd->what, 'p', sizeof fd->what - 1);
}

/* --- processes ---------------------------------------------------------------- */

START_TEST(zombies)
{
	add_processes(&o->zombies, 1, CALLER);
	expect_leftovers(ZOMBIE, "1 child process had ended and was never waited for (4001).");
	add_processes(&o->zombies, 4, CALLER);
	expect_leftovers(ZOMBIE, "5 child processes had ended and were never waited for "
	                 "(4001, 4001, 4002 and 2 more).");
}
END_TEST

START_TEST(orphans)
{
	add_processes(&o->orphans, 3, CALLER);
	expect_leftovers(ORPHAN, "3 processes that your function started were still running, or out "
	                 "of its reach, when it returned (4001, 4002, 4003).");
}
END_TEST

/* Nothing that the caller could do would reach a child's children. */
START_TEST(detached_before_zombies)
{
	add_processes(&o->zombies, 1, CALLER);
	add_processes(&o->orphans, 1, CALLER);
	expect_leftovers(ZOMBIE, "");
	judge_detached(&v, o);
	expect_nothing();
	o->orphans.process[0].parent = 1;
	judge_detached(&v, o);
	expect(ORPHAN, "1 process that your function started was");
	expect_leftovers(ORPHAN, "");
}
END_TEST

START_TEST(stolen_children_first)
{
	add_processes(&o->zombies, 1, CALLER);
	add_processes(&o->orphans, 1, 1);
	o->bystanders_reaped = 1;
	expect_leftovers(STOLEN_CHILD, "waited for one of them");
	o->bystanders_killed = 1;
	expect_leftovers(STOLEN_CHILD, "killed one of them");
	o->bystanders_reaped = 0;
	expect_leftovers(STOLEN_CHILD, "killed one of them");
}
END_TEST

/* More than a list keeps: the message gets along with what there is. */
START_TEST(more_processes_than_are_kept)
{
	add_processes(&o->zombies, PROCESSES_KEPT, CALLER);
	add_processes(&o->orphans, PROCESSES_KEPT, CALLER);
	o->zombies.count = o->orphans.count = PROCESSES_KEPT + 1000;
	expect_leftovers(ZOMBIE, "1128 child processes had ended");
	o->zombies.count = 0;
	expect_leftovers(ORPHAN, "and 1125 more)");
}
END_TEST

/* --- everything else ---------------------------------------------------------- */

START_TEST(descriptors)
{
	add_fd(&o->leaked_fds, 7);
	expect_leftovers(LEAKED_FD, "1 descriptor is open after the call that was not before: 7 is ppp");
	add_fd(&o->leaked_fds, 8);
	expect_leftovers(LEAKED_FD, "2 descriptors are open after the call that were not before: 7 is");
	add_fd(&o->closed_fds, 3);
	expect_leftovers(CLOSED_FD, "Descriptor 3 (ppp");
}
END_TEST

START_TEST(mappings)
{
	o->leaked_mappings = (struct mapping_list){ 1, { { 0x1000, 0x4000, "", 0 } } };
	expect_leftovers(LEAKED_SHARED, "1 shared mapping is left: 12288 bytes of anonymous shared memory at 0x1000.");
	strcpy(o->leaked_mappings.mapping[0].what, "/dev/zero (deleted)");
	expect_leftovers(LEAKED_SHARED, "12288 bytes of anonymous shared memory at 0x1000.");
	strcpy(o->leaked_mappings.mapping[0].what, "/SYSV00000000 (deleted)");
	expect_step("shmdt", "12288 bytes of a System V shared memory segment at 0x1000.");
	o->leaked_mappings.count = 2;
	memset(o->leaked_mappings.mapping[0].what, 'm', WHAT_LENGTH - 1);
	expect_step("munmap", "2 shared mappings are left: 12288 bytes of mmm");
}
END_TEST

/* Not seen is not clean, whichever of the two a test looks at. */
START_TEST(hidden)
{
	o->leaked_fds.count = o->closed_fds.count = o->leaked_mappings.count = -1;
	expect_leftovers(LEAKED_FD, "what it left open could not be looked at");
	judge_shared(&v, o);
	expect(LEAKED_SHARED, "what it left mapped could not be looked at");
}
END_TEST

START_TEST(names)
{
	static const struct {
		struct name name;
		const char *message, *step;
	} rows[] = {
		{ { .kind = NAME_FILE, .text = "x" }, "/dev/shm/x was left behind: it", "shm_unlink " },
		{ { .kind = NAME_FILE, .text = "sem.x" }, "/dev/shm/sem.x was left behind: it", "sem_unlink " },
		{ { .kind = NAME_FILE, .text = "x/y" }, "/dev/shm/x/y was left behind: it", "rmdir" },
		{ { .kind = NAME_FILE, .text = "a\nb" }, "/dev/shm/a?b was left behind: it", "shm_unlink " },
		{ { .kind = NAME_FOLDER, .text = "x" }, "The folder /dev/shm/x was left behind: it", "rmdir" },
		{ { .kind = NAME_SEGMENT, .size = 4096, .key = 0xfffffff0, .id = 7 },
		  "A System V shared memory segment of 4096 bytes (key 0xfffffff0, shmid 7) was left",
		  "shmctl(id, IPC_RMID, NULL)" },
		{ { .kind = NAME_SEMAPHORES, .size = 1, .id = 8 },
		  "A System V set of 1 semaphore (key 0x0, semid 8) was left", "semctl(id, 0, IPC_RMID)" },
		{ { .kind = NAME_MESSAGES, .size = 2, .id = 9 },
		  "A System V message queue with 2 messages (key 0x0, msqid 9) was left",
		  "msgctl(id, IPC_RMID, NULL)" },
		{ { .kind = NAME_QUEUE, .text = "/q" }, "The POSIX message queue /q was left behind: it", "mq_unlink " },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		o->leaked_names = (struct name_list){ 1, { rows[i].name } };
		expect_step(rows[i].step, rows[i].message);
	}
}
END_TEST

START_TEST(many_and_long_names)
{
	o->leaked_names.count = NAMES_KEPT + 40;
	memset(o->leaked_names.name[0].text, 'n', NAME_TEXT - 1);
	expect_leftovers(LEAKED_SHARED, "nnn was left behind (and 55 more): it outlives");
}
END_TEST

START_TEST(output)
{
	o->markers_printed = 2;
	expect_leftovers(DUPLICATED_OUTPUT, "came out 2 times");
	o->calls_returned = 2; /* one line for each call */
	judge_leftovers(&v, o);
	expect_nothing();
	o->markers_printed = 0; /* some never came out: the call was cut short, or captured nothing */
	judge_leftovers(&v, o);
	expect_nothing();
}
END_TEST

/* Each of these hides all that come after it. */
START_TEST(order)
{
	static const enum diagnosis in_order[] = { STOLEN_CHILD, ORPHAN, ZOMBIE, CLOSED_FD, LEAKED_FD,
		                                       LEAKED_SHARED, LEAKED_SHARED, DUPLICATED_OUTPUT };
	int *counts[] = { &o->bystanders_reaped, &o->orphans.count, &o->zombies.count,
		              &o->closed_fds.count, &o->leaked_fds.count, &o->leaked_mappings.count,
		              &o->leaked_names.count, &o->markers_printed };
	const size_t all = sizeof counts / sizeof *counts;
	for (size_t i = 0; i < all; i++)
		*counts[i] = 2;
	for (size_t i = 0; i < all; i++) {
		judge_leftovers(&v, o);
		ck_assert_str_eq(diagnosis_code(v.diagnosis), diagnosis_code(in_order[i]));
		memset(&v, 0, sizeof v);
		*counts[i] = 0;
	}
	judge_leftovers(&v, o);
	expect_nothing();
}
END_TEST

/* Each of the parts looks at its own things only. */
START_TEST(parts)
{
	o->leaked_fds.count = o->leaked_mappings.count = o->markers_printed = 2;
	judge_children(&v, o);
	expect_nothing();
	judge_shared(&v, o);
	ck_assert_int_eq(v.diagnosis, LEAKED_SHARED);
	memset(&v, 0, sizeof v);
	judge_output(&v, o);
	ck_assert_int_eq(v.diagnosis, DUPLICATED_OUTPUT);
	memset(&v, 0, sizeof v);
	judge_descriptors(&v, o);
	ck_assert_int_eq(v.diagnosis, LEAKED_FD);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("explain: leftovers");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, zombies);
	tcase_add_test(t, orphans);
	tcase_add_test(t, detached_before_zombies);
	tcase_add_test(t, stolen_children_first);
	tcase_add_test(t, more_processes_than_are_kept);
	tcase_add_test(t, descriptors);
	tcase_add_test(t, mappings);
	tcase_add_test(t, hidden);
	tcase_add_test(t, names);
	tcase_add_test(t, many_and_long_names);
	tcase_add_test(t, output);
	tcase_add_test(t, order);
	tcase_add_test(t, parts);
	Suite *suite = suite_create("explain: leftovers");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
