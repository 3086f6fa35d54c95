/* Races between processes: found, with both lines; and none where something orders the
 * accesses. The ways are those of plugins/races.c.
 */
#include "plugins/call_a_plugin.c"

#include "race.h"

enum {
	ADDS, ADDS_UNDER_A_LOCK, ADDS_ATOMICALLY, ONE_TAKES_THE_LOCK, ANNOUNCES_TOO_EARLY, TAKES_TURNS,
	COPIES_WHILE_IT_IS_WRITTEN, READS_WHAT_OTHERS_ADD_TO, HAS_A_HALF_EACH, HANDS_OVER_A_PIPE
};

static struct verdict verdict;

static void look(int way, uint32_t seed)
{
	struct call call = { .arg = shared_number(way), .limits = { .cpu_seconds = 20 } };
	plugin_options = RACE_OPTIONS;
	struct race_log *log = race_begin(seed);
	const struct outcome *o = call_plugin("races", &call);
	char path[200];
	snprintf(path, sizeof path, "%s/races.so", plugins_folder);
	ck_assert_int_eq(o->ending, ENDING_RETURNED);
	ck_assert_int_eq(o->value, 0);
	ck_assert_uint_gt(atomic_load(&log->accesses), 100);
	verdict = (struct verdict){ 0 };
	race_judge(&verdict, log, path, o);
	race_end(log);
}

/* Tried a few times: which accesses are held up is a matter of chance. */
static void expect_race(int way, const char *first, const char *second)
{
	for (uint32_t seed = 1; seed <= 5; seed++) {
		look(way, seed);
		if (verdict.kind == VERDICT_FAILED)
			break;
	}
	ck_assert_int_eq(verdict.kind, VERDICT_FAILED);
	ck_assert_int_eq(verdict.diagnosis, RACE);
	ck_assert_msg(strstr(verdict.message, first) != NULL, "%s", verdict.message);
	ck_assert_msg(strstr(verdict.message, second) != NULL, "%s", verdict.message);
}

static void expect_none(int way)
{
	for (uint32_t seed = 1; seed <= 3; seed++) {
		look(way, seed);
		ck_assert_msg(verdict.kind == VERDICT_MISSING, "%s", verdict.message);
	}
}

START_TEST(plain_addition)
{
	expect_race(ADDS, "orker 0", "(`shared->number++;`)");
	ck_assert_ptr_nonnull(strstr(verdict.message, "orker 1"));
	ck_assert_ptr_nonnull(strstr(verdict.message, "adds, tests/harness/plugins/races.c:"));
}
END_TEST

START_TEST(lock_taken_by_one_only)
{
	expect_race(ONE_TAKES_THE_LOCK, "adds_under_a_lock, ", "one_takes_the_lock, ");
}
END_TEST

START_TEST(flag_before_its_data)
{
	expect_race(ANNOUNCES_TOO_EARLY, "(`shared->number++;`)", "(`shared->other = shared->number;`)");
}
END_TEST

START_TEST(copy_of_what_is_written)
{
	expect_race(COPIES_WHILE_IT_IS_WRITTEN, "(`memset(", "(`memcpy(");
}
END_TEST

START_TEST(plain_look_at_an_atomic)
{
	expect_race(READS_WHAT_OTHERS_ADD_TO, "atomically", "reads_what_others_add_to, ");
}
END_TEST

START_TEST(under_a_lock)
{
	expect_none(ADDS_UNDER_A_LOCK);
}
END_TEST

START_TEST(atomically)
{
	expect_none(ADDS_ATOMICALLY);
}
END_TEST

START_TEST(in_turns)
{
	expect_none(TAKES_TURNS);
}
END_TEST

START_TEST(side_by_side)
{
	expect_none(HAS_A_HALF_EACH);
}
END_TEST

START_TEST(after_a_pipe)
{
	expect_none(HANDS_OVER_A_PIPE);
}
END_TEST

int main(void)
{
	TCase *t = plugins_case("race");
	tcase_add_test(t, plain_addition);
	tcase_add_test(t, lock_taken_by_one_only);
	tcase_add_test(t, flag_before_its_data);
	tcase_add_test(t, copy_of_what_is_written);
	tcase_add_test(t, plain_look_at_an_atomic);
	tcase_add_test(t, under_a_lock);
	tcase_add_test(t, atomically);
	tcase_add_test(t, in_turns);
	tcase_add_test(t, side_by_side);
	tcase_add_test(t, after_a_pipe);
	return run_case("race", t);
}
