/* What a process holds: descriptors and shared mappings, and what is new. */
#define _GNU_SOURCE
#include <check.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "snapshot.h"

enum { TEST_SECONDS = 120, NO_PROCESS = 0x7ffffffe };

static struct fd_list fds_before, fds_after, fds_added;
static struct mapping_list mappings_before, mappings_after, mappings_added;

/* --- descriptors -------------------------------------------------------------- */

START_TEST(open_descriptors)
{
	int ends[2];
	snapshot_fds(getpid(), &fds_before);
	ck_assert_int_eq(pipe(ends), 0);
	snapshot_fds(getpid(), &fds_after);
	snapshot_added_fds(&fds_before, &fds_after, &fds_added);
	ck_assert_int_eq(fds_after.count, fds_before.count + 2);
	/* the folder that is read while it is looked at may have another number now */
	ck_assert_int_ge(fds_added.count, 2);
	ck_assert_int_eq(strncmp(fds_added.fd[0].what, "pipe:[", 6), 0);
	ck_assert_int_eq(fds_added.fd[0].number, ends[0]);
	ck_assert_int_eq(fds_added.fd[1].number, ends[1]);
}
END_TEST

/* Hand-made lists: the comparison alone. */
static void add_fd(struct fd_list *list, int number, const char *what)
{
	struct fd *fd = &list->fd[list->count++];
	fd->number = number;
	snprintf(fd->what, sizeof fd->what, "%s", what);
}

START_TEST(added_and_gone_descriptors)
{
	static struct fd_list gone;
	add_fd(&fds_before, 0, "/dev/null");
	add_fd(&fds_before, 3, "pipe:[1]");
	add_fd(&fds_before, 4, "pipe:[1]");
	add_fd(&fds_after, 4, "/dev/null"); /* the same number, and something else */
	add_fd(&fds_after, 0, "/dev/null");
	snapshot_added_fds(&fds_before, &fds_after, &fds_added);
	snapshot_added_fds(&fds_after, &fds_before, &gone);
	ck_assert_int_eq(fds_added.count, 1);
	ck_assert_int_eq(fds_added.fd[0].number, 4);
	ck_assert_str_eq(fds_added.fd[0].what, "/dev/null");
	ck_assert_int_eq(gone.count, 2);
	ck_assert_int_eq(gone.fd[0].number, 3);
	ck_assert_int_eq(gone.fd[1].number, 4);
}
END_TEST

/* Nobody knows what it holds: that is not "nothing", and no later look makes it so. */
START_TEST(unreadable_process)
{
	static struct fd_list gone;
	snapshot_fds(NO_PROCESS, &fds_before);
	snapshot_mappings(NO_PROCESS, &mappings_before);
	ck_assert_int_eq(fds_before.count, -1);
	ck_assert_int_eq(mappings_before.count, -1);
	snapshot_fds(getpid(), &fds_after);
	snapshot_mappings(getpid(), &mappings_after);
	snapshot_added_fds(&fds_before, &fds_after, &fds_added);
	snapshot_added_mappings(&mappings_before, &mappings_after, &mappings_added);
	snapshot_added_fds(&fds_after, &fds_before, &gone);
	ck_assert_int_eq(fds_added.count, -1);
	ck_assert_int_eq(gone.count, -1);
	ck_assert_int_eq(mappings_added.count, -1);
	snapshot_added_fds(&fds_after, &fds_after, &fds_added);
	snapshot_added_mappings(&mappings_after, &mappings_after, &mappings_added);
	ck_assert_int_eq(fds_added.count, -1);
	ck_assert_int_eq(mappings_added.count, -1);
}
END_TEST

START_TEST(many_descriptors)
{
	for (int i = 0; i < FDS_KEPT + 20; i++)
		ck_assert_int_ne(dup(STDOUT_FILENO), -1);
	snapshot_fds(getpid(), &fds_after);
	ck_assert_int_ge(fds_after.count, FDS_KEPT + 20);
	for (int i = 0; i < 3; i++)
		snapshot_added_fds(&fds_before, &fds_after, &fds_added);
	ck_assert_int_eq(fds_added.count, FDS_KEPT);
}
END_TEST

