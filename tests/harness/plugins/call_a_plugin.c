/* Not a plug-in, but how the tests call one: each file of tests/harness is a
 * program of its own, and those that make supervised calls include this one.
 *
 * Every plug-in beside it has one function, long act(void *arg), which does one
 * thing that a student's code may do. What came of the call is compared as text:
 * outcome_text() names each field of the outcome that is not as after a call that
 * did nothing, so that a test sees a field it did not think of, too.
 */
#define _GNU_SOURCE
#include <check.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "shared.h"
#include "supervise.h"

enum { TEST_SECONDS = 120, TEXT_LENGTH = 1200 };

typedef long act_fn(void *arg);

/* --- the plug-ins ----------------------------------------------------------- */

char plugins_folder[] = "/tmp/crossover-unit-XXXXXX";

void plugins_create(void)
{
	ck_assert_ptr_nonnull(mkdtemp(plugins_folder));
}

void plugins_remove(void)
{
	char output[200];
	char *argv[] = { "rm", "-rf", plugins_folder, NULL };
	ck_assert_int_eq(command_run(argv, output, sizeof output), 0);
}

/* What plug-ins are compiled with besides, in words. */
const char *plugin_options = "-O1";

/* Compiles a plug-in as the grader would, and returns its path. */
const char *plugin_build(const char *name)
{
	static char path[100];
	char source[100], output[2000], options[300];
	const char *compiler = getenv("CC");
	char *argv[40] = { (char *)(compiler == NULL ? "cc" : compiler), "-std=gnu11", "-g",
		               "-fno-omit-frame-pointer", "-fPIC", "-shared", "-o", path, source,
		               PLUGIN_LINK_OPTIONS, "-pthread", "-lrt", "-ldl" };
	int count = 0;
	while (argv[count] != NULL)
		count++;
	snprintf(options, sizeof options, "%s", plugin_options);
	for (char *word = strtok(options, " "); word != NULL; word = strtok(NULL, " "))
		argv[count++] = word;
	snprintf(path, sizeof path, "%s/%s.so", plugins_folder, name);
	snprintf(source, sizeof source, "tests/harness/plugins/%s.c", name);
	ck_assert_msg(command_run(argv, output, sizeof output) == 0, "%s", output);
	ck_assert_int_eq(chmod(path, 0755), 0); /* the caller's user reads it */
	return path;
}

/* Whether the harness gives its callers a user of their own here: it must be root,
 * of a machine or container that has such users. */
bool callers_have_a_user(void)
{
	int status = 1;
	pid_t pid = geteuid() == 0 ? fork() : -1;
	if (pid == 0)
		_exit(setresuid(61000, 61000, 61000) == 0 && setresuid(0, 0, 0) != 0 ? 0 : 1);
	if (pid > 0)
		waitpid(pid, &status, 0);
	return status == 0;
}

/* --- the call --------------------------------------------------------------- */

/* The body of most calls: the plug-in's function once. */
void call_act(void *arg)
{
	act_fn *act = (act_fn *)plugin_function("act");
	call_begin();
	long value = act(arg);
	call_end(value);
}

void expect_nobody_left(const struct outcome *o)
{
	static struct process_list list;
	struct process caller;
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
	ck_assert_int_eq(tree_scan(getpid(), &list), 0);
	if (o->caller > 0)
		ck_assert(!tree_read(o->caller, &caller));
}

/* Calls act(call->arg), or whatever body the call has, of the named plug-in; the
 * outcome is overwritten by the next call. */
const struct outcome *call_plugin(const char *name, const struct call *call)
{
	static struct outcome outcome;
	struct call mine = *call;
	memset(&outcome, 0xee, sizeof outcome); /* supervise fills in all of it */
	mine.plugin = plugin_build(name);
	mine.body = call->body != NULL ? call->body : call_act;
	supervise(&mine, &outcome);
	expect_nobody_left(&outcome);
	return &outcome;
}

/* --- the outcome ------------------------------------------------------------ */

