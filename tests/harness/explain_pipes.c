/* Hangs on pipes: each deadlock is made by a plug-in, and the sentences
 * that must come are compared whole, with the pids taken out. The evidence is the
 * supervisor's, so that these tests hold all of the way from /proc to the words.
 *
 * Some are made again as an ordinary user: what root sees, they see of their own.
 */
#include "plugins/explain_a_hang.c"

#include <linux/futex.h>
#include <stdatomic.h>
#include <sys/syscall.h>

#include "table.h"

static const struct outcome *hang_so(int how)
{
	return hang(plugin_build("deadlocks_of_pipes"), how, (struct call){ 0 });
}

START_TEST(end_in_reader)
{
	hang_so(END_IN_READER);
	expect_told(PIPE_DEADLOCK,
		"worker 0 (pid N) is blocked reading pipe A. Its write end is still open in worker 0 "
		"itself and in worker 1 (pid N), so end-of-file never comes. Meanwhile the caller "
		"waits for any child (waitpid or wait). Worker 0 reads in read_to_end, "
		"tests/harness/plugins/deadlocks_of_pipes.c:30. Expected: a write end is open only "
		"in the process that writes, and only until it has written everything.",
		"Close the write end in each child right after fork: whoever reads a pipe must not "
		"hold its write end. Worker 1 was forked when pipe A was open already, and inherited "
		"its write end: in each child, close the");
}
END_TEST

START_TEST(end_in_caller)
{
	hang_so(END_IN_CALLER);
	expect_told(PIPE_DEADLOCK,
		"the caller is blocked reading pipe A. Its write end is still open in the caller "
		"itself, so end-of-file never comes. Worker 0 has ended, but that alone does not "
		"close the pipe. The caller reads in read_to_end, "
		"tests/harness/plugins/deadlocks_of_pipes.c:30. Expected: a write end is open only "
		"in the process that writes, and only until it has written everything.",
		"The caller reads pipe A and holds its write end itself: close it there as soon as "
		"the children that write are forked, before the first read.");
}
END_TEST

/* The kernel cannot tell whose pipe it is, so that the next step leaves it open. */
START_TEST(end_in_sibling)
{
	hang_so(END_IN_SIBLING);
	expect_told(PIPE_DEADLOCK,
		"the caller is blocked reading pipe A. Its write end is still open in worker 1 (pid "
		"N), so end-of-file never comes. Worker 0 has ended, but that alone does not close "
		"the pipe. The caller reads in read_to_end, "
		"tests/harness/plugins/deadlocks_of_pipes.c:30. Expected: a write end is open only "
		"in the process that writes, and only until it has written everything.",
		"Unless pipe A is the one that worker 1 is to write, it was open already when that "
		"was forked, and inherited: in each child, close the ends of all pipes that belong "
		"to the other workers.");
}
END_TEST

START_TEST(end_in_waiter)
{
	hang_so(END_IN_WAITER);
	expect_told(PIPE_DEADLOCK,
		"worker 0 (pid N) is blocked reading pipe A. Its write end is still open in the "
		"caller, so end-of-file never comes. Meanwhile the caller waits for worker 0 "
		"(waitpid). Worker 0 reads in read_to_end, "
		"tests/harness/plugins/deadlocks_of_pipes.c:30. Expected: a write end is open only "
		"in the process that writes, and only until it has written everything.",
		"In the caller, close the write end of pipe A when everything is written, and before "
		"you wait.");
}
END_TEST

START_TEST(end_in_poller)
{
	hang_so(END_IN_POLLER);
	expect_told(PIPE_DEADLOCK,
		"the caller waits in poll to read pipe A. Its write end is still open in the caller "
		"itself, so end-of-file never comes. Worker 0 has ended, but that alone does not "
		"close the pipe. The caller reads in end_in_caller, "
		"tests/harness/plugins/deadlocks_of_pipes.c:89. Expected: a write end is open only "
		"in the process that writes, and only until it has written everything.",
		"The caller reads pipe A and holds its write end itself: close it there as soon as "
		"the children that write are forked, before the first read.");
}
END_TEST

