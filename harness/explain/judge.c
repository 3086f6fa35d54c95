/* Diagnoses from outcomes: see judge.h. */
#define _GNU_SOURCE
#include "judge.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "hang.h"
#include "where.h"

enum { WHERE_LENGTH = 300, TABLE_LENGTH = 420 };

/* --- how it ended ---------------------------------------------------------- */

/* The loader's message names the file before the symbol that it did not find; one
 * of the lab's own functions, which plugin_function did not find, stands alone. */
static void fail_to_load(struct verdict *v, const struct outcome *o)
{
	static const char undefined[] = "undefined symbol: ";
	const char *found = strstr(o->load_error, undefined);
	if (found == o->load_error)
		verdict_fail(v, DOES_NOT_COMPILE,
		             "Write a function of exactly this name and signature: it is in the lab's "
		             "header, which your file should include.",
		             "Your file compiles, but there is no function `%s` in it.",
		             found + strlen(undefined));
	else if (found != NULL)
		verdict_fail(v, DOES_NOT_COMPILE,
		             "Look at the compiler's warning of an implicit declaration. Some calls need "
		             "#define _GNU_SOURCE above the first #include; man tells which.",
		             "Your file compiles, but calls `%s`, which nothing defines: misspelt, or "
		             "not declared.", found + strlen(undefined));
	else
		verdict_fail(v, DOES_NOT_COMPILE, "Look at the compiler's messages.",
		             "Your code cannot be loaded: %s.", o->load_error);
}

/* Who crashed, how and where: for the caller or, from its fault handler's note,
 * for one of its children. */
static void fail_crash(struct verdict *v, const struct call *call, const struct outcome *o,
                       bool caller, int signal)
{
	char where[WHERE_LENGTH] = "", why[100] = "", who[40] = "the caller's process";
	const char *name = sigabbrev_np(signal);
	if (o->crash.pid != 0)
		where_crashed(call->plugin, &o->crash, where, sizeof where);
	if (o->crash.pid != 0 && (signal == SIGSEGV || signal == SIGBUS))
		snprintf(why, sizeof why, o->crash.address < 4096 ? ", through a null pointer"
		         : ", at address 0x%lx", (unsigned long)o->crash.address);
	if (signal == SIGXFSZ)
		snprintf(why, sizeof why, ": it wrote more than the %zu MiB allowed",
		         (call->limits.file_bytes != 0 ? call->limits.file_bytes : (size_t)64 << 20) >> 20);
	if (!caller)
		snprintf(who, sizeof who, "a child (process %d)", (int)o->crash.pid);
	verdict_fail(v, CRASH,
	             "Run it again under gdb or Valgrind, or print what the line works with just "
	             "before it.",
	             "SIG%s (signal %d) killed %s%s%s. It was expected to return to its caller.",
	             name != NULL ? name : "?", signal, who, where, why);
}

static void fail_killed(struct verdict *v, const struct call *call, const struct outcome *o)
{
	if (o->kills_of_group > 0 && o->crash.pid == 0)
		verdict_fail(v, CRASH,
		             "Keep the pids that fork returned and kill these, one by one.",
		             "Signal %d killed the caller's process: your code called kill(0, ...), "
		             "which reaches every process of the caller's group, the caller included. "
		             "Only your own children were meant.",
		             o->signal);
	else
		fail_crash(v, call, o, true, o->signal);
}

static void fail_timed_out(struct verdict *v, const struct outcome *o)
{
	char table[TABLE_LENGTH];
	hang_describe(o, table, sizeof table);
	verdict_fail(v, HANG,
	             "Find out which event the first of them waits for, and who should have "
	             "brought it about.",
	             "Your function had not returned after %.1f s, and nobody was running any "
	             "more: %s. Expected: it returns when all its work is done.",
	             o->wall_seconds, table);
}

static void fail_looped(struct verdict *v, const struct call *call, const struct outcome *o)
{
	double limit = call->limits.cpu_seconds > 0 ? call->limits.cpu_seconds : 3;
	const struct process *busiest = hang_busiest(o);
	bool caller = busiest == NULL || busiest->pid == o->caller;
	char who[48] = "The caller's process";
	if (!caller)
		snprintf(who, sizeof who, "Process %d, a child,", (int)busiest->pid);
	verdict_fail(v, ENDLESS_LOOP,
	             "Look for a loop whose condition never changes: print its variable.",
	             "%s went on computing for %.1f s of CPU time, and your function did not return. "
	             "The work takes a small part of the %.0f s allowed.",
	             who, busiest == NULL ? o->cpu_seconds : busiest->cpu_seconds, limit);
}

