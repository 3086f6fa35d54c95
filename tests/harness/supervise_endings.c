/* How a supervised call can end: each plug-in brings about one ending, and the
 * whole outcome is held against what it must be.
 *
 * No test depends on the machine's speed: a call that must run into a limit has a
 * low one and would go on for ever, a call that must not has a high one.
 */
#include "plugins/call_a_plugin.c"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* A hang is found after about this long; nothing shorter is ever expected. */
static const struct limits short_wait = { .wall_seconds = 0.3, .cpu_seconds = 60 };

/* The plug-in's process that was found in this state at a time-out. */
static const struct scene_process *find_state(const struct scene *scene, char state)
{
	for (int i = 0; i < scene->count; i++)
		if (scene->process[i].state == state)
			return &scene->process[i];
	return NULL;
}

/* --- it returned -------------------------------------------------------------- */

START_TEST(value_and_errno_come_back)
{
	const struct outcome *o = expect("returns_42", NULL, "returned value=42 error=EDOM");
	ck_assert_int_gt(o->caller, 0);
	ck_assert_int_ne(o->caller, getpid());
	ck_assert_int_eq(o->crash.pid, 0);
	ck_assert(o->wall_seconds > 0);
	ck_assert(o->cpu_seconds >= 0);
}
END_TEST

START_TEST(child_that_returns_is_stopped)
{
	expect("falls_through", NULL, "returned forks=2 forks_before_wait=1 fell_through=2");
}
END_TEST

/* It takes longer than the time that a hanging call is given, but it computes. */
START_TEST(slow_call_is_no_hang)
{
	struct call call = {
		.arg = shared_number(700),
		.limits = { .wall_seconds = 0.05, .most_seconds = 1000, .cpu_seconds = 1000 },
	};
	const struct outcome *o = expect_call("computes", &call, "returned");
	ck_assert(o->wall_seconds > 0.5);
	ck_assert(o->cpu_seconds > 0.5);
}
END_TEST

START_TEST(threads_are_counted)
{
	expect("threads", NULL, "returned threads=3");
}
END_TEST

/* --- it was not loaded -------------------------------------------------------- */

static void call_missing_function(void *arg)
{
	(void)arg;
	plugin_function("no_such_name");
	call_begin();
	call_end(0);
}

START_TEST(missing_function_is_named)
{
	const struct outcome *o = call_plugin("returns_42", &(struct call){ .body = call_missing_function });
	ck_assert_str_eq(outcome_text(o), "not loaded calls_returned=0 markers_printed=0 load_error");
	ck_assert_str_eq(o->load_error, "undefined symbol: no_such_name");
}
END_TEST

START_TEST(undefined_function_is_named)
{
	const struct outcome *o = expect("undefined_function", NULL,
	                                 "not loaded calls_returned=0 markers_printed=0 load_error");
	ck_assert_ptr_nonnull(strstr(o->load_error, "undefined symbol: no_such_function"));
}
END_TEST

START_TEST(missing_plugin_is_a_kit_error)
{
	static struct outcome outcome;
	struct call call = { .plugin = "/no/such/plugin.so", .body = call_act };
	supervise(&call, &outcome);
	ck_assert_int_eq(outcome.ending, ENDING_KIT_ERROR);
	ck_assert_ptr_nonnull(strstr(outcome.kit_error, strerror(ENOENT)));
	expect_nobody_left(&outcome);
}
END_TEST

START_TEST(text_file_is_not_loaded)
{
	static struct outcome outcome;
	struct call call = { .plugin = "Makefile", .body = call_act };
	supervise(&call, &outcome);
	ck_assert_str_eq(outcome_text(&outcome),
	                 "not loaded calls_returned=0 markers_printed=0 load_error");
	expect_nobody_left(&outcome);
}
END_TEST

/* --- it ended too early ------------------------------------------------------- */

START_TEST(exit_in_the_function)
{
	expect("exits", NULL, "early exit exit_status=3 calls_returned=0");
}
END_TEST

/* With status 0, the one that looks most like success. */
START_TEST(exit_in_a_constructor)
{
	expect("exits_in_constructor", NULL, "early exit calls_returned=0 markers_printed=0");
}
END_TEST

START_TEST(another_program_in_its_place)
{
	expect("executes", NULL, "early exit calls_returned=0 markers_printed=0");
}
END_TEST

/* Nothing can note where it was. */
START_TEST(sigkill)
{
	const struct outcome *o = expect("raises", shared_number(SIGKILL),
		"killed signal=9 calls_returned=0 markers_printed=0");
	ck_assert_int_eq(o->crash.pid, 0);
}
END_TEST

START_TEST(sigterm_has_its_usual_effect)
{
	signal(SIGTERM, SIG_IGN); /* the caller starts fresh, whatever the judge does */
	expect("raises", shared_number(SIGTERM),
	       "killed signal=15 calls_returned=0 markers_printed=0");
}
END_TEST

/* --- it did not come to an end ------------------------------------------------ */

