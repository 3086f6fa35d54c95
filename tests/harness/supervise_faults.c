/* What is made to go wrong at the plug-in's own calls: it happens as it was asked
 * for, is counted, can be replayed, and happens nowhere else.
 */
#include "plugins/call_a_plugin.c"

#include <signal.h>
#include <time.h>

enum { INTERRUPTIONS_AT_MOST = 64 };

static const struct limits patient = { .wall_seconds = 60, .cpu_seconds = 60 };

/* --- starts that fail --------------------------------------------------------- */

START_TEST(first_start_fails)
{
	struct call call = { .faults = { .fails_from[FAIL_FORK] = 1, .fails_with[FAIL_FORK] = EAGAIN } };
	expect_call("starts_five", &call, "returned error=EAGAIN forks=5 forks_failed=5");
}
END_TEST

START_TEST(later_starts_fail)
{
	struct call call = { .faults = { .fails_from[FAIL_FORK] = 4, .fails_with[FAIL_FORK] = ENOMEM } };
	expect_call("starts_five", &call,
	            "returned value=3 error=ENOMEM forks=5 forks_failed=2 forks_before_wait=1");
}
END_TEST

START_TEST(start_that_is_never_reached)
{
	struct call call = { .faults = { .fails_from[FAIL_FORK] = 6, .fails_with[FAIL_FORK] = ENOMEM } };
	expect_call("starts_five", &call, "returned value=5 forks=5 forks_before_wait=1");
}
END_TEST

/* fork, _Fork, clone, and the system calls: each is counted, each can fail. */
START_TEST(every_way_to_start)
{
	int *ways = shared_number(0);
	struct call call = { .arg = ways };
	const struct outcome *o = call_plugin("starts_in_every_way", &call);
	ck_assert_int_ge(*ways, 5);
	ck_assert_int_eq(o->value, *ways);
	ck_assert_int_eq(o->forks, *ways);

	call.faults = (struct faults){ .fails_from[FAIL_FORK] = 1, .fails_with[FAIL_FORK] = EAGAIN };
	o = call_plugin("starts_in_every_way", &call);
	ck_assert_int_eq(o->value, 0);
	ck_assert_int_eq(o->error, EAGAIN);
	ck_assert_int_eq(o->failed[FAIL_FORK], *ways);
}
END_TEST

START_TEST(vfork_keeps_its_promise)
{
	expect("vforks", shared_number(0), "returned value=7 forks=1 forks_before_wait=1");
}
END_TEST

START_TEST(vfork_that_fails)
{
	struct call call = {
		.arg = shared_number(5),
		.faults = { .fails_from[FAIL_FORK] = 1, .fails_with[FAIL_FORK] = EAGAIN },
	};
	expect_call("vforks", &call, "returned value=5 error=ECHILD forks=1 forks_failed=1 "
	            "forks_before_wait=1");
}
END_TEST

START_TEST(delayed_starts)
{
	struct call call = { .faults = { .fork_delay_seconds = 0.03 }, .limits = patient };
	const struct outcome *o = expect_call("starts_five", &call,
	                                      "returned value=5 forks=5 forks_before_wait=1");
	ck_assert(o->wall_seconds > 5 * 0.03);
}
END_TEST

START_TEST(delayed_ends)
{
	struct call call = { .faults = { .end_delay_seconds = 0.03 }, .limits = patient };
	const struct outcome *o = expect_call("starts_five", &call,
	                                      "returned value=5 forks=5 forks_before_wait=1");
	ck_assert(o->wall_seconds > 5 * 0.03);
}
END_TEST

/* --- waits that are interrupted ----------------------------------------------- */

/* Returns how many interruptions the plug-in saw; numbers as it wants them. */
static long interruptions(uint32_t seed, int *numbers)
{
	struct call call = { .arg = numbers, .faults = { .interrupt_seed = seed }, .limits = patient };
	const struct outcome *o = call_plugin("waits_interrupted", &call);
	ck_assert_int_eq(o->ending, ENDING_RETURNED);
	if (o->value < INTERRUPTIONS_AT_MOST)
		ck_assert_int_eq(o->interruptions, o->value);
	ck_assert_str_eq(o->unanswered, "");
	return o->value;
}

/* Half of the seeds interrupt the first wait. */
START_TEST(call_that_is_not_made_again_is_named)
{
	int named = 0;
	for (uint32_t seed = 1; seed <= 12; seed++) {
		struct call call = { .faults = { .interrupt_seed = seed }, .limits = patient };
		const struct outcome *o = call_plugin("waits_once", &call);
		ck_assert_int_eq(o->interruptions, o->value == 1 ? 0 : 1);
		ck_assert_int_eq(strncmp(o->unanswered, "wait", 4) == 0, o->value == 0);
		named += o->value == 0;
	}
	ck_assert_int_gt(named, 0);
	ck_assert_int_lt(named, 12);
}
END_TEST

START_TEST(same_seed_same_interruptions)
{
	int *numbers = shared_number(20);
	long first = interruptions(1, numbers);
	ck_assert_int_gt(first, 0);
	ck_assert_int_eq(interruptions(1, numbers), first);
	ck_assert_int_eq(interruptions(1, numbers), first);
}
END_TEST

