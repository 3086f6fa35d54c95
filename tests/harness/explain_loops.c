/* Endless loops: the line that a process spins in is found while it runs, from
 * outside, and named with its function. A loop of cheap system calls stands in
 * libc most of the time; then it is the student's own call that is named.
 */
#include "plugins/explain_a_hang.c"
#include "plugins/loops.h"

#define PLUGIN "loops_in_ways"

static const struct limits little_cpu = { .cpu_seconds = 0.3, .most_seconds = 1000,
	                                      .wall_seconds = 1000 };

static void expect_loop(const char *plugin, int how, const char *who, const char *place)
{
	char begin[200];
	const struct outcome *o = hang(plugin, how, (struct call){ .limits = little_cpu });
	ck_assert_int_eq(o->ending, ENDING_LOOPED);
	ck_assert_int_gt(o->scene.samples, 0);
	ck_assert_int_eq(the_verdict.diagnosis, ENDLESS_LOOP);
	snprintf(begin, sizeof begin, "%s went on computing for ", who);
	ck_assert_msg(strncmp(the_verdict.message, begin, strlen(begin)) == 0, "%s",
	              the_verdict.message);
	ck_assert_msg(strstr(the_verdict.message, place) != NULL, "%s", the_verdict.message);
	ck_assert_ptr_nonnull(strstr(the_verdict.next_step, "around that line"));
}

START_TEST(loop_in_the_caller)
{
	expect_loop(plugin_build(PLUGIN), SPIN, "The caller's process",
	            " of CPU time in spin, tests/harness/plugins/loops_in_ways.c:13,");
}
END_TEST

START_TEST(loop_in_a_worker)
{
	expect_loop(plugin_build(PLUGIN), SPIN_IN_CHILD, "Worker 0 (pid N)",
	            " of CPU time in spin, tests/harness/plugins/loops_in_ways.c:13,");
}
END_TEST

START_TEST(loop_of_waits)
{
	expect_loop(plugin_build(PLUGIN), WAIT_WITHOUT_BLOCKING, "The caller's process",
	            " in wait_without_blocking, tests/harness/plugins/loops_in_ways.c:18,");
}
END_TEST

START_TEST(loop_of_reads)
{
	expect_loop(plugin_build(PLUGIN), READ_NOTHING, "Worker 0 (pid N)",
	            " in read_nothing, tests/harness/plugins/loops_in_ways.c:25,");
}
END_TEST

START_TEST(loop_as_an_ordinary_user)
{
	const char *plugin = plugin_build(PLUGIN);
	become_ordinary();
	expect_loop(plugin, SPIN_IN_CHILD, "Worker 0 (pid N)",
	            " in spin, tests/harness/plugins/loops_in_ways.c:13,");
	expect_loop(plugin, WAIT_WITHOUT_BLOCKING, "The caller's process",
	            " in wait_without_blocking, tests/harness/plugins/loops_in_ways.c:18,");
}
END_TEST

int main(void)
{
	TCase *t = plugins_case("loops");
	tcase_add_test(t, loop_in_the_caller);
	tcase_add_test(t, loop_in_a_worker);
	tcase_add_test(t, loop_of_waits);
	tcase_add_test(t, loop_of_reads);
	tcase_add_test(t, loop_as_an_ordinary_user);
	return run_case("explain: loops", t);
}
