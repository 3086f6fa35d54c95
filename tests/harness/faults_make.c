/* Pipes, mappings and memory: from the k-th call on they cannot be had, each family
 * for itself, and libc's and the harness's own calls are not meant.
 */
#include "plugins/call_a_plugin.c"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "desk.h"
#include "plugins/makes.h"

/* The families as the outcome counts them. */
static const struct {
	enum failing which;
	int error;
	const char *counted;
} family[MAKE_FAMILIES] = {
	[MAKE_PIPE] = { FAIL_PIPE, EMFILE, "pipes_failed" },
	[MAKE_MAP] = { FAIL_MAP, ENOMEM, "maps_failed" },
	[MAKE_ALLOCATE] = { FAIL_ALLOCATE, ENOMEM, "allocations_failed" },
};

static struct makes *makes_create(int which)
{
	static struct makes *makes;
	if (makes == NULL)
		makes = shared_alloc(sizeof *makes);
	memset(makes, 0xee, sizeof *makes);
	makes->family = which;
	makes->harness_gets = malloc;
	return makes;
}

static void expect_errors(const struct makes *makes, int from, int error)
{
	for (int i = 0; i < MAKES; i++)
		ck_assert_msg(makes->error[i] == (from > 0 && i + 1 >= from ? error : 0),
		              "family %d, call %d of %d: errno %d", makes->family, i + 1, MAKES,
		              makes->error[i]);
	ck_assert_int_eq(makes->libc_failed, 0);
	ck_assert_int_eq(makes->harness_failed, 0);
}

/* Has all calls of this family from the k-th on fail with this errno. */
static void fail_from(int which, int from, int error)
{
	struct makes *makes = makes_create(which);
	struct call call = { .arg = makes };
	char expected[100] = "returned";
	int failed = from > MAKES ? 0 : MAKES - from + 1;
	call.faults.fails_from[family[which].which] = from;
	call.faults.fails_with[family[which].which] = error;
	if (failed > 0)
		snprintf(expected, sizeof expected, "returned value=%d %s=%d", failed,
		         family[which].counted, failed);
	expect_call("makes", &call, expected);
	expect_errors(makes, from, error);
}

static void fail_from_each(int which)
{
	fail_from(which, 1, family[which].error);
	fail_from(which, 2, ENFILE); /* not what libc itself would say */
	for (int from = 3; from <= 6; from++) /* each of five functions is the first to fail */
		fail_from(which, from, family[which].error);
	fail_from(which, MAKES, family[which].error);
	fail_from(which, MAKES + 1, family[which].error);
}

START_TEST(pipes_fail)
{
	fail_from_each(MAKE_PIPE);
}
END_TEST

START_TEST(mappings_fail)
{
	fail_from_each(MAKE_MAP);
}
END_TEST

START_TEST(allocations_fail)
{
	fail_from_each(MAKE_ALLOCATE);
}
END_TEST

/* Other families do not fail, and do not count. */
START_TEST(families_fail_by_themselves)
{
	for (int which = 0; which < MAKE_FAMILIES; which++) {
		struct makes *makes = makes_create(which);
		struct call call = { .arg = makes };
		for (int other = 0; other < FAILINGS; other++)
			call.faults.fails_from[other] = other == (int)family[which].which ? 0 : 1;
		expect_call("makes", &call, "returned");
		expect_errors(makes, 0, 0);
	}
}
END_TEST

/* --- outside of the function ------------------------------------------------- */

/* Everything that can fail is tried once; returns how much did. */
static int try_everything(void)
{
	int ends[2], failed = 0;
	for (int i = 0; i < 3; i++) {
		int status = i == 0 ? pipe(ends) : i == 1 ? pipe2(ends, O_CLOEXEC)
		                                          : socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
		failed += status != 0;
		if (status == 0) {
			close(ends[0]);
			close(ends[1]);
		}
	}
	void *memory = mmap(NULL, 1, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	failed += memory == MAP_FAILED;
	if (memory != MAP_FAILED)
		munmap(memory, 1);
	return failed;
}

/* The plug-in's own calls, before and after what is tested. */
static void call_outside(void *arg)
{
	act_fn *act = (act_fn *)plugin_function("act");
	struct makes *makes = arg;
	for (int which = 0; which < MAKE_FAMILIES; which++) {
		makes->family = which;
		ck_assert_int_eq(act(arg), 0);
	}
	ck_assert_int_eq(try_everything(), 0);
	call_begin();
	call_end(0);
	ck_assert_int_eq(try_everything(), 0);
	ck_assert_int_eq(act(arg), 0);
}

static struct faults everything_fails(void)
{
	struct faults faults = { 0 };
	for (int which = 0; which < FAILINGS; which++) {
		faults.fails_from[which] = 1;
		faults.fails_with[which] = EPROTO;
	}
	return faults;
}

START_TEST(nothing_fails_outside_of_the_function)
{
	struct makes *makes = makes_create(0);
	struct call call = { .body = call_outside, .arg = makes, .faults = everything_fails() };
	expect_call("makes", &call, "returned");
	expect_errors(makes, 0, 0);
}
END_TEST

/* The supervisor has the same desk, and what it calls binds to the same names. */
static void try_in_supervisor(void *arg)
{
	int *word = arg;
	if (*word == 0)
		*word = 100 + try_everything();
	desk_wake((atomic_uint *)arg);
}

START_TEST(nothing_fails_in_the_supervisor)
{
	struct call call = {
		.arg = shared_number(0),
		.stalled = try_in_supervisor,
		.faults = everything_fails(),
		.limits = { .wall_seconds = 60 },
	};
	expect_call("waits_for_word", &call, "returned value=100");
}
END_TEST

int main(void)
{
	TCase *t = plugins_case("make");
	tcase_add_test(t, pipes_fail);
	tcase_add_test(t, mappings_fail);
	tcase_add_test(t, allocations_fail);
	tcase_add_test(t, families_fail_by_themselves);
	tcase_add_test(t, nothing_fails_outside_of_the_function);
	tcase_add_test(t, nothing_fails_in_the_supervisor);
	return run_case("faults: make", t);
}