START_TEST(end_in_epoller)
{
	hang_so(END_IN_EPOLLER);
	expect_told(PIPE_DEADLOCK,
		"the caller waits in epoll_wait to read pipe A. Its write end is still open in the "
		"caller itself, so end-of-file never comes. Worker 0 has ended, but that alone does "
		"not close the pipe. The caller reads in end_in_caller, "
		"tests/harness/plugins/deadlocks_of_pipes.c:91. Expected: a write end is open only "
		"in the process that writes, and only until it has written everything.",
		"The caller reads pipe A and holds its write end itself: close it there as soon as "
		"the children that write are forked, before the first read.");
}
END_TEST

START_TEST(end_in_selecter)
{
	hang_so(END_IN_SELECTER);
	expect_told(PIPE_DEADLOCK,
		"the caller waits in select to read pipe A. Its write end is still open in the "
		"caller itself, so end-of-file never comes. Worker 0 has ended, but that alone does "
		"not close the pipe. The caller reads in end_in_caller, "
		"tests/harness/plugins/deadlocks_of_pipes.c:93. Expected: a write end is open only "
		"in the process that writes, and only until it has written everything.",
		"The caller reads pipe A and holds its write end itself: close it there as soon as "
		"the children that write are forked, before the first read.");
}
END_TEST

START_TEST(end_after_death)
{
	hang_so(END_AFTER_DEATH);
	expect_told(PIPE_DEADLOCK,
		"the caller is blocked reading pipe A. Its write end is still open in worker 1 (pid "
		"N), so end-of-file never comes. Worker 0 has ended, but that alone does not close "
		"the pipe. The caller reads in read_to_end, "
		"tests/harness/plugins/deadlocks_of_pipes.c:30. Expected: a write end is open only "
		"in the process that writes, and only until it has written everything.",
		"Unless pipe A is the one that worker 1 is to write, it was open already when that "
		"was forked, and inherited: in each child, close the ends of all pipes that belong "
		"to the other workers.");
}
END_TEST

START_TEST(full_before_wait)
{
	hang_so(FULL_BEFORE_WAIT);
	expect_told(PIPE_DEADLOCK,
		"the caller waits for worker 0 (pid N) (waitpid) while worker 0 is blocked writing "
		"pipe A, which is full (a pipe holds 64 KiB). Nobody reads it, so neither can go on. "
		"Worker 0 writes in write_much, tests/harness/plugins/deadlocks_of_pipes.c:37. "
		"Expected: what the workers send is read before anybody waits for them to end.",
		"Read everything before you wait: until end-of-file or the last result of each "
		"worker, and only then call waitpid.");
}
END_TEST

START_TEST(full_while_meeting)
{
	hang_so(FULL_WHILE_MEETING);
	expect_told(PIPE_DEADLOCK,
		"worker 1 (pid N) is blocked writing pipe A, which is full (a pipe holds 64 KiB). "
		"Only the caller could read it, but the caller is blocked reading pipe B (descriptor "
		"6), and there worker 0 (pid N) waits in its task for worker 1. Worker 1 writes in "
		"write_much, tests/harness/plugins/deadlocks_of_pipes.c:37. Expected: no worker is "
		"held up because another one is read first.",
		"Read from all pipes as data come (poll, then read from those that are ready), or "
		"let each worker compute its whole slice before it sends.");
}
END_TEST

/* Without a meeting: the worker itself has two pipes. */
START_TEST(full_while_reading)
{
	hang_so(FULL_WHILE_READING);
	expect_told(PIPE_DEADLOCK,
		"worker 0 (pid N) is blocked writing pipe A, which is full (a pipe holds 64 KiB). "
		"Only the caller could read it, but the caller is blocked reading pipe B (descriptor "
		"6), on which nothing comes meanwhile. Worker 0 writes in write_much, "
		"tests/harness/plugins/deadlocks_of_pipes.c:37. Expected: no worker is held up "
		"because another one is read first.",
		"Read from all pipes as data come (poll, then read from those that are ready), or "
		"let each worker compute its whole slice before it sends.");
}
END_TEST