START_TEST(other_seed_other_interruptions)
{
	int *numbers = shared_number(20), others = 0;
	long first = interruptions(1, numbers);
	for (uint32_t seed = 2; seed <= 5; seed++)
		others += interruptions(seed, numbers) != first;
	ck_assert_int_gt(others, 0);
}
END_TEST

/* With one wait of each kind, over many seeds, each kind is interrupted. */
START_TEST(every_wait_is_interrupted)
{
	int *numbers = shared_number(5), *kinds = numbers + 2;
	for (uint32_t seed = 1; seed <= 12; seed++)
		interruptions(seed * 2654435761u, numbers);
	for (int kind = 0; kind < 5; kind++)
		ck_assert_int_gt(kinds[kind], 0);
}
END_TEST

/* A loop that tries again must come to an end, also with very many waits. */
START_TEST(interruptions_come_to_an_end)
{
	ck_assert_int_eq(interruptions(1, shared_number(200)), INTERRUPTIONS_AT_MOST);
}
END_TEST

/* A handler of the caller's is inherited: its children are interrupted, too. */
START_TEST(waits_of_children_are_interrupted)
{
	int *numbers = shared_number(0);
	numbers[1] = 1;
	struct call call = { .arg = numbers, .faults = { .interrupt_seed = 1 }, .limits = patient };
	const struct outcome *o = call_plugin("waits_interrupted", &call);
	ck_assert_int_eq(o->ending, ENDING_RETURNED);
	ck_assert_int_gt(numbers[1], 0);
	ck_assert_int_eq(o->interruptions, o->value + numbers[1]);
}
END_TEST

START_TEST(no_seed_no_interruptions)
{
	ck_assert_int_eq(interruptions(0, shared_number(10)), 0);
}
END_TEST

/* Where the kernel would not return EINTR, nor do we. */
START_TEST(waits_that_do_not_block)
{
	for (uint32_t seed = 1; seed <= 3; seed++) {
		struct call call = { .faults = { .interrupt_seed = seed }, .limits = patient };
		const struct outcome *o = call_plugin("waits_without_blocking", &call);
		ck_assert_int_eq(o->ending, ENDING_RETURNED);
		ck_assert_int_eq(o->value, 0);
		ck_assert_int_eq(o->interruptions, 0);
	}
}
END_TEST

/* Outside of the student's function nothing happens, and nothing is counted. */
static void wait_outside(void *arg)
{
	int *interrupted = arg;
	for (int i = 0; i < 40; i++) {
		pid_t pid = fork();
		if (pid == 0) {
			nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
			_exit(0);
		}
		while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
			++*interrupted;
		if (i == 20) {
			call_begin();
			call_end(0);
		}
	}
}

START_TEST(only_inside_of_the_function)
{
	int *interrupted = shared_number(0);
	struct call call = {
		.body = wait_outside,
		.arg = interrupted,
		.faults = { .interrupt_seed = 1, .fails_from[FAIL_FORK] = 1, .fails_with[FAIL_FORK] = EAGAIN },
	};
	expect_call("returns_42", &call, "returned");
	ck_assert_int_eq(*interrupted, 0);
}
END_TEST

/* --- signals and dates -------------------------------------------------------- */

START_TEST(signals_interrupt_waits)
{
	struct call call = {
		.arg = shared_number(4),
		.faults = { .signal_seconds = 0.005 },
		.limits = patient,
	};
	const struct outcome *o = call_plugin("reads_interrupted", &call);
	ck_assert_int_eq(o->ending, ENDING_RETURNED);
	ck_assert_int_eq(o->value, 4);
	ck_assert_int_ge(o->interruptions, 4);
}
END_TEST

/* The first reading is true; from the second on the date is an hour earlier. The
 * monotonic clock stays what it is. */
START_TEST(date_is_set_back)
{
	for (int first = 0; first < 5; first++) {
		struct call call = {
			.arg = shared_number(first),
			.faults = { .clock_step_seconds = 3600 },
		};
		expect_call("reads_clocks", &call, "returned value=31");
	}
	expect("reads_clocks", shared_number(0), "returned");
}
END_TEST

int main(void)
{
	TCase *t = plugins_case("faults");
	tcase_add_test(t, first_start_fails);
	tcase_add_test(t, later_starts_fail);
	tcase_add_test(t, start_that_is_never_reached);
	tcase_add_test(t, every_way_to_start);
	tcase_add_test(t, vfork_keeps_its_promise);
	tcase_add_test(t, vfork_that_fails);
	tcase_add_test(t, delayed_starts);
	tcase_add_test(t, delayed_ends);
	tcase_add_test(t, call_that_is_not_made_again_is_named);
	tcase_add_test(t, same_seed_same_interruptions);
	tcase_add_test(t, other_seed_other_interruptions);
	tcase_add_test(t, every_wait_is_interrupted);
	tcase_add_test(t, interruptions_come_to_an_end);
	tcase_add_test(t, waits_of_children_are_interrupted);
	tcase_add_test(t, no_seed_no_interruptions);
	tcase_add_test(t, waits_that_do_not_block);
	tcase_add_test(t, only_inside_of_the_function);
	tcase_add_test(t, signals_interrupt_waits);
	tcase_add_test(t, date_is_set_back);
	return run_case("supervise: faults", t);
}
