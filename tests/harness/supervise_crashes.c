/* A process of the call is killed by a fault of its own: where that was, of whom. */
#include "plugins/call_a_plugin.c"

#include <signal.h>

START_TEST(null_pointer)
{
	const struct outcome *o = expect("null_pointer", NULL,
		"killed signal=11 calls_returned=0 markers_printed=0 crash.signal=11");
	ck_assert_int_eq(o->crash.pid, o->caller);
	ck_assert_uint_eq(o->crash.address, 0);
	ck_assert(!o->crash.stack_full);
	ck_assert_int_ge(o->crash.frames, 2); /* write_to and act */
}
END_TEST

START_TEST(full_stack)
{
	const struct outcome *o = expect("overflows_stack", NULL,
		"killed signal=11 calls_returned=0 markers_printed=0 crash.signal=11");
	ck_assert_int_eq(o->crash.pid, o->caller);
	ck_assert(o->crash.stack_full);
	ck_assert_int_eq(o->crash.frames, CRASH_FRAMES);
}
END_TEST

/* What stood on the stack is gone, but not the place of the fault. */
START_TEST(spoilt_stack)
{
	const struct outcome *o = expect("spoils_the_stack", NULL,
		"killed signal=11 calls_returned=0 markers_printed=0 crash.signal=11");
	ck_assert_int_eq(o->crash.pid, o->caller);
	ck_assert_int_ge(o->crash.frames, 1);
	ck_assert_uint_ne(o->crash.offset[0], 0);
}
END_TEST

START_TEST(abort_is_a_crash)
{
	const struct outcome *o = expect("raises", shared_number(SIGABRT),
		"killed signal=6 calls_returned=0 markers_printed=0 crash.signal=6");
	ck_assert_uint_eq(o->crash.address, 0);
}
END_TEST

START_TEST(child_that_crashed_is_noted)
{
	const struct outcome *o = expect("null_pointer_in_child", NULL,
		"returned value=11 forks=1 forks_before_wait=1 crash.signal=11");
	ck_assert_int_gt(o->crash.pid, 0);
	ck_assert_int_ne(o->crash.pid, o->caller);
	ck_assert_int_ge(o->crash.frames, 2);
}
END_TEST

/* Of two crashes, the caller's own is told, be it the later one. */
START_TEST(crash_of_the_caller_counts_more)
{
	const struct outcome *o = expect("aborts_after_child", NULL, "killed signal=6 calls_returned=0 "
		"forks=1 forks_before_wait=1 markers_printed=0 crash.signal=6");
	ck_assert_int_eq(o->crash.pid, o->caller);
}
END_TEST

/* Nothing of the student's function has run: there is no place to tell. */
START_TEST(crash_in_a_constructor)
{
	expect("crashes_in_constructor", NULL, "killed signal=11 calls_returned=0 markers_printed=0");
}
END_TEST

int main(void)
{
	TCase *t = plugins_case("crashes");
	tcase_add_test(t, null_pointer);
	tcase_add_test(t, full_stack);
	tcase_add_test(t, spoilt_stack);
	tcase_add_test(t, abort_is_a_crash);
	tcase_add_test(t, child_that_crashed_is_noted);
	tcase_add_test(t, crash_of_the_caller_counts_more);
	tcase_add_test(t, crash_in_a_constructor);
	return run_case("supervise: crashes", t);
}