START_TEST(both_write)
{
	hang_so(BOTH_WRITE);
	expect_told(PIPE_DEADLOCK,
		"the caller is blocked writing pipe A, which is full (a pipe holds 64 KiB), and only "
		"worker 0 (pid N) could read it. Worker 0 is blocked writing pipe B, which is full "
		"(a pipe holds 64 KiB), and only the caller could read it. Each waits for the other "
		"to read first. Worker 0 writes in write_much, "
		"tests/harness/plugins/deadlocks_of_pipes.c:37. Expected: one of them reads while it "
		"has more to write.",
		"Let one side read before it sends more than a pipe holds, or use poll with "
		"O_NONBLOCK so that it reads whenever it cannot write.");
}
END_TEST

START_TEST(both_read)
{
	hang_so(BOTH_READ);
	expect_told(PIPE_DEADLOCK,
		"the caller is blocked reading pipe A, which only worker 0 (pid N) could write. "
		"Worker 0 is blocked reading pipe B, which only the caller could write. Each waits "
		"for the other, and nobody writes. Worker 0 reads in read_to_end, "
		"tests/harness/plugins/deadlocks_of_pipes.c:30. Expected: one of them writes what "
		"the other waits for, or closes its write end when it has written everything.",
		"Whoever speaks first must write before it reads. If one of them reads until "
		"end-of-file, the other must close its write end after its last write; and a write "
		"end that was only inherited at the fork, at once.");
}
END_TEST

START_TEST(full_of_itself)
{
	hang_so(FULL_OF_ITSELF);
	expect_told(PIPE_DEADLOCK,
		"the caller is blocked writing pipe A, which is full (a pipe holds 64 KiB). Its read "
		"end is open in the caller only, so nobody will ever read it. The caller writes in "
		"write_much, tests/harness/plugins/deadlocks_of_pipes.c:37. Expected: the process "
		"that is to read holds the read end, and the writer does not.",
		"Keep the read end open in the process that reads, and close it in the one that "
		"writes: then a write that nobody can read fails with EPIPE.");
}
END_TEST

/* The thread that joins it is innocent. */
START_TEST(end_in_thread)
{
	static struct process_table table;
	const struct outcome *o = hang_so(END_IN_THREAD);
	ck_assert_int_eq(o->scene.process[1].threads, 2);
	ck_assert_int_eq(o->scene.process[1].thread[0].kind, WAIT_JOIN);
	table_fill(&table, plugin_build("deadlocks_of_pipes"), o);
	ck_assert_int_eq(strncmp(table.row[1].call, "read(", strlen("read(")), 0);
	expect_told(PIPE_DEADLOCK,
		"worker 0 (pid N) is blocked reading pipe A. Its write end is still open in worker 0 "
		"itself, so end-of-file never comes. Meanwhile the caller waits for worker 0 "
		"(waitpid). Worker 0 reads in read_to_end, "
		"tests/harness/plugins/deadlocks_of_pipes.c:30. Expected: a write end is open only "
		"in the process that writes, and only until it has written everything.",
		"Close the write end in each child right after fork: whoever reads a pipe must not "
		"hold its write end.");
}
END_TEST

/* Nobody is to blame on the pipe: it says what everybody does, and no more. */
START_TEST(stopped_worker)
{
	hang_so(STOPPED_WORKER);
	expect_told(HANG,
		"Your function had not returned after S s, and nobody was running any more: the "
		"caller is blocked reading pipe A (descriptor 6); worker 0 (pid N) is stopped. "
		"Expected: it returns when all its work is done.",
		"Find out which event the first of them waits for, and who should have brought it "
		"about.");
}
END_TEST

/* --- as an ordinary user, in time, and at a stall ------------------------------ */