START_TEST(long_names)
{
	char name[101] = "/tmp/";
	memset(name + 5, 'n', sizeof name - 6);
	int fd = open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
	ck_assert_int_ne(fd, -1);
	unlink(name);
	snapshot_fds(getpid(), &fds_after);
	for (int i = 0; i < fds_after.count; i++)
		if (fds_after.fd[i].number == fd)
			ck_assert_uint_eq(strlen(fds_after.fd[i].what), WHAT_LENGTH - 1);
}
END_TEST

/* --- mappings ----------------------------------------------------------------- */

static void *map_pages(int pages, int flags)
{
	size_t size = (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(memory, MAP_FAILED);
	return memory;
}

START_TEST(shared_mappings)
{
	snapshot_mappings(getpid(), &mappings_before);
	char *shared = map_pages(2, MAP_SHARED);
	map_pages(2, MAP_PRIVATE);
	snapshot_mappings(getpid(), &mappings_after);
	snapshot_added_mappings(&mappings_before, &mappings_after, &mappings_added);
	ck_assert_int_eq(mappings_after.count, mappings_before.count + 1);
	ck_assert_int_eq(mappings_added.count, 1);
	ck_assert_uint_eq(mappings_added.mapping[0].start, (unsigned long)shared);
	ck_assert_uint_eq(mappings_added.mapping[0].end - mappings_added.mapping[0].start,
	                  2 * (unsigned long)sysconf(_SC_PAGESIZE));
	ck_assert_ptr_nonnull(strstr(mappings_added.mapping[0].what, "/dev/zero"));
}
END_TEST

/* Elsewhere, or something else in the same place, is another mapping; of what became
 * longer, or has a gap filled, it is the part that is new. */
START_TEST(added_mappings)
{
	mappings_before = (struct mapping_list){ 4, { { 4096, 8192, "a", 1 }, { 8192, 12288, "b", 2 },
		                                          { 20480, 24576, "b", 2 }, { 40960, 45056, "d", 4 } } };
	mappings_after = (struct mapping_list){ 3, { { 4096, 8192, "a", 1 }, { 8192, 28672, "b", 2 },
		                                         { 40960, 45056, "d", 5 } } };
	static const unsigned long expected[][2] = { { 12288, 20480 }, { 24576, 28672 }, { 40960, 45056 } };
	snapshot_added_mappings(&mappings_before, &mappings_after, &mappings_added);
	ck_assert_int_eq(mappings_added.count, 3);
	for (int i = 0; i < 3; i++) {
		ck_assert_uint_eq(mappings_added.mapping[i].start, expected[i][0]);
		ck_assert_uint_eq(mappings_added.mapping[i].end, expected[i][1]);
	}
	ck_assert_str_eq(mappings_added.mapping[1].what, "b");
	ck_assert_str_eq(mappings_added.mapping[2].what, "d");
}
END_TEST

/* Cut in two, or a part of it given back: nothing is new. */
START_TEST(split_mapping)
{
	mappings_before = (struct mapping_list){ 1, { { 4096, 20480, "a", 1 } } };
	mappings_after = (struct mapping_list){ 2, { { 4096, 8192, "a", 1 }, { 12288, 20480, "a", 1 } } };
	snapshot_added_mappings(&mappings_before, &mappings_after, &mappings_added);
	ck_assert_int_eq(mappings_added.count, 0);
}
END_TEST

START_TEST(many_mappings)
{
	for (int i = 0; i < MAPPINGS_KEPT + 5; i++)
		map_pages(1 + i % 2, MAP_SHARED);
	snapshot_mappings(getpid(), &mappings_after);
	ck_assert_int_ge(mappings_after.count, MAPPINGS_KEPT + 5);
	for (int i = 0; i < 2; i++)
		snapshot_added_mappings(&mappings_before, &mappings_after, &mappings_added);
	ck_assert_int_eq(mappings_added.count, MAPPINGS_KEPT);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("snapshot");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_test(t, open_descriptors);
	tcase_add_test(t, added_and_gone_descriptors);
	tcase_add_test(t, unreadable_process);
	tcase_add_test(t, many_descriptors);
	tcase_add_test(t, long_names);
	tcase_add_test(t, shared_mappings);
	tcase_add_test(t, added_mappings);
	tcase_add_test(t, split_mapping);
	tcase_add_test(t, many_mappings);
	Suite *suite = suite_create("snapshot");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
