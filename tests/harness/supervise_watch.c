/* While a call runs: those who watch it, and what happens when one of them dies.
 *
 * Whoever kills the judge or the supervisor here does so when the plug-in has
 * written down the pids of its processes, and then looks for these, again and
 * again, until none is alive: a number of looks, not a time.
 */
#include "plugins/call_a_plugin.c"

#include <linux/futex.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>

enum { LOOKS = 20000, PIDS = 3 };

static const struct limits patient = { .wall_seconds = 60, .cpu_seconds = 60 };

static void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
}

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

/* What the judge has printed and not flushed comes out once, the judge's way. */
START_TEST(output_of_the_judge)
{
	char text[100] = "";
	FILE *file = tmpfile();
	ck_assert_ptr_nonnull(file);
	fputs("once\n", file);
	expect("exits", NULL, "early exit exit_status=3 calls_returned=0");
	fflush(file);
	ck_assert_int_eq(pread(fileno(file), text, sizeof text - 1, 0), 5);
	fclose(file);
}
END_TEST

/* --- one of them dies --------------------------------------------------------- */

/* The pids that notes_and_sleeps writes down. */
static bool all_noted(const int *notes)
{
	return atomic_load((atomic_int *)notes) == PIDS;
}

/* Looks until nobody of the call is alive; reaps what comes back to this process. */
static void expect_all_gone(const int *notes)
{
	int alive = 1;
	for (int look = 0; look < LOOKS && alive > 0; look++) {
		struct process p;
		alive = 0;
		for (int i = 1; i <= PIDS; i++)
			alive += tree_read(notes[i], &p) && process_alive(&p);
		nap();
	}
	ck_assert_int_eq(alive, 0);
	while (waitpid(-1, NULL, 0) > 0)
		;
	ck_assert_int_eq(errno, ECHILD);
}

/* A judge of its own, which is killed in the middle of its call. */
static void kill_judge(int number)
{
	int *notes = shared_number(0);
	struct call call = { .plugin = plugin_build("notes_and_sleeps"), .body = call_act,
		                 .arg = notes, .limits = { .wall_seconds = 1000, .most_seconds = 1000 } };
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	pid_t judge = fork();
	if (judge == 0) {
		static struct outcome outcome;
		signal(SIGTERM, SIG_DFL);
		signal(SIGINT, SIG_DFL);
		supervise(&call, &outcome);
		_exit(0);
	}
	for (int look = 0; look < LOOKS && !all_noted(notes); look++)
		nap();
	ck_assert(all_noted(notes));
	kill(judge, number);
	expect_all_gone(notes);
}

START_TEST(killed_judge)
{
	kill_judge(SIGKILL);
}
END_TEST

START_TEST(terminated_judge)
{
	kill_judge(SIGTERM);
}
END_TEST

static int signal_for_supervisor;

/* Called in the judge: its one child is the supervisor. */
static void signal_supervisor(void *arg)
{
	static struct process_list list;
	if (!all_noted(arg) || tree_scan(getpid(), &list) <= 0)
		return;
	for (int i = 0; i < list.count; i++)
		if (list.process[i].parent == getpid())
			kill(list.process[i].pid, signal_for_supervisor);
}

static const struct outcome *call_without_supervisor(int number)
{
	int *notes = shared_number(0);
	struct call call = { .arg = notes, .limits = patient, .progress = signal_supervisor };
	signal_for_supervisor = number;
	const struct outcome *o = call_plugin("notes_and_sleeps", &call);
	expect_all_gone(notes);
	return o;
}

START_TEST(killed_supervisor)
{
	const struct outcome *o = call_without_supervisor(SIGKILL);
	ck_assert_int_eq(o->ending, ENDING_KIT_ERROR);
	ck_assert_str_eq(o->kit_error, "the supervisor did not come back (status 9)");
}
END_TEST

START_TEST(interrupted_supervisor)
{
	const struct outcome *o = call_without_supervisor(SIGTERM);
	ck_assert_int_eq(o->ending, ENDING_KIT_ERROR);
	ck_assert_str_eq(o->kit_error, "interrupted");
}
END_TEST

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
	tcase_add_test(t, killed_judge);
	tcase_add_test(t, terminated_judge);
	tcase_add_test(t, killed_supervisor);
	tcase_add_test(t, interrupted_supervisor);
	tcase_add_test(t, caller_that_cannot_be_contained);
	tcase_add_test(t, judge_keeps_nothing);
	return run_case("supervise: watch", t);
}