const char *ending_name(enum ending ending)
{
	static const char *const names[] = {
		[ENDING_RETURNED] = "returned",
		[ENDING_NOT_LOADED] = "not loaded",
		[ENDING_EARLY_EXIT] = "early exit",
		[ENDING_KILLED] = "killed",
		[ENDING_TIMED_OUT] = "timed out",
		[ENDING_LOOPED] = "looped",
		[ENDING_TOO_MANY_PROCESSES] = "too many processes",
		[ENDING_KIT_ERROR] = "kit error",
	};
	return ending <= ENDING_KIT_ERROR ? names[ending] : "?";
}

#define NUMBER(field, usual) { #field, offsetof(struct outcome, field), usual }
#define FAILED(what, which) { #what "_failed", offsetof(struct outcome, failed[which]), 0 }

/* The counts of an outcome, and what they are after a call that did nothing. */
static const struct {
	const char *name;
	size_t offset;
	int usual;
} counts[] = {
	NUMBER(exit_status, 0), NUMBER(signal, 0), NUMBER(calls_returned, 1),
	NUMBER(forks, 0), FAILED(forks, FAIL_FORK), FAILED(pipes, FAIL_PIPE),
	FAILED(maps, FAIL_MAP), FAILED(allocations, FAIL_ALLOCATE), NUMBER(forks_before_wait, -1),
	NUMBER(short_transfers, 0), NUMBER(pipe_uses, 0),
	NUMBER(threads, 0), NUMBER(interruptions, 0), NUMBER(kills_of_all, 0),
	NUMBER(kills_of_group, 0), NUMBER(kills_of_harness, 0), NUMBER(fell_through, 0),
	NUMBER(markers_printed, 1), NUMBER(bystanders_reaped, 0), NUMBER(bystanders_killed, 0),
	NUMBER(zombies.count, 0), NUMBER(orphans.count, 0), NUMBER(leaked_fds.count, 0),
	NUMBER(closed_fds.count, 0), NUMBER(leaked_mappings.count, 0),
	NUMBER(leaked_names.count, 0), NUMBER(crash.signal, 0),
};

/* "returned value=42 error=EDOM forks=1 ..." */
const char *outcome_text(const struct outcome *o)
{
	static char text[TEXT_LENGTH];
	size_t used = (size_t)snprintf(text, sizeof text, "%s", ending_name(o->ending));
	if (o->value != 0)
		used += (size_t)snprintf(text + used, sizeof text - used, " value=%ld", o->value);
	if (o->error != 0)
		used += (size_t)snprintf(text + used, sizeof text - used, " error=%s",
		                         strerrorname_np(o->error));
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		int number;
		memcpy(&number, (const char *)o + counts[i].offset, sizeof number);
		if (number != counts[i].usual)
			used += (size_t)snprintf(text + used, sizeof text - used, " %s=%d", counts[i].name,
			                         number);
	}
	if (o->load_error[0] != '\0')
		used += (size_t)snprintf(text + used, sizeof text - used, " load_error");
	if (o->kit_error[0] != '\0')
		snprintf(text + used, sizeof text - used, " kit_error: %s", o->kit_error);
	return text;
}

/* Makes the call and requires this outcome, and that it printed nothing. */
const struct outcome *expect_call(const char *plugin, const struct call *call, const char *expected)
{
	const struct outcome *o = call_plugin(plugin, call);
	ck_assert_str_eq(outcome_text(o), expected);
	ck_assert_str_eq(o->output, "");
	return o;
}

/* The same for a call with an argument that the plug-in shares with the test. */
const struct outcome *expect(const char *plugin, void *arg, const char *expected)
{
	return expect_call(plugin, &(struct call){ .arg = arg }, expected);
}

/* A number in memory that the plug-in shares with the test. */
int *shared_number(int number)
{
	static int *shared;
	if (shared == NULL)
		shared = shared_alloc(64 * sizeof *shared);
	*shared = number;
	return shared;
}

/* --- the program ------------------------------------------------------------ */

TCase *plugins_case(const char *name)
{
	TCase *test_case = tcase_create(name);
	tcase_set_timeout(test_case, TEST_SECONDS);
	tcase_add_unchecked_fixture(test_case, plugins_create, plugins_remove);
	return test_case;
}

/* Returns the program's exit status. */
int run_case(const char *name, TCase *test_case)
{
	unsetenv("CROSSOVER_SLOW"); /* the limits of these tests are as they say */
	Suite *suite = suite_create(name);
	suite_add_tcase(suite, test_case);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
