/* What a call left, returned and wrote, as a diagnosis: see judge.h. */
#define _GNU_SOURCE
#include "judge.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* --- what it left ---------------------------------------------------------- */

/* "4711, 4712 and 3 more" */
static const char *pids(const struct process_list *list, char *text, size_t size)
{
	size_t used = 0;
	text[0] = '\0';
	for (int i = 0; i < list->count && i < PROCESSES_KEPT; i++) {
		if (i == 3) {
			snprintf(text + used, size - used, " and %d more", list->count - i);
			break;
		}
		used += (size_t)snprintf(text + used, size - used, "%s%d", i > 0 ? ", " : "",
		                         (int)list->process[i].pid);
	}
	return text;
}

static void fail_orphans(struct verdict *v, const struct outcome *o, const char *next_step)
{
	char text[80];
	verdict_fail(v, ORPHAN, next_step,
	             "%d process%s that your function started %s still running, or out of its "
	             "reach, when it returned (%s). Expected: none.",
	             o->orphans.count, o->orphans.count > 1 ? "es" : "",
	             o->orphans.count > 1 ? "were" : "was", pids(&o->orphans, text, sizeof text));
}

void judge_detached(struct verdict *v, const struct outcome *o)
{
	for (int i = 0; i < o->orphans.count && i < PROCESSES_KEPT; i++)
		if (o->orphans.process[i].parent != o->caller)
			fail_orphans(v, o, "Start every worker from the caller itself: it can wait for its "
			                   "own children only, not for those that a child started.");
}

void judge_children(struct verdict *v, const struct outcome *o)
{
	char text[80];
	if (o->bystanders_reaped > 0 || o->bystanders_killed > 0)
		verdict_fail(v, STOLEN_CHILD,
		             "Wait for the pids that your own fork calls returned: waitpid(pid, ...), "
		             "never wait() or waitpid(-1, ...).",
		             "The caller had two children of its own, and your function %s. The caller "
		             "can no longer learn how they ended. Expected: it touches only the "
		             "processes that it started.",
		             o->bystanders_killed > 0 ? "killed one of them" : "waited for one of them");
	judge_detached(v, o);
	if (o->zombies.count > 0)
		verdict_fail(v, ZOMBIE, "Call waitpid once for every pid that fork returned.",
		             "%d child process%s had ended and %s never waited for (%s). Until somebody "
		             "waits, each keeps its place in the process table.",
		             o->zombies.count, o->zombies.count > 1 ? "es" : "",
		             o->zombies.count > 1 ? "were" : "was", pids(&o->zombies, text, sizeof text));
	if (o->orphans.count > 0)
		fail_orphans(v, o, "Before you return, wait for every process that you started.");
}

void judge_descriptors(struct verdict *v, const struct outcome *o)
{
	if (o->closed_fds.count > 0)
		verdict_fail(v, CLOSED_FD, "Close only what your own calls opened.",
		             "Descriptor %d (%s) was the caller's, and your function closed it.",
		             o->closed_fds.fd[0].number, o->closed_fds.fd[0].what);
	if (o->leaked_fds.count < 0)
		verdict_fail(v, LEAKED_FD, "Leave PR_SET_DUMPABLE as it was.",
		             "Your function hid the caller's process: what it left open could not be "
		             "looked at. prctl(PR_SET_DUMPABLE, 0) does that. Expected: the caller as it "
		             "was before.");
	if (o->leaked_fds.count > 0)
		verdict_fail(v, LEAKED_FD, "Close each descriptor that you open, on every way out.",
		             "%d descriptor%s open after the call that %s not before: %d is %s. "
		             "Expected: none.",
		             o->leaked_fds.count, o->leaked_fds.count > 1 ? "s are" : " is",
		             o->leaked_fds.count > 1 ? "were" : "was", o->leaked_fds.fd[0].number,
		             o->leaked_fds.fd[0].what);
}

void judge_output(struct verdict *v, const struct outcome *o)
{
	if (o->markers_printed > o->calls_returned)
		verdict_fail(v, DUPLICATED_OUTPUT,
		             "End each child in _exit, which leaves stdio alone; and call fflush(NULL) "
		             "before you fork.",
		             "A line that the caller had printed before the call came out %d times. It "
		             "was still in stdio's buffer, fork copied the buffer, and a child wrote the "
		             "copy, as exit and fflush do. Expected: once.",
		             o->markers_printed);
}

void judge_leftovers(struct verdict *v, const struct outcome *o)
{
	judge_children(v, o);
	judge_descriptors(v, o);
	judge_shared(v, o);
	judge_output(v, o);
}

/* --- what it returned ------------------------------------------------------ */

static const char *error_name(int error)
{
	const char *name = strerrorname_np(error);
	return error == 0 ? "errno 0" : name != NULL ? name : "an unknown errno";
}

void judge_refusal(struct verdict *v, const struct outcome *o, const char *what)
{
	if (o->ending == ENDING_RETURNED && o->value == -1)
		verdict_fail(v, UNEXPECTED_ERROR,
		             o->error == EINVAL
		                 ? "Is it your own check of the arguments that refuses too much?"
		             : o->error == ECHILD
		                 ? "ECHILD says that a worker ended too early, or that a wait found no "
		                   "child: print what each worker sent, what came, and each wait."
		                 : "Print which call failed: perror right after each of them tells.",
		             "%s returned -1 with %s (%s). Expected: it succeeds.", what,
		             error_name(o->error), strerror(o->error));
}

void judge_failure(struct verdict *v, const struct outcome *o, int error, const char *what,
                   const char *why)
{
	if (o->value != -1)
		verdict_fail(v, BAD_ARGUMENT,
		             "Check the arguments first, before anything is started or written.",
		             "%s returned %ld, %s. Expected: -1 with errno = %s.", what, o->value, why,
		             error_name(error));
	else if (o->error != error)
		verdict_fail(v, WRONG_ERRNO,
		             "Set errno as the last thing before you return -1, to what is expected: other "
		             "calls change it.",
		             "%s returned -1, as it should, but with %s (%s). Expected: %s (%s).", what,
		             error_name(o->error), strerror(o->error), error_name(error),
		             strerror(error));
}

/* --- what it wrote --------------------------------------------------------- */

void judge_fence(struct verdict *v, long broken, const char *buffer, size_t elements, size_t bytes)
{
	if (broken == 0)
		return;
	size_t beyond = broken > 0 ? (size_t)(broken - 1) / bytes : (size_t)(-broken - 1) / bytes + 1;
	verdict_fail(v, OUT_OF_BOUNDS, "Check the first and the last index of the loop that writes it.",
	             "Your function wrote outside of %s: to %s[%s%zu], which has %zu element%s, "
	             "0 to %zu.",
	             buffer, buffer, broken > 0 ? "" : "-", broken > 0 ? elements + beyond : beyond,
	             elements, elements == 1 ? "" : "s", elements - 1);
}
