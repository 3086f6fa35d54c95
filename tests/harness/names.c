/* What outlives its maker: found by its owner, removed on demand.
 *
 * Other programs of this user may make names meanwhile: only those are looked at
 * that the test made itself, and nothing else is removed.
 */
#define _GNU_SOURCE
#include <check.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include "names.h"

enum { TEST_SECONDS = 120, NOBODY = 65534, KEY = 0x7a000000 };

/* --- what is seen ------------------------------------------------------------- */

/* Those of a kind whose text begins so, or of this id, are seen; and removed? */
static struct {
	enum name_kind kind;
	const char *text;
	unsigned long id;
	bool remove;
} wanted;
static struct name_list seen;

static bool look(const struct name *name, void *arg)
{
	bool by_text = name->kind == NAME_FILE || name->kind == NAME_FOLDER || name->kind == NAME_QUEUE;
	bool is_wanted = by_text ? wanted.text != NULL &&
	                               strncmp(name->text, wanted.text, strlen(wanted.text)) == 0
	                         : wanted.text == NULL && name->kind == wanted.kind &&
	                               name->id == wanted.id;
	ck_assert_ptr_eq(arg, &seen);
	if (is_wanted)
		names_add(&seen, name);
	return is_wanted && wanted.remove;
}

static void look_for(enum name_kind kind, const char *text, int id, bool remove)
{
	wanted.kind = kind;
	wanted.text = text;
	wanted.id = (unsigned long)id;
	wanted.remove = remove;
	seen.count = 0;
	names_each(getuid(), look, &seen);
}

/* It is seen each time until it is removed; and not as somebody else's. */
static void expect_seen_until_removed(enum name_kind kind, const char *text, int id, int count)
{
	for (int remove = 0; remove < 2; remove++) {
		look_for(kind, text, id, remove == 1);
		ck_assert_int_eq(seen.count, count);
		ck_assert_int_eq(seen.name[0].kind, kind);
		if (remove == 0 && getuid() != NOBODY) {
			seen.count = 0;
			names_each(NOBODY, look, &seen);
			ck_assert_int_eq(seen.count, 0);
		}
	}
	look_for(kind, text, id, true);
	ck_assert_int_eq(seen.count, 0);
}

static const char *unique_text(const char *prefix)
{
	static char text[64];
	snprintf(text, sizeof text, "%scrossover-unit-%d", prefix, (int)getpid());
	return text;
}

static void make_file(const char *text)
{
	char path[400];
	snprintf(path, sizeof path, "/dev/shm/%s", text);
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0000);
	ck_assert_int_ne(fd, -1);
	close(fd);
}

START_TEST(files)
{
	make_file(unique_text(""));
	expect_seen_until_removed(NAME_FILE, unique_text(""), 0, 1);
	make_file(unique_text("."));
	expect_seen_until_removed(NAME_FILE, unique_text("."), 0, 1);
}
END_TEST

START_TEST(long_file_name)
{
	char text[256];
	snprintf(text, sizeof text, "%s%0*d", unique_text(""), (int)(255 - strlen(unique_text(""))), 0);
	make_file(text);
	look_for(NAME_FILE, text, 0, true);
	ck_assert_int_eq(seen.count, 1);
	ck_assert_str_eq(seen.name[0].text, text);
}
END_TEST

/* A symbolic link is a name of its own, and what it leads to is not touched. */
START_TEST(links)
{
	char path[100], target[100];
	snprintf(path, sizeof path, "/dev/shm/%s", unique_text(""));
	snprintf(target, sizeof target, "/tmp/%s", unique_text(""));
	ck_assert_int_eq(mkdir(target, 0700), 0);
	ck_assert_int_eq(symlink(target, path), 0);
	expect_seen_until_removed(NAME_FILE, unique_text(""), 0, 1);
	ck_assert_int_eq(rmdir(target), 0);
}
END_TEST

