/* The record on disk: whole, or not at all. */
#define _GNU_SOURCE
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record.h"

enum { TEST_SECONDS = 120 };

static char folder[] = "/tmp/crossover-unit-XXXXXX";
static char path[100]; /* of a record in it */
static json_t *record;

static void make_folder(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void setup(void)
{
	snprintf(path, sizeof path, "%s/record.json", folder);
	record = record_create("labs", 1, &(struct machine){ .cpus = 2, .ceiling = 1.5 });
}

static void teardown(void)
{
	json_decref(record);
	unlink(path);
}

/* Fails where a test has left something in it. */
static void remove_folder(void)
{
	ck_assert_int_eq(rmdir(folder), 0);
}

static int files_in_folder(void)
{
	int files = 0;
	DIR *directory = opendir(folder);
	ck_assert_ptr_nonnull(directory);
	for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
		files += entry->d_name[0] != '.';
	closedir(directory);
	return files;
}

static void write_text(const char *text)
{
	FILE *file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
}

static void expect_text(const char *text)
{
	char found[100] = "";
	FILE *file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fread(found, 1, sizeof found - 1, file), strlen(text));
	fclose(file);
	ck_assert_str_eq(found, text);
}

START_TEST(written_as_it_is)
{
	json_error_t error;
	ck_assert_int_eq(record_write(record, path), 0);
	json_t *read = json_load_file(path, 0, &error);
	ck_assert_msg(read != NULL, "%s", error.text);
	ck_assert(json_equal(read, record));
	json_decref(read);
	ck_assert_int_eq(files_in_folder(), 1);
}
END_TEST

START_TEST(written_over_an_old_one)
{
	write_text("an older record, which may be longer than the new one is ......................");
	ck_assert_int_eq(record_write(record, path), 0);
	json_t *read = json_load_file(path, 0, NULL);
	ck_assert(json_equal(read, record));
	json_decref(read);
}
END_TEST

START_TEST(no_such_folder)
{
	char elsewhere[120];
	snprintf(elsewhere, sizeof elsewhere, "%s/no/record.json", folder);
	errno = 0;
	ck_assert_int_eq(record_write(record, elsewhere), -1);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(files_in_folder(), 0);
}
END_TEST

START_TEST(name_of_a_folder)
{
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(record_write(record, path), -1);
	ck_assert_int_eq(files_in_folder(), 1);
	ck_assert_int_eq(rmdir(path), 0);
}
END_TEST

START_TEST(name_that_is_too_long)
{
	char name[5000];
	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	ck_assert_int_eq(record_write(record, name), -1);
	ck_assert_int_eq(errno, ENAMETOOLONG);
}
END_TEST

/* As on a full disk: the old record is still there, and no half of the new one. */
START_TEST(no_room)
{
	struct rlimit few_bytes = { 10, 10 };
	write_text("old");
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &few_bytes), 0);
	ck_assert_int_eq(record_write(record, path), -1);
	expect_text("old");
	ck_assert_int_eq(files_in_folder(), 1);
}
END_TEST

/* RECORD=/dev/null must not replace the device. */
START_TEST(devices_stay)
{
	struct stat status;
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	FILE *reader = fopen(path, "r+");
	ck_assert_ptr_nonnull(reader);
	ck_assert_int_eq(record_write(record, path), 0);
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert(S_ISFIFO(status.st_mode));
	ck_assert_int_eq(fgetc(reader), '{');
	fclose(reader);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("write");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_unchecked_fixture(t, make_folder, remove_folder);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, written_as_it_is);
	tcase_add_test(t, written_over_an_old_one);
	tcase_add_test(t, no_such_folder);
	tcase_add_test(t, name_of_a_folder);
	tcase_add_test(t, name_that_is_too_long);
	tcase_add_test(t, no_room);
	tcase_add_test(t, devices_stay);
	Suite *suite = suite_create("report: write");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