static void fail_too_many(struct verdict *v, const struct call *call, const struct outcome *o)
{
	int allowed = call->limits.processes != 0 ? call->limits.processes : 256;
	verdict_fail(v, EXTRA_PROCESSES,
	             "Does a child leave the loop that forks? It must end in _exit before it can "
	             "come to the next fork.",
	             "Your code started process after process: more than %d (%d calls of fork were "
	             "counted), until it was stopped.",
	             allowed, o->forks);
}

bool judge_ending(struct verdict *v, const struct call *call, const struct outcome *o)
{
	if (o->ending == ENDING_KIT_ERROR)
		verdict_set(v, VERDICT_KIT_ERROR, "The harness itself failed: %s.", o->kit_error);
	else if (o->ending == ENDING_NOT_LOADED)
		fail_to_load(v, o);
	else if (o->ending == ENDING_TOO_MANY_PROCESSES)
		fail_too_many(v, call, o);
	else if (o->fell_through > 0)
		verdict_fail(v, FELL_THROUGH,
		             "After fork returned 0, call the worker's body and then _exit with its "
		             "result: no statement after that is the child's.",
		             "%d child process%s returned from your function into its caller. From "
		             "there on everything after the call happens twice. Only the process that "
		             "called it may return.",
		             o->fell_through, o->fell_through > 1 ? "es" : "");
	else if (o->ending == ENDING_KILLED)
		fail_killed(v, call, o);
	else if (o->ending == ENDING_EARLY_EXIT)
		verdict_fail(v, EARLY_EXIT,
		             "Return from the function instead. Only a child that you forked ends in _exit.",
		             "The caller's process ended inside your function (exit status %d). It was "
		             "expected to return.",
		             o->exit_status);
	else if (o->ending == ENDING_TIMED_OUT && o->bystanders_reaped > 0)
		judge_children(v, o);
	else if (o->ending == ENDING_LOOPED)
		fail_looped(v, call, o);
	else if (o->ending == ENDING_TIMED_OUT)
		fail_timed_out(v, o);
	else if (o->crash.pid != 0 && o->crash.frames > 0)
		fail_crash(v, call, o, false, o->crash.signal);
	return verdict_open(v);
}

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
	if (o->leaked_fds.count > 0)
		verdict_fail(v, LEAKED_FD, "Close each descriptor that you open, on every way out.",
		             "%d descriptor%s open after the call that %s not before: %d is %s. "
		             "Expected: none.",
		             o->leaked_fds.count, o->leaked_fds.count > 1 ? "s are" : " is",
		             o->leaked_fds.count > 1 ? "were" : "was", o->leaked_fds.fd[0].number,
		             o->leaked_fds.fd[0].what);
}

void judge_shared(struct verdict *v, const struct outcome *o)
{
	const struct mapping *m = &o->leaked_mappings.mapping[0];
	if (o->leaked_mappings.count > 0)
		verdict_fail(v, LEAKED_SHARED, "Call munmap with the same address and size as mmap.",
		             "%d shared mapping%s left: %lu bytes of %s at 0x%lx. Expected: none.",
		             o->leaked_mappings.count, o->leaked_mappings.count > 1 ? "s are" : " is",
		             m->end - m->start, m->what[0] != '\0' ? m->what : "shared memory", m->start);
	if (o->leaked_names.count > 0)
		verdict_fail(v, LEAKED_SHARED, "Call shm_unlink or sem_unlink as soon as all have opened it.",
		             "/dev/shm/%s was left behind: it outlives the program and keeps its memory.",
		             o->leaked_names.name[0]);
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
		             "Set errno as the last thing before you return -1: other calls change it.",
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

bool judge_not_started(struct verdict *v, const struct outcome *o, const char *function)
{
	if (o->ending != ENDING_RETURNED || o->value != -1 || o->error != ENOSYS)
		return false;
	verdict_set(v, VERDICT_NOT_STARTED, "%s is not written yet.", function);
	return true;
}
