/* Calls that are held up: at locks, semaphores and transfers, some of them, and so
 * few in each process that a long computation is not slowed down.
 */
#include "plugins/call_a_plugin.c"

#include "plugins/delays.h"

/* DELAYS_MAX of calls.c; and a process may sleep for reasons of its own, too. */
enum { MOST = 40, OTHERS = 3 };

static const struct limits patient = { .wall_seconds = 60, .cpu_seconds = 60 };

static const struct delays *delay(uint32_t seed)
{
	struct delays *delays = shared_alloc(sizeof *delays);
	struct call call = { .arg = delays, .faults = { .delay_seed = seed }, .limits = patient };
	expect_call("delays", &call, "returned forks=1 forks_before_wait=1");
	for (int i = 0; i < 2; i++)
		ck_assert_uint_eq(strlen(delays->seen[i]), DELAY_CALLS);
	return delays;
}

/* How many of the calls from `from` on, each step-th, slept. */
static int count(const char *seen, int from, int to, int step)
{
	int ones = 0;
	for (int i = from; i < to; i += step)
		ones += seen[i] == '1';
	return ones;
}

/* About a quarter of the first calls, until there were enough. */
START_TEST(come_and_come_to_an_end)
{
	const struct delays *delays = delay(1);
	for (int i = 0; i < 2; i++) {
		int all = count(delays->seen[i], 0, DELAY_CALLS, 1);
		ck_assert_int_ge(all, MOST - OTHERS); /* one in 300 lasts no time at all */
		ck_assert_int_le(all, MOST + OTHERS);
		ck_assert_int_le(count(delays->seen[i], 60, 120, 1), 60 / 2);
		ck_assert_int_le(count(delays->seen[i], DELAY_CALLS - 100, DELAY_CALLS, 1), OTHERS);
	}
}
END_TEST

START_TEST(at_every_kind_of_call)
{
	int times[DELAY_KINDS] = { 0 };
	for (uint32_t seed = 1; seed <= 3; seed++) {
		const struct delays *delays = delay(seed);
		for (int kind = 0; kind < DELAY_KINDS; kind++)
			for (int i = 0; i < 2; i++)
				times[kind] += count(delays->seen[i], kind, DELAY_CALLS, DELAY_KINDS);
	}
	for (int kind = 0; kind < DELAY_KINDS; kind++)
		ck_assert_msg(times[kind] > OTHERS, "kind %d: %d times", kind, times[kind]);
}
END_TEST

START_TEST(none_without_a_seed)
{
	const struct delays *delays = delay(0);
	for (int i = 0; i < 2; i++)
		ck_assert_int_le(count(delays->seen[i], 0, DELAY_CALLS, 1), OTHERS);
}
END_TEST

static int differences(const char *a, const char *b)
{
	int different = 0;
	for (int i = 0; i < DELAY_CALLS; i++)
		different += a[i] != b[i];
	return different;
}

START_TEST(same_seed_same_delays)
{
	const struct delays *first = delay(5), *second = delay(5), *other = delay(6);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_le(differences(first->seen[i], second->seen[i]), 2 * OTHERS);
		ck_assert_int_gt(differences(first->seen[i], other->seen[i]), 2 * OTHERS);
	}
	ck_assert_int_gt(differences(first->seen[0], first->seen[1]), 2 * OTHERS);
}
END_TEST

/* Outside of the function nobody is held up, and the harness's calls do not count. */
static void make_calls_outside(void *arg)
{
	act_fn *act = (act_fn *)plugin_function("act");
	call_begin();
	call_end(0);
	act(arg);
}

START_TEST(none_outside_of_the_function)
{
	struct delays *delays = shared_alloc(sizeof *delays);
	struct call call = { .body = make_calls_outside, .arg = delays,
		                 .faults = { .delay_seed = 1 }, .limits = patient };
	expect_call("delays", &call, "returned");
	for (int i = 0; i < 2; i++)
		ck_assert_int_le(count(delays->seen[i], 0, DELAY_CALLS, 1), OTHERS);
}
END_TEST

int main(void)
{
	TCase *t = plugins_case("delay");
	tcase_add_test(t, come_and_come_to_an_end);
	tcase_add_test(t, at_every_kind_of_call);
	tcase_add_test(t, none_without_a_seed);
	tcase_add_test(t, same_seed_same_delays);
	tcase_add_test(t, none_outside_of_the_function);
	return run_case("faults: delay", t);
}
