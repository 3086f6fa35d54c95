/* Shared memory between guard pages, and private memory between canaries. */
#define _GNU_SOURCE
#include <check.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fence.h"
#include "shared.h"
#include "snapshot.h"

enum { TEST_SECONDS = 120, FENCE_BYTES = 4096 };

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* Whether a child that reads or writes this byte is killed by SIGSEGV. */
static bool faults(char *place, bool for_writing)
{
	volatile char *byte = place;
	int status = 0;
	pid_t pid = fork();
	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL); /* a sanitizer would explain it at length */
		if (for_writing)
			*byte = 1;
		_exit(*byte == 127);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
}

/* --- shared memory ------------------------------------------------------------ */

START_TEST(zeroed_and_aligned)
{
	size_t size = 3 * page_size() + 5;
	char *memory = shared_alloc(size);
	ck_assert_uint_eq((uintptr_t)memory % page_size(), 0);
	for (size_t i = 0; i < size; i++)
		ck_assert_int_eq(memory[i], 0);
	shared_free(memory, size);
}
END_TEST

START_TEST(shared_over_fork)
{
	int *number = shared_alloc(sizeof *number);
	pid_t pid = fork();
	if (pid == 0) {
		*number = 4711;
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	ck_assert_int_eq(*number, 4711);
	shared_free(number, sizeof *number);
}
END_TEST

START_TEST(guard_pages)
{
	char *memory = shared_alloc(2 * page_size());
	ck_assert(!faults(memory, true));
	ck_assert(!faults(memory + 2 * page_size() - 1, true));
	ck_assert(faults(memory - 1, false));
	ck_assert(faults(memory - page_size(), true));
	ck_assert(faults(memory + 2 * page_size(), false));
	ck_assert(faults(memory + 3 * page_size() - 1, true));
	shared_free(memory, 2 * page_size());
}
END_TEST

START_TEST(free_returns_all)
{
	static struct mapping_list before, after;
	snapshot_mappings(getpid(), &before);
	void *memory = shared_alloc(page_size() + 1);
	shared_free(memory, page_size() + 1);
	shared_free(NULL, 17);
	snapshot_mappings(getpid(), &after);
	ck_assert_int_eq(after.count, before.count);
}
END_TEST

/* Returns what a child prints on standard error, and its exit status. */
static int in_child(void (*act)(void), char *text, size_t size)
{
	int ends[2], status = 0;
	ck_assert_int_eq(pipe(ends), 0);
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDERR_FILENO);
		act();
		_exit(0);
	}
	close(ends[1]);
	ssize_t got = read(ends[0], text, size - 1);
	text[got > 0 ? got : 0] = '\0';
	close(ends[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void ask_for_too_much(void)
{
	shared_alloc(SIZE_MAX / 2);
}

START_TEST(no_memory_ends_the_program)
{
	char text[200];
	ck_assert_int_eq(in_child(ask_for_too_much, text, sizeof text), 2);
	ck_assert_ptr_nonnull(strstr(text, "crossover: cannot get shared memory"));
}
END_TEST

/* --- hidden memory ------------------------------------------------------------ */

START_TEST(hidden_from_children_alone)
{
	size_t size = 2 * page_size();
	char *secret = shared_alloc(size), *open = shared_alloc(size);
	int status;
	shared_hide(secret, size);
	ck_assert(!faults(secret, true));
	pid_t pid = fork();
	if (pid == 0) {
		shared_unmap_hidden();
		_exit(faults(secret, false) + 2 * faults(secret + size - 1, false) +
		      4 * faults(open, true));
	}
	waitpid(pid, &status, 0);
	ck_assert_int_eq(WEXITSTATUS(status), 3);
	ck_assert_int_eq(secret[0], 1);
	ck_assert_int_eq(open[0], 1);
}
END_TEST

static void hide_too_much(void)
{
	for (int i = 0; i < 100; i++)
		shared_hide(shared_alloc(1), 1);
}

START_TEST(too_much_to_hide)
{
	char text[200];
	ck_assert_int_eq(in_child(hide_too_much, text, sizeof text), 2);
	ck_assert_str_eq(text, "crossover: too much to hide\n");
}
END_TEST

/* --- private memory ----------------------------------------------------------- */

/* It must not look like a result: neither zero nor the canaries' pattern. */
START_TEST(fresh_buffer)
{
	unsigned char *buffer = fence_alloc(100);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(buffer[i], 0xa7);
	ck_assert_int_eq(fence_broken(buffer), 0);
	memset(buffer, 0, 100);
	ck_assert_int_eq(fence_broken(buffer), 0);
	fence_free(buffer);
	fence_free(NULL);
}
END_TEST

START_TEST(writes_outside)
{
	static const long places[] = { 1, 2, 3, 100, FENCE_BYTES, -1, -2, -100, -FENCE_BYTES };
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		char *buffer = fence_alloc(37);
		buffer[places[i] > 0 ? 36 + places[i] : places[i]] = 0;
		ck_assert_int_eq(fence_broken(buffer), places[i]);
		fence_free(buffer);
	}
}
END_TEST

START_TEST(nearest_write_outside)
{
	char *buffer = fence_alloc(8);
	buffer[8 + 40] = 0;
	ck_assert_int_eq(fence_broken(buffer), 41);
	buffer[-7] = 0;
	ck_assert_int_eq(fence_broken(buffer), -7);
	buffer[8 + 3] = 0;
	ck_assert_int_eq(fence_broken(buffer), 4);
	fence_free(buffer);
}
END_TEST

START_TEST(empty_buffer)
{
	char *buffer = fence_alloc(0);
	ck_assert_int_eq(fence_broken(buffer), 0);
	buffer[0] = 1;
	ck_assert_int_eq(fence_broken(buffer), 1);
	fence_free(buffer);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("shared");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_test(t, zeroed_and_aligned);
	tcase_add_test(t, shared_over_fork);
	tcase_add_test(t, guard_pages);
	tcase_add_test(t, free_returns_all);
	tcase_add_test(t, no_memory_ends_the_program);
	tcase_add_test(t, hidden_from_children_alone);
	tcase_add_test(t, too_much_to_hide);
	tcase_add_test(t, fresh_buffer);
	tcase_add_test(t, writes_outside);
	tcase_add_test(t, nearest_write_outside);
	tcase_add_test(t, empty_buffer);
	Suite *suite = suite_create("shared");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
