/* Not a plug-in, but what the tests of the explanations have in common: a call that
 * hangs, and its verdict as text, with the pids taken out.
 */
#include "call_a_plugin.c"

#include <ctype.h>

#include "deadlocks.h"
#include "hang.h"
#include "judge.h"

enum { ORDINARY_USER = 61100 };

static struct verdict the_verdict;

/* "worker 1 (pid 4711) waits" becomes "worker 1 (pid N) waits". */
static void hide_pids(char *text)
{
	char *to = text;
	for (const char *from = text; *from != '\0';) {
		bool pid = to - text >= 5 && strncmp(to - 5, "(pid ", 5) == 0;
		if (pid && isdigit((unsigned char)*from)) {
			while (isdigit((unsigned char)*from))
				from++;
			*to++ = 'N';
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
}

/* "after 0.3 s" becomes "after S s": how long that was depends on the machine. */
void hide_seconds(char *text)
{
	char *found = strstr(text, "after ");
	size_t digits = found == NULL ? 0 : strspn(found + 6, "0123456789.");
	if (digits == 0)
		return;
	found[6] = 'S';
	memmove(found + 7, found + 6 + digits, strlen(found + 6 + digits) + 1);
}

/* Calls the plug-in's act, which hangs as `how` says, and explains it. */
const struct outcome *hang(const char *plugin, int how, struct call call)
{
	static struct outcome outcome;
	int *arg = shared_number(how);
	arg[1] = 0;
	call.plugin = plugin;
	call.body = call_act;
	call.arg = arg;
	if (call.limits.wall_seconds <= 0)
		call.limits.wall_seconds = 0.3;
	memset(&the_verdict, 0, sizeof the_verdict);
	supervise(&call, &outcome);
	expect_nobody_left(&outcome);
	judge_ending(&the_verdict, &call, &outcome);
	hide_pids(the_verdict.message);
	hide_seconds(the_verdict.message);
	return &outcome;
}

/* The whole message, and how the next step begins. */
void expect_told(enum diagnosis diagnosis, const char *message, const char *next_step)
{
	ck_assert_str_eq(the_verdict.message, message);
	ck_assert_str_eq(diagnosis_code(the_verdict.diagnosis), diagnosis_code(diagnosis));
	ck_assert_msg(strncmp(the_verdict.next_step, next_step, strlen(next_step)) == 0,
	              "not so, but: %s", the_verdict.next_step);
	ck_assert_uint_lt(strlen(the_verdict.next_step), sizeof the_verdict.next_step - 1);
}

/* From here on this process is an ordinary user's, and so is what it starts. */
void become_ordinary(void)
{
	ck_assert_int_eq(chmod(plugins_folder, 0755), 0);
	if (geteuid() == 0 && callers_have_a_user())
		ck_assert_int_eq(setresuid(ORDINARY_USER, ORDINARY_USER, ORDINARY_USER), 0);
}
