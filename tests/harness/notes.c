/* The exported calls' notes of what they saw being made. */
#define _GNU_SOURCE
#include <check.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "notes.h"

enum { TEST_SECONDS = 120 };

static struct notes *notes; /* shared, as the desk's */

static void setup(void)
{
	notes = mmap(NULL, sizeof *notes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(notes, MAP_FAILED);
}

START_TEST(notes_by_kind)
{
	notes_add(notes, NAME_FILE, 0, "name");
	notes_add(notes, NAME_SEGMENT, 7, NULL);
	ck_assert(notes_have(notes, NAME_FILE, 99, "name")); /* an inode is not known before */
	ck_assert(notes_have(notes, NAME_SEGMENT, 7, "any"));
	ck_assert(!notes_have(notes, NAME_FILE, 0, "nam"));
	ck_assert(!notes_have(notes, NAME_FILE, 0, "name2"));
	ck_assert(!notes_have(notes, NAME_QUEUE, 0, "name"));
	ck_assert(!notes_have(notes, NAME_SEGMENT, 8, NULL));
	ck_assert(!notes_have(notes, NAME_SEMAPHORES, 7, NULL));
}
END_TEST

/* A queue is listed once, however often it was made; those beyond the list are
 * noted all the same. */
START_TEST(notes_of_queues)
{
	char text[16];
	for (int i = 0; i < 3 * QUEUES_NOTED; i++) {
		snprintf(text, sizeof text, "/%d", i / 2);
		notes_add(notes, NAME_QUEUE, 0, text);
	}
	ck_assert_int_eq(notes->queues, 3 * QUEUES_NOTED / 2);
	ck_assert_str_eq(notes->queue[0], "/0");
	ck_assert_str_eq(notes->queue[QUEUES_NOTED - 1], "/255");
	ck_assert(notes_have(notes, NAME_QUEUE, 0, text));
}
END_TEST

/* Full, it forgets what comes later and finds what is there. */
START_TEST(full_notes)
{
	for (unsigned long id = 0; id < NOTES + 100; id++)
		notes_add(notes, NAME_SEGMENT, id, NULL);
	for (unsigned long id = 0; id < NOTES + 100; id++)
		ck_assert_int_eq(notes_have(notes, NAME_SEGMENT, id, NULL), id < NOTES);
}
END_TEST

/* All at once, the same and different ones: none is lost, none is there twice. */
START_TEST(notes_of_many_processes)
{
	enum { WRITERS = 8, EACH = 300 };
	int used = 0;
	for (unsigned long writer = 0; writer < WRITERS; writer++) {
		if (fork() != 0)
			continue;
		for (unsigned long id = 0; id < EACH; id++) {
			notes_add(notes, NAME_SEGMENT, id, NULL);
			notes_add(notes, NAME_MESSAGES, id * WRITERS + writer, NULL);
		}
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	for (int i = 0; i < NOTES; i++)
		used += notes->made[i] != 0;
	ck_assert_int_eq(used, EACH + WRITERS * EACH);
	for (unsigned long id = 0; id < EACH * WRITERS; id++)
		ck_assert(notes_have(notes, NAME_MESSAGES, id, NULL));
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("notes");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, notes_by_kind);
	tcase_add_test(t, notes_of_queues);
	tcase_add_test(t, full_notes);
	tcase_add_test(t, notes_of_many_processes);
	Suite *suite = suite_create("notes");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
