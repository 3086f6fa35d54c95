/* While a call runs: those who watch it, and what they keep to themselves. */
#include "plugins/call_a_plugin.c"

#include <linux/futex.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static const struct limits patient = { .wall_seconds = 60, .cpu_seconds = 60 };

/* --- it is told --------------------------------------------------------------- */

static void wake(void *arg)
{
	*(volatile int *)arg = (int)getpid();
	syscall(SYS_futex, arg, FUTEX_WAKE, 1000, NULL, NULL, 0);
}

/* Nobody runs: the supervisor says so, and the call goes on. */
START_TEST(stalled_call)
{
	int *word = shared_number(0);
	struct call call = { .arg = word, .limits = patient, .stalled = wake };
	const struct outcome *o = call_plugin("waits_for_word", &call);
	ck_assert_int_eq(o->ending, ENDING_RETURNED);
	ck_assert_int_eq(o->value, *word);
	ck_assert_int_ne(*word, getpid());
	ck_assert_int_ne(*word, o->caller);
}
END_TEST

START_TEST(circling_call)
{
	int *word = shared_number(0);
	struct call call = { .arg = word, .limits = { .cpu_seconds = 3, .most_seconds = 1000 },
		                 .stalled = wake };
	const struct outcome *o = call_plugin("loops_until_word", &call);
	ck_assert_int_eq(o->ending, ENDING_RETURNED);
	ck_assert_int_eq(o->value, *word);
}
END_TEST

/* Nobody is told of a call that gets on. */
START_TEST(call_that_gets_on)
{
	int *word = shared_number(0);
	word[1] = 0;
	struct call call = { .arg = word, .limits = patient, .stalled = wake };
	expect_call("leaves_ending_child", &call, "returned forks=1 zombies.count=1");
	ck_assert_int_eq(*word, 0);
}
END_TEST

START_TEST(progress_is_the_judges)
{
	int *word = shared_number(0);
	struct call call = { .arg = word, .limits = patient, .progress = wake };
	const struct outcome *o = call_plugin("waits_for_word", &call);
	ck_assert_int_eq(o->ending, ENDING_RETURNED);
	ck_assert_int_eq(*word, getpid());
}
END_TEST

START_TEST(slow_machine_gets_more_time)
{
	struct call call = { .limits = { .wall_seconds = 0.2, .cpu_seconds = 60 } };
	setenv("CROSSOVER_SLOW", "5", 1);
	const struct outcome *o = expect_call("sleeps", &call,
	                                      "timed out calls_returned=0 markers_printed=0");
	ck_assert(o->wall_seconds > 5 * 0.2);
}
END_TEST

/* By hand, the output goes where it always goes. */
START_TEST(terminal_is_left_alone)
{
	char text[100] = "";
	FILE *file = tmpfile();
	ck_assert_ptr_nonnull(file);
	int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);
	dup2(fileno(file), STDOUT_FILENO);
	dup2(fileno(file), STDERR_FILENO);
	const struct outcome *o = call_plugin("prints", &(struct call){ .terminal = true });
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	ck_assert_str_eq(outcome_text(o), "returned value=13 markers_printed=0");
	ck_assert_str_eq(o->output, "");
	ck_assert_int_gt(pread(fileno(file), text, sizeof text - 1, 0), 0);
	ck_assert_str_eq(text, "to the output\nto the error\n");
	fclose(file);
}
END_TEST

/* What the judge has printed and not flushed is not the caller's to print. */
START_TEST(output_of_the_judge)
{
	if (freopen("/dev/null", "w", stdout) == NULL)
		ck_abort_msg("no /dev/null");
	fputs("the judge's", stdout);
	expect("exits", NULL, "early exit exit_status=3 calls_returned=0");
}
END_TEST

/* --- the judge ---------------------------------------------------------------- */

/* There is no descriptor left for the caller's file: the kit's fault, said so. */
START_TEST(caller_that_cannot_be_contained)
{
	struct rlimit few = { 32, 32 };
	const char *path = plugin_build("returns_42");
	static struct outcome outcome;
	struct call call = { .plugin = path, .body = call_act };
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	supervise(&call, &outcome);
	ck_assert_int_eq(outcome.ending, ENDING_KIT_ERROR);
	ck_assert_ptr_nonnull(strstr(outcome.kit_error, "cannot contain the caller"));
	expect_nobody_left(&outcome);
}
END_TEST

/* As a user that may start nothing more; root may always. */
START_TEST(no_process_for_the_supervisor)
{
	struct outcome *o = shared_alloc(sizeof *o);
	struct call call = { .plugin = "none.so", .body = call_act };
	bool user = geteuid() != 0 || callers_have_a_user();
	pid_t pid = user ? fork() : -1;
	if (pid == 0) {
		setrlimit(RLIMIT_NPROC, &(struct rlimit){ 0, 0 });
		if (geteuid() == 0 && setresuid(61990, 61990, 61990) != 0)
			_exit(1);
		supervise(&call, o);
		_exit(0);
	}
	if (!user)
		puts("no_process_for_the_supervisor: not tried, nothing limits root here");
	else
		ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert(!user || o->ending == ENDING_KIT_ERROR);
	ck_assert(!user || strstr(o->kit_error, "did not come back") != NULL);
}
END_TEST

/* Call after call: nothing piles up in the judge. */
START_TEST(judge_keeps_nothing)
{
	static struct fd_list fds[2];
	static struct mapping_list mappings[2];
	static struct outcome outcome;
	struct call call = { .plugin = plugin_build("returns_42"), .body = call_act };
	for (int i = 0; i < 10; i++) {
		snapshot_fds(getpid(), &fds[i > 0]);
		snapshot_mappings(getpid(), &mappings[i > 0]);
		supervise(&call, &outcome);
	}
	ck_assert_int_eq(fds[1].count, fds[0].count);
	ck_assert_int_eq(mappings[1].count, mappings[0].count);
}
END_TEST

int main(void)
{
	TCase *t = plugins_case("watch");
	tcase_add_test(t, stalled_call);
	tcase_add_test(t, circling_call);
	tcase_add_test(t, call_that_gets_on);
	tcase_add_test(t, progress_is_the_judges);
	tcase_add_test(t, slow_machine_gets_more_time);
	tcase_add_test(t, terminal_is_left_alone);
	tcase_add_test(t, output_of_the_judge);
	tcase_add_test(t, caller_that_cannot_be_contained);
	tcase_add_test(t, no_process_for_the_supervisor);
	tcase_add_test(t, judge_keeps_nothing);
	return run_case("supervise: watch", t);
}