START_TEST(sleep_for_ever_is_a_hang)
{
	const struct outcome *o = expect_call("sleeps", &(struct call){ .limits = short_wait },
	                                      "timed out calls_returned=0 markers_printed=0");
	ck_assert_int_eq(o->scene.when, SCENE_AT_END);
	ck_assert_int_eq(o->scene.count, 1);
	ck_assert_int_eq(o->scene.process[0].pid, o->caller);
	ck_assert_int_eq(o->scene.process[0].state, 'S');
	ck_assert(o->scene.process[0].caller);
	ck_assert(o->wall_seconds > 0.3);
	ck_assert(o->cpu_seconds < 60);
}
END_TEST

START_TEST(hang_tells_the_system_call)
{
	int *end = shared_number(0);
	struct call call = { .arg = end, .limits = short_wait };
	const struct outcome *o = expect_call("reads_empty_pipe", &call,
	                                      "timed out calls_returned=0 markers_printed=0");
	const struct scene_thread *thread = &o->scene.process[0].thread[0];
	ck_assert_int_eq(thread->kind, WAIT_FILES);
	ck_assert_int_eq(thread->call, SYS_read);
	ck_assert_uint_eq(thread->args[0], (unsigned long)*end);
	ck_assert_int_eq(thread->want[0].fd, *end);
}
END_TEST

START_TEST(stopped_process_is_a_hang)
{
	struct call call = { .arg = shared_number(SIGSTOP), .limits = short_wait };
	const struct outcome *o = expect_call("raises", &call,
	                                      "timed out calls_returned=0 markers_printed=0");
	ck_assert_ptr_nonnull(find_state(&o->scene, 'T'));
}
END_TEST

START_TEST(ignored_signals_save_nobody)
{
	const struct outcome *o = expect_call("ignores_signals", &(struct call){ .limits = short_wait },
		"timed out calls_returned=0 forks=1 markers_printed=0");
	ck_assert_int_eq(o->scene.count, 2);
}
END_TEST

START_TEST(endless_loop)
{
	struct call call = { .limits = { .cpu_seconds = 0.3, .most_seconds = 1000 } };
	const struct outcome *o = expect_call("loops", &call,
	                                      "looped calls_returned=0 markers_printed=0");
	ck_assert(o->scene.process[0].cpu_seconds > 0.2);
}
END_TEST

/* Neither child alone uses what the tree may use. */
START_TEST(cpu_time_of_all_counts)
{
	struct call call = { .limits = { .cpu_seconds = 1, .most_seconds = 1000 } };
	const struct outcome *o = expect_call("children_loop", &call,
		"looped calls_returned=0 forks=2 forks_before_wait=2 markers_printed=0");
	ck_assert(o->cpu_seconds > 0.8);
	for (int i = 0; i < o->scene.count; i++)
		ck_assert(o->scene.process[i].cpu_seconds < 0.95);
}
END_TEST

START_TEST(kernels_cpu_limit_is_a_loop)
{
	expect("raises", shared_number(SIGXCPU),
	       "looped signal=24 calls_returned=0 markers_printed=0");
}
END_TEST

/* It is never quiet and uses little CPU time: patience ends. */
START_TEST(no_call_may_take_longer)
{
	struct call call = { .limits = { .wall_seconds = 0.1, .most_seconds = 0.5, .cpu_seconds = 60 } };
	const struct outcome *o = expect_call("naps", &call,
	                                      "timed out calls_returned=0 markers_printed=0");
	ck_assert(o->wall_seconds > 0.5);
}
END_TEST

/* When patience ends, one that has used half of the CPU time that it may use is
 * taken to compute, whatever it does at that moment. */
START_TEST(long_computation_is_a_loop)
{
	struct call call = {
		.arg = shared_number(600),
		.limits = { .wall_seconds = 1000, .most_seconds = 3, .cpu_seconds = 1 },
	};
	expect_call("computes_and_sleeps", &call, "looped calls_returned=0 markers_printed=0");
}
END_TEST

int main(void)
{
	TCase *t = plugins_case("endings");
	tcase_add_test(t, value_and_errno_come_back);
	tcase_add_test(t, child_that_returns_is_stopped);
	tcase_add_test(t, slow_call_is_no_hang);
	tcase_add_test(t, threads_are_counted);
	tcase_add_test(t, missing_function_is_named);
	tcase_add_test(t, undefined_function_is_named);
	tcase_add_test(t, missing_plugin_is_a_kit_error);
	tcase_add_test(t, text_file_is_not_loaded);
	tcase_add_test(t, exit_in_the_function);
	tcase_add_test(t, exit_in_a_constructor);
	tcase_add_test(t, another_program_in_its_place);
	tcase_add_test(t, sigkill);
	tcase_add_test(t, sigterm_has_its_usual_effect);
	tcase_add_test(t, sleep_for_ever_is_a_hang);
	tcase_add_test(t, hang_tells_the_system_call);
	tcase_add_test(t, stopped_process_is_a_hang);
	tcase_add_test(t, ignored_signals_save_nobody);
	tcase_add_test(t, endless_loop);
	tcase_add_test(t, cpu_time_of_all_counts);
	tcase_add_test(t, kernels_cpu_limit_is_a_loop);
	tcase_add_test(t, no_call_may_take_longer);
	tcase_add_test(t, long_computation_is_a_loop);
	return run_case("supervise: endings", t);
}
