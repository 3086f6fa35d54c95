/* Too much of everything: the limits hold, and the rest of the machine is spared. */
#include "plugins/call_a_plugin.c"

START_TEST(memory_limit)
{
#ifdef CROSSOVER_SANITIZED
	puts("memory_limit: not tried, the sanitizers reserve terabytes of addresses");
#else
	expect("allocates", shared_number(1), "returned value=1");
	expect("allocates", shared_number(8), "returned error=ENOMEM");
#endif
}
END_TEST

START_TEST(file_limit)
{
	const struct outcome *o = call_plugin("prints_much", &(struct call){ 0 });
	ck_assert_str_eq(outcome_text(o), "killed signal=25 calls_returned=0 markers_printed=0");
	ck_assert_uint_eq(strlen(o->output), OUTPUT_KEPT - 1);
}
END_TEST

START_TEST(fork_bomb)
{
	const struct outcome *o = call_plugin("fork_bomb", &(struct call){ 0 });
	ck_assert_int_eq(o->ending, ENDING_TOO_MANY_PROCESSES);
	ck_assert_int_gt(o->forks, 256);
}
END_TEST

/* Libc's fork is not counted; whoever is alive is. */
START_TEST(fork_bomb_past_the_harness)
{
	struct call call = { .limits = { .processes = 40 } };
	const struct outcome *o = call_plugin("fork_bomb_unseen", &call);
	ck_assert_int_eq(o->ending, ENDING_TOO_MANY_PROCESSES);
	ck_assert_int_eq(o->forks, 0);
}
END_TEST

START_TEST(limit_on_processes)
{
	int *started = shared_number(0);
	struct call call = { .arg = started, .limits = { .processes = 7 } };
	expect_call("keeps_starting", &call, "too many processes calls_returned=0 forks=8 "
	            "forks_before_wait=1 markers_printed=0");
	ck_assert_int_eq(*started, 7);
}
END_TEST

/* --- time ---------------------------------------------------------------------- */

/* What is not given has a limit, too. */
START_TEST(usual_limits)
{
	const struct outcome *o = expect("sleeps", NULL, "timed out calls_returned=0 markers_printed=0");
	ck_assert(o->wall_seconds > 1);
}
END_TEST

/* Nobody computes, but somebody is about to: a disk, a loader, a vfork. */
START_TEST(uninterruptible_wait_is_no_hang)
{
	struct call call = { .limits = { .wall_seconds = 0.05, .most_seconds = 1000 } };
	expect_call("waits_uninterruptibly", &call, "returned value=1 forks=1 forks_before_wait=1");
}
END_TEST

int main(void)
{
	TCase *t = plugins_case("limits");
	unsetenv("CROSSOVER_KEEP_USER"); /* a fork bomb needs a user of its own */
	tcase_add_test(t, memory_limit);
	tcase_add_test(t, file_limit);
	tcase_add_test(t, fork_bomb);
	tcase_add_test(t, fork_bomb_past_the_harness);
	tcase_add_test(t, limit_on_processes);
	tcase_add_test(t, usual_limits);
	tcase_add_test(t, uninterruptible_wait_is_no_hang);
	return run_case("supervise: limits", t);
}