/* What is in it comes before the folder; paths that are too long are cut. */
START_TEST(folders)
{
	char path[1200] = "/dev/shm/";
	strcat(path, unique_text(""));
	for (int depth = 0; depth < 5; depth++) {
		ck_assert_int_eq(mkdir(path, 0700), 0);
		snprintf(path + strlen(path), sizeof path - strlen(path), "/%0100d", 0);
	}
	make_file(path + strlen("/dev/shm/"));
	look_for(NAME_FILE, unique_text(""), 0, true);
	ck_assert_int_eq(seen.count, 6);
	ck_assert_int_eq(seen.name[0].kind, NAME_FILE);
	ck_assert_uint_eq(strlen(seen.name[0].text), NAME_TEXT - 1);
	ck_assert_int_eq(seen.name[5].kind, NAME_FOLDER);
	ck_assert_str_eq(seen.name[5].text, unique_text(""));
	look_for(NAME_FILE, unique_text(""), 0, true);
	ck_assert_int_eq(seen.count, 0);
}
END_TEST

START_TEST(segments)
{
	int id = shmget(KEY + getpid(), 12345, IPC_CREAT | IPC_EXCL | 0000);
	ck_assert_int_ne(id, -1);
	look_for(NAME_SEGMENT, NULL, id, false);
	ck_assert_uint_eq(seen.name[0].size, 12345);
	ck_assert_uint_eq(seen.name[0].key, (unsigned)(KEY + getpid()));
	ck_assert_int_eq(seen.name[0].creator, getpid());
	expect_seen_until_removed(NAME_SEGMENT, NULL, id, 1);
}
END_TEST

START_TEST(semaphore_sets)
{
	int id = semget(IPC_PRIVATE, 7, 0600);
	ck_assert_int_ne(id, -1);
	look_for(NAME_SEMAPHORES, NULL, id, false);
	ck_assert_uint_eq(seen.name[0].size, 7);
	ck_assert_int_eq(seen.name[0].creator, 0);
	expect_seen_until_removed(NAME_SEMAPHORES, NULL, id, 1);
}
END_TEST

START_TEST(message_queues)
{
	struct {
		long type;
		char text[4];
	} message = { 1, "abc" };
	int id = msgget(IPC_PRIVATE, 0600);
	ck_assert_int_ne(id, -1);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(msgsnd(id, &message, sizeof message.text, 0), 0);
	look_for(NAME_MESSAGES, NULL, id, false);
	ck_assert_uint_eq(seen.name[0].size, 3);
	expect_seen_until_removed(NAME_MESSAGES, NULL, id, 1);
}
END_TEST

/* By its name, whether or not their file system is mounted. */
START_TEST(posix_queues)
{
	const char *text = unique_text("/");
	for (int mode = 0; mode <= 0600; mode += 0600) {
		mq_close(mq_open(text, O_CREAT | O_EXCL | O_RDWR, mode, NULL));
		wanted.text = text;
		wanted.remove = true;
		seen.count = 0;
		if (getuid() != NOBODY && geteuid() == 0)
			names_queue(NOBODY, text, look, &seen);
		ck_assert_int_eq(seen.count, 0);
		names_queue(getuid(), text, look, &seen);
		names_queue(getuid(), text, look, &seen);
		ck_assert_int_eq(seen.count, 1);
		ck_assert_int_eq(seen.name[0].kind, NAME_QUEUE);
		ck_assert_str_eq(seen.name[0].text, text);
		ck_assert_int_eq(mq_unlink(text), -1);
	}
}
END_TEST

START_TEST(more_than_are_kept)
{
	struct name name = { .kind = NAME_FILE };
	seen.count = 0;
	for (int i = 0; i < NAMES_KEPT + 5; i++) {
		name.id = (unsigned long)i;
		names_add(&seen, &name);
	}
	ck_assert_int_eq(seen.count, NAMES_KEPT + 5);
	ck_assert_uint_eq(seen.name[NAMES_KEPT - 1].id, NAMES_KEPT - 1);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("names");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_test(t, files);
	tcase_add_test(t, long_file_name);
	tcase_add_test(t, links);
	tcase_add_test(t, folders);
	tcase_add_test(t, segments);
	tcase_add_test(t, semaphore_sets);
	tcase_add_test(t, message_queues);
	tcase_add_test(t, posix_queues);
	tcase_add_test(t, more_than_are_kept);
	Suite *suite = suite_create("names");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