START_TEST(pipes_as_an_ordinary_user)
{
	static const int how[] = { END_IN_READER, END_IN_SIBLING, END_IN_EPOLLER, FULL_WHILE_MEETING };
	const char *plugin = plugin_build("deadlocks_of_pipes");
	static struct verdict by_root[sizeof how / sizeof *how];
	for (size_t i = 0; i < sizeof how / sizeof *how; i++) {
		hang(plugin, how[i], (struct call){ 0 });
		by_root[i] = the_verdict;
	}
	become_ordinary();
	for (size_t i = 0; i < sizeof how / sizeof *how; i++) {
		hang(plugin, how[i], (struct call){ 0 });
		expect_told(PIPE_DEADLOCK, by_root[i].message, by_root[i].next_step);
	}
}
END_TEST

/* The limit, a look every 50 ms, and the explanation: a second is far more. */
START_TEST(explained_in_time)
{
	const struct outcome *o = hang(plugin_build("deadlocks_of_pipes"), END_IN_READER,
	                               (struct call){ 0 });
	ck_assert(o->wall_seconds > 0.3);
	ck_assert(o->wall_seconds < 1.3);
}
END_TEST

static atomic_int *the_stall; /* how often it was called; the meeting's word is next to it */

static void give_up(void *arg)
{
	int *word = arg;
	word[1] = 1000; /* all have come, and more */
	syscall(SYS_futex, &word[1], FUTEX_WAKE, 1000, NULL, NULL, 0);
	atomic_fetch_add(the_stall, 1);
}

static struct call the_call = { .limits = { .wall_seconds = 20 }, .stalled = give_up };

static const struct outcome *stall(const char *plugin, int how)
{
	the_call.plugin = plugin_build(plugin);
	the_stall = (atomic_int *)(shared_number(0) + 8);
	const struct outcome *o = hang(the_call.plugin, how, the_call);
	ck_assert_int_gt(atomic_load(the_stall), 0);
	ck_assert_int_eq(o->ending, ENDING_RETURNED);
	ck_assert_int_eq(o->scene.when, SCENE_AT_STALL);
	memset(&the_verdict, 0, sizeof the_verdict);
	return o;
}

/* The meeting is given up, the call returns, and what was in its way is known. */
START_TEST(stall_is_explained)
{
	const struct outcome *o = stall("deadlocks_of_pipes", FULL_WHILE_MEETING);
	ck_assert(hang_explains_stall(&the_verdict, &the_call, o));
	ck_assert_int_eq(the_verdict.diagnosis, PIPE_DEADLOCK);
	ck_assert_ptr_nonnull(strstr(the_verdict.message, "is blocked writing pipe A, which is full"));
}
END_TEST

/* Nobody is in the way of a worker that was not started: the test has its own words. */
START_TEST(stall_of_a_serial_solution)
{
	const struct outcome *o = stall("meets_in_turn", 2);
	ck_assert(!hang_explains_stall(&the_verdict, &the_call, o));
	ck_assert(verdict_open(&the_verdict));
}
END_TEST

int main(void)
{
	TCase *t = plugins_case("pipes");
	tcase_add_test(t, end_in_reader);
	tcase_add_test(t, end_in_caller);
	tcase_add_test(t, end_in_sibling);
	tcase_add_test(t, end_in_waiter);
	tcase_add_test(t, end_in_poller);
	tcase_add_test(t, end_in_epoller);
	tcase_add_test(t, end_in_selecter);
	tcase_add_test(t, end_after_death);
	tcase_add_test(t, full_before_wait);
	tcase_add_test(t, full_while_meeting);
	tcase_add_test(t, full_while_reading);
	tcase_add_test(t, both_write);
	tcase_add_test(t, both_read);
	tcase_add_test(t, full_of_itself);
	tcase_add_test(t, end_in_thread);
	tcase_add_test(t, stopped_worker);
	tcase_add_test(t, pipes_as_an_ordinary_user);
	tcase_add_test(t, explained_in_time);
	tcase_add_test(t, stall_is_explained);
	tcase_add_test(t, stall_of_a_serial_solution);
	return run_case("explain: pipes", t);
}
