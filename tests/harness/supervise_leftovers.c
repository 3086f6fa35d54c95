/* What a call can leave behind: each plug-in leaves one thing, and the outcome
 * must name this one and nothing else. */
#include "plugins/call_a_plugin.c"

static const struct limits patient = { .wall_seconds = 60 };

/* --- processes ---------------------------------------------------------------- */

START_TEST(zombies)
{
	const struct outcome *o = expect("leaves_zombies", shared_number(3),
	                                 "returned forks=3 zombies.count=3");
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(o->zombies.process[i].parent, o->caller);
		ck_assert_int_eq(o->zombies.process[i].state, 'Z');
	}
}
END_TEST

/* More than the list has room for. */
START_TEST(many_zombies)
{
	struct call call = { .arg = shared_number(PROCESSES_KEPT + 20), .limits = patient };
	const struct outcome *o = call_plugin("leaves_zombies", &call);
	ck_assert_int_eq(o->ending, ENDING_RETURNED);
	ck_assert_int_eq(o->forks, PROCESSES_KEPT + 20);
	ck_assert_int_ge(o->zombies.count, PROCESSES_KEPT - 1);
	ck_assert_int_eq(o->orphans.count, 0);
}
END_TEST

/* The grace: whether it had ended a millisecond before the return or after makes
 * no other mistake of it. */
START_TEST(child_that_just_ends_is_a_zombie)
{
	expect("leaves_ending_child", NULL, "returned forks=1 zombies.count=1");
}
END_TEST

START_TEST(child_that_still_computes_is_waited_for)
{
	expect("leaves_computing_child", NULL, "returned forks=1 zombies.count=1");
}
END_TEST

START_TEST(orphans)
{
	const struct outcome *o = expect("leaves_orphans", shared_number(2),
	                                 "returned forks=2 orphans.count=2");
	ck_assert_int_eq(o->orphans.process[0].parent, o->caller);
	ck_assert(process_alive(&o->orphans.process[0]));
}
END_TEST

static void start_own_child(void *arg)
{
	pid_t pid = fork();
	while (pid == 0)
		pause();
	call_own_child(pid);
	call_act(arg);
}

/* It runs on after the call, as the orphans do, and is not counted with them. */
START_TEST(children_of_the_harness)
{
	struct call call = { .body = start_own_child, .arg = shared_number(2) };
	const struct outcome *o = call_plugin("leaves_orphans", &call);
	ck_assert_int_eq(o->ending, ENDING_RETURNED);
	ck_assert_int_eq(o->forks, 2);
	ck_assert_int_eq(o->orphans.count, 2);
	ck_assert_int_eq(o->zombies.count, 0);
}
END_TEST

/* It has left the session and the caller's family; the caller waited for the
 * first child, so that there is nothing to be seen from there. */
START_TEST(daemons)
{
	const struct outcome *o = expect("leaves_daemon", NULL,
		"returned forks=2 forks_before_wait=2 orphans.count=1");
	ck_assert_int_ne(o->orphans.process[0].parent, o->caller);
}
END_TEST

START_TEST(process_groups)
{
	expect("leaves_group", NULL, "returned forks=2 orphans.count=2");
}
END_TEST

START_TEST(grandchild_out_of_reach_is_an_orphan)
{
	expect("leaves_detached_zombie", NULL, "returned forks=2 forks_before_wait=2 orphans.count=1");
}
END_TEST

/* --- the caller's own children ------------------------------------------------ */

START_TEST(bystanders_are_nobodys_business)
{
	struct call call = { .arg = shared_number(1), .bystanders = true };
	expect_call("returns_42", &call, "returned value=42 error=EDOM");
	expect_call("leaves_zombies", &call, "returned forks=1 zombies.count=1");
}
END_TEST

START_TEST(stolen_child)
{
	struct call call = { .bystanders = true };
	expect_call("waits_for_any", &call,
	            "returned value=77 forks_before_wait=0 bystanders_reaped=1");
}
END_TEST

START_TEST(killed_bystander)
{
	struct call call = { .bystanders = true };
	expect_call("kills_bystander", &call, "returned value=2 forks_before_wait=0 bystanders_killed=1");
}
END_TEST

/* It waits for the caller's child that runs on, and never comes back: that it has
 * reaped the other one is told all the same. */
START_TEST(stolen_child_is_told_at_a_hang)
{
	struct call call = { .bystanders = true, .limits = { .wall_seconds = 0.3, .cpu_seconds = 60 } };
	expect_call("waits_for_all", &call, "timed out calls_returned=0 forks_before_wait=0 "
	            "markers_printed=0 bystanders_reaped=1");
}
END_TEST

