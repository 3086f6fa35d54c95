/* What a call returned and what it wrote, as diagnoses: the outcomes are made by
 * hand, as in explain_judge.c.
 */
#define _GNU_SOURCE
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "judge.h"

enum { TEST_SECONDS = 120 };

static struct outcome *o; /* a clean one, for each test to spoil */
static struct verdict v;

static void setup(void)
{
	static struct outcome outcome;
	memset(&outcome, 0, sizeof outcome);
	memset(&v, 0, sizeof v);
	o = &outcome;
	o->calls_returned = o->markers_printed = 1;
}

/* Whole sentences, of one blank between words, not cut. */
static void expect_text(const char *text, size_t room)
{
	size_t length = strlen(text);
	ck_assert_msg(length > 0 && length < room - 1, "too long or empty: %s", text);
	ck_assert_msg(strstr(text, "  ") == NULL, "two blanks: %s", text);
	ck_assert_msg(strchr(text, '\n') == NULL, "a line break: %s", text);
	ck_assert_msg(strchr(".?", text[length - 1]) != NULL, "no full stop: %s", text);
}

/* The diagnosis, and what the message must say. */
static void expect(enum diagnosis diagnosis, const char *part)
{
	ck_assert_int_eq(v.kind, VERDICT_FAILED);
	ck_assert_str_eq(diagnosis_code(v.diagnosis), diagnosis_code(diagnosis));
	expect_text(v.message, sizeof v.message);
	expect_text(v.next_step, sizeof v.next_step); /* may be a question */
	ck_assert_msg(v.message[strlen(v.message) - 1] == '.', "no full stop: %s", v.message);
	ck_assert_msg(strstr(v.message, part) != NULL, "\"%s\" not in: %s", part, v.message);
	memset(&v, 0, sizeof v);
}

static void expect_nothing(void)
{
	ck_assert_int_eq(v.kind, VERDICT_MISSING);
	ck_assert_str_eq(v.message, "");
}

/* --- what it returned --------------------------------------------------------- */

START_TEST(refusals)
{
	o->value = 3;
	judge_refusal(&v, o, "f()");
	expect_nothing();
	o->value = -1;
	o->error = EMFILE;
	judge_refusal(&v, o, "f(2)");
	expect(UNEXPECTED_ERROR, "f(2) returned -1 with EMFILE (Too many open files).");
	o->error = EINVAL;
	judge_refusal(&v, o, "f()");
	expect(UNEXPECTED_ERROR, "EINVAL");
	o->ending = ENDING_TIMED_OUT; /* it returned nothing */
	judge_refusal(&v, o, "f()");
	expect_nothing();
}
END_TEST

START_TEST(failures)
{
	o->value = 2;
	judge_failure(&v, o, EINVAL, "f(0)", "without a worker to run");
	expect(BAD_ARGUMENT, "f(0) returned 2, without a worker to run. Expected: -1 with errno = EINVAL.");
	o->value = -1;
	o->error = ENOMEM;
	judge_failure(&v, o, EINVAL, "f(0)", "why");
	expect(WRONG_ERRNO, "with ENOMEM (Cannot allocate memory). Expected: EINVAL (Invalid argument).");
	o->error = 0;
	judge_failure(&v, o, EINVAL, "f(0)", "why");
	expect(WRONG_ERRNO, "with errno 0 (");
	o->error = 9999;
	judge_failure(&v, o, EINVAL, "f(0)", "why");
	expect(WRONG_ERRNO, "with an unknown errno (");
	o->error = EINVAL;
	judge_failure(&v, o, EINVAL, "f(0)", "why");
	expect_nothing();
}
END_TEST

START_TEST(not_started)
{
	o->value = -1;
	o->error = ENOSYS;
	ck_assert(judge_not_started(&v, o, "run_workers"));
	ck_assert_int_eq(v.kind, VERDICT_NOT_STARTED);
	ck_assert_str_eq(v.message, "run_workers is not written yet.");
}
END_TEST

START_TEST(started)
{
	o->value = -1;
	o->error = EINVAL;
	ck_assert(!judge_not_started(&v, o, "f"));
	o->value = 0;
	o->error = ENOSYS; /* left over from some call that is not there */
	ck_assert(!judge_not_started(&v, o, "f"));
	o->value = -1;
	o->ending = ENDING_KILLED;
	ck_assert(!judge_not_started(&v, o, "f"));
	expect_nothing();
}
END_TEST

/* --- what it wrote ------------------------------------------------------------ */

START_TEST(fence_texts)
{
	static const struct {
		long broken;
		size_t elements, bytes;
		const char *text;
	} rows[] = {
		{ 1, 10, 4, "outside of sums: to sums[10], which has 10 elements, 0 to 9." },
		{ 4, 10, 4, "sums[10]," },
		{ 5, 10, 4, "sums[11]," },
		{ 8, 10, 8, "sums[10]," },
		{ 3, 10, 1, "sums[12]," },
		{ -1, 10, 4, "sums[-1]," },
		{ -4, 10, 4, "sums[-1]," },
		{ -5, 10, 4, "sums[-2]," },
		{ -3, 10, 1, "sums[-3]," },
		{ 1, 1, 4, "sums[1], which has 1 element, 0 to 0." },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		judge_fence(&v, rows[i].broken, "sums", rows[i].elements, rows[i].bytes);
		expect(OUT_OF_BOUNDS, rows[i].text);
	}
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("explain: returned");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, refusals);
	tcase_add_test(t, failures);
	tcase_add_test(t, not_started);
	tcase_add_test(t, started);
	tcase_add_test(t, fence_texts);
	Suite *suite = suite_create("explain: returned");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
