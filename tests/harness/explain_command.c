/* Programs of the system, and the place of a crash that one of them finds. */
#include "plugins/call_a_plugin.c"

#include <signal.h>

#include "where.h"

static char output[200];

/* Returns the status of a shell command. */
static int shell(const char *command)
{
	char *argv[] = { "sh", "-c", (char *)command, NULL };
	memset(output, '#', sizeof output);
	return command_run(argv, output, sizeof output);
}

/* --- command_run -------------------------------------------------------------- */

START_TEST(statuses)
{
	ck_assert_int_eq(shell("exit 0"), 0);
	ck_assert_str_eq(output, "");
	ck_assert_int_eq(shell("exit 3"), 3);
	ck_assert_int_eq(shell("kill -TERM $$"), 128 + SIGTERM);
	ck_assert_int_eq(shell("kill -KILL $$"), 128 + SIGKILL);
}
END_TEST

START_TEST(missing_program)
{
	char *argv[] = { "/no/such/program", NULL };
	ck_assert_int_eq(command_run(argv, output, sizeof output), 127);
	ck_assert_str_eq(output, "");
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}
END_TEST

START_TEST(both_outputs)
{
	ck_assert_int_eq(shell("echo out; echo err >&2; echo out again"), 0);
	ck_assert_str_eq(output, "out\nerr\nout again\n");
}
END_TEST

/* The program must not see a closed pipe: it is read to its end. */
START_TEST(long_output)
{
	ck_assert_int_eq(shell("head -c 1000000 /dev/zero | tr '\\0' x && echo end && exit 5"), 5);
	ck_assert_uint_eq(strlen(output), sizeof output - 1);
	ck_assert_uint_eq(strspn(output, "x"), sizeof output - 1);
}
END_TEST

START_TEST(short_room)
{
	char text[4] = "###";
	char *argv[] = { "echo", "abc", NULL };
	ck_assert_int_eq(command_run(argv, text, 1), 0);
	ck_assert_int_eq(memcmp(text, "\0##", 4), 0);
	ck_assert_int_eq(command_run(argv, text, 3), 0);
	ck_assert_str_eq(text, "ab");
}
END_TEST

/* Slow output comes whole; a program waits for no input. */
START_TEST(slow_output_and_no_input)
{
	int ends[2];
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], "mine\n", 5), 5);
	ck_assert_int_ne(dup2(ends[0], STDIN_FILENO), -1);
	ck_assert_int_eq(shell("echo a; sleep 0.05; echo b; read line || echo none"), 0);
	ck_assert_str_eq(output, "a\nb\nnone\n");
}
END_TEST

static void do_nothing(int number)
{
	(void)number;
}

/* Signals that the grader handles do not make it lose what is said. */
START_TEST(interrupted_read)
{
	struct sigaction action = { .sa_handler = do_nothing };
	char command[200];
	sigaction(SIGUSR1, &action, NULL);
	snprintf(command, sizeof command, "for i in 1 2 3 4 5; do kill -USR1 %d; sleep 0.02; echo $i; "
	         "done; exit 7", (int)getpid());
	ck_assert_int_eq(shell(command), 7);
	ck_assert_str_eq(output, "1\n2\n3\n4\n5\n");
}
END_TEST

START_TEST(nothing_stays_open)
{
	static struct fd_list before, after;
	char *missing[] = { "/no/such/program", NULL };
	snapshot_fds(getpid(), &before);
	for (int i = 0; i < 3; i++) {
		shell("true");
		command_run(missing, output, sizeof output);
	}
	snapshot_fds(getpid(), &after);
	ck_assert_int_eq(after.count, before.count);
}
END_TEST

/* --- where_crashed ------------------------------------------------------------ */

/* Returns the line of a plug-in's source that has this text. */
static int line_of(const char *plugin, const char *text)
{
	char path[100], line[200];
	snprintf(path, sizeof path, "tests/harness/plugins/%s.c", plugin);
	FILE *file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	for (int number = 1; fgets(line, sizeof line, file) != NULL; number++)
		if (strstr(line, text) != NULL) {
			fclose(file);
			return number;
		}
	fclose(file);
	return -1;
}

static const char *where(const char *plugin, const struct outcome *o)
{
	static char text[300];
	where_crashed(plugin_build(plugin), &o->crash, text, sizeof text);
	return text;
}

/* The sanitizers' own backtrace has a frame more, and misses the innermost one. */
START_TEST(crash_has_a_line)
{
#ifdef CROSSOVER_SANITIZED
	puts("crash_has_a_line: not tried, the sanitizers have another backtrace");
#else
	char expected[200];
	const struct outcome *o = call_plugin("null_pointer", &(struct call){ 0 });
	snprintf(expected, sizeof expected, " in write_to, tests/harness/plugins/null_pointer.c:%d",
	         line_of("null_pointer", "the line of the crash"));
	ck_assert_str_eq(where("null_pointer", o), expected);
#endif
}
END_TEST

START_TEST(crash_of_a_child_has_a_line)
{
	const struct outcome *o = call_plugin("null_pointer_in_child", &(struct call){ 0 });
	ck_assert_ptr_nonnull(strstr(where("null_pointer_in_child", o),
	                             ", tests/harness/plugins/null_pointer_in_child.c:"));
}
END_TEST

/* The place of an abort is not in libc, but where the plug-in called it. */
START_TEST(abort_has_the_line_of_its_call)
{
	char expected[200];
	const struct outcome *o = call_plugin("aborts", &(struct call){ 0 });
	snprintf(expected, sizeof expected, " in act, tests/harness/plugins/aborts.c:%d",
	         line_of("aborts", "abort();"));
	ck_assert_str_eq(where("aborts", o), expected);
}
END_TEST

START_TEST(no_place)
{
	struct crash crash = { .pid = 1, .frames = 0 };
	char text[100] = "###";
	where_crashed(plugin_build("null_pointer"), &crash, text, sizeof text);
	ck_assert_str_eq(text, "");
	crash.frames = 2;
	crash.offset[0] = 1; /* not in any function */
	where_crashed(plugin_build("null_pointer"), &crash, text, sizeof text);
	ck_assert_str_eq(text, "");
	where_crashed("/no/such/plugin.so", &crash, text, sizeof text);
	ck_assert_str_eq(text, "");
}
END_TEST

/* The innermost frame that has a line. */
START_TEST(first_known_place)
{
	const struct outcome *o = call_plugin("null_pointer", &(struct call){ 0 });
	struct outcome shifted = *o;
	shifted.crash.offset[0] = 1;
	ck_assert_ptr_nonnull(strstr(where("null_pointer", &shifted), " in act, "));
}
END_TEST

int main(void)
{
	TCase *t = plugins_case("command");
	tcase_add_test(t, statuses);
	tcase_add_test(t, missing_program);
	tcase_add_test(t, both_outputs);
	tcase_add_test(t, long_output);
	tcase_add_test(t, short_room);
	tcase_add_test(t, slow_output_and_no_input);
	tcase_add_test(t, interrupted_read);
	tcase_add_test(t, nothing_stays_open);
	tcase_add_test(t, crash_has_a_line);
	tcase_add_test(t, crash_of_a_child_has_a_line);
	tcase_add_test(t, abort_has_the_line_of_its_call);
	tcase_add_test(t, no_place);
	tcase_add_test(t, first_known_place);
	return run_case("explain: command", t);
}