/* --- descriptors -------------------------------------------------------------- */

START_TEST(leaked_pipe)
{
	const struct outcome *o = expect("leaks_pipe", NULL, "returned leaked_fds.count=2");
	ck_assert_int_gt(o->leaked_fds.fd[0].number, 5);
	ck_assert_int_eq(strncmp(o->leaked_fds.fd[0].what, "pipe:[", 6), 0);
	ck_assert_str_eq(o->leaked_fds.fd[0].what, o->leaked_fds.fd[1].what);
}
END_TEST

/* The caller has descriptors 0 to 5, as it would in a larger program. */
START_TEST(closed_descriptors)
{
	const struct outcome *o = expect("closes_3", NULL, "returned closed_fds.count=1");
	ck_assert_int_eq(o->closed_fds.fd[0].number, 3);
	ck_assert_int_eq(strncmp(o->closed_fds.fd[0].what, "pipe:[", 6), 0);
}
END_TEST

START_TEST(all_descriptors_closed)
{
	expect("closes_all", NULL, "returned value=6 markers_printed=0 closed_fds.count=6");
}
END_TEST

/* What has the caller's number and is something else is both. */
START_TEST(replaced_descriptor)
{
	const struct outcome *o = expect("replaces_stdout", NULL,
		"returned markers_printed=0 leaked_fds.count=1 closed_fds.count=1");
	ck_assert_int_eq(o->leaked_fds.fd[0].number, STDOUT_FILENO);
	ck_assert_str_eq(o->leaked_fds.fd[0].what, "/dev/null");
}
END_TEST

/* --- output ------------------------------------------------------------------- */

START_TEST(output_is_kept)
{
	const struct outcome *o = call_plugin("prints", &(struct call){ 0 });
	ck_assert_str_eq(outcome_text(o), "returned value=13");
	ck_assert_str_eq(o->output, "to the output\nto the error\n");
}
END_TEST

START_TEST(end_of_long_output_is_kept)
{
	const struct outcome *o = call_plugin("prints_numbers", &(struct call){ 0 });
	size_t length = strlen(o->output);
	ck_assert_str_eq(outcome_text(o), "returned");
	ck_assert_uint_eq(length, OUTPUT_KEPT - 1);
	ck_assert_str_eq(o->output + length - 10, "line 9999\n");
}
END_TEST

START_TEST(output_of_an_exiting_child)
{
	expect("exits_in_child", NULL, "returned forks=1 forks_before_wait=1 markers_printed=2");
}
END_TEST

/* --- several calls by one body ------------------------------------------------ */

static void call_three_times(void *arg)
{
	act_fn *act = (act_fn *)plugin_function("act");
	for (int i = 0; i < 3; i++) {
		call_begin();
		call_end(act(arg));
	}
}

/* What the second call left is still there at the third's end, and counted once. */
START_TEST(leftovers_of_each_call)
{
	struct call call = { .body = call_three_times };
	const struct outcome *o = expect_call("leaks_on_second_call", &call,
		"returned value=3 calls_returned=3 forks=2 markers_printed=3 zombies.count=2 "
		"leaked_fds.count=2");
	ck_assert_int_ne(o->leaked_fds.fd[0].number, o->leaked_fds.fd[1].number);
}
END_TEST

int main(void)
{
	TCase *t = plugins_case("leftovers");
	tcase_add_test(t, zombies);
	tcase_add_test(t, many_zombies);
	tcase_add_test(t, child_that_just_ends_is_a_zombie);
	tcase_add_test(t, child_that_still_computes_is_waited_for);
	tcase_add_test(t, orphans);
	tcase_add_test(t, children_of_the_harness);
	tcase_add_test(t, daemons);
	tcase_add_test(t, process_groups);
	tcase_add_test(t, grandchild_out_of_reach_is_an_orphan);
	tcase_add_test(t, bystanders_are_nobodys_business);
	tcase_add_test(t, stolen_child);
	tcase_add_test(t, killed_bystander);
	tcase_add_test(t, stolen_child_is_told_at_a_hang);
	tcase_add_test(t, leaked_pipe);
	tcase_add_test(t, closed_descriptors);
	tcase_add_test(t, all_descriptors_closed);
	tcase_add_test(t, replaced_descriptor);
	tcase_add_test(t, output_is_kept);
	tcase_add_test(t, end_of_long_output_is_kept);
	tcase_add_test(t, output_of_an_exiting_child);
	tcase_add_test(t, leftovers_of_each_call);
	return run_case("supervise: leftovers", t);
}
