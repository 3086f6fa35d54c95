/* How a call ended, as a diagnosis: see judge.h. */
#define _GNU_SOURCE
#include "judge.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "hang.h"
#include "where.h"

enum { FIRST_PAGE = 4096 }; /* nothing is ever mapped there */
enum { WHERE_LENGTH = 300 };

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

/* What the fault was, as far as its address tells. */
static void describe_fault(const struct call *call, const struct outcome *o, int signal, char *why,
                           size_t size)
{
	why[0] = '\0';
	if (signal == SIGXFSZ)
		snprintf(why, size, ": it wrote more than the %zu MiB allowed",
		         (call->limits.file_bytes != 0 ? call->limits.file_bytes : (size_t)64 << 20) >> 20);
	if (o->crash.pid == 0 || (signal != SIGSEGV && signal != SIGBUS))
		return;
	if (o->crash.stack_full)
		snprintf(why, size, ": the stack is full, by endless recursion or a very large array");
	else if (o->crash.mapping_bytes > 0)
		snprintf(why, size, ", just beyond a shared mapping of %zu bytes (its size counts bytes, not "
		         "elements)", o->crash.mapping_bytes);
	else if (o->crash.address < FIRST_PAGE && o->crash.address % 4 == 3) /* MAP_FAILED is -1 */
		snprintf(why, size, ", through MAP_FAILED, which mmap returns when it fails");
	else if (o->crash.address < FIRST_PAGE)
		snprintf(why, size, ", through a null pointer");
	else
		snprintf(why, size, ", at address 0x%lx", (unsigned long)o->crash.address);
}

/* Who crashed, how and where: for the caller or, from its fault handler's note,
 * for one of its children. */
static void fail_crash(struct verdict *v, const struct call *call, const struct outcome *o,
                       bool caller, int signal)
{
	char where[WHERE_LENGTH] = "", why[140], who[48] = "the caller's process";
	const char *name = sigabbrev_np(signal);
	if (o->crash.pid != 0)
		where_crashed(call->plugin, &o->crash, where, sizeof where);
	if (!caller)
		snprintf(who, sizeof who, "a child (process %d)", (int)o->crash.pid);
	describe_fault(call, o, signal, why, sizeof why);
	verdict_fail(v, CRASH,
	             "Print what the line works with just before it (to stderr), or see what "
	             "`make memcheck` says.",
	             "SIG%s (signal %d) killed %s%s%s%s%s. Expected: %s.", name != NULL ? name : "?",
	             signal, who, where, why, call->text != NULL ? "; the call was " : "",
	             call->text != NULL ? call->text : "",
	             caller ? "it returns to its caller" : "it runs the body and ends in _exit");
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

static void fail_too_many(struct verdict *v, const struct call *call, const struct outcome *o)
{
	int allowed = call->limits.processes != 0 ? call->limits.processes : 256;
	verdict_fail(v, EXTRA_PROCESSES,
	             "Does a child leave the loop that forks? It must end in _exit before it can "
	             "come to the next fork.",
	             "Your code went on starting processes, or trying to: more than %d (%d calls of "
	             "fork were counted), until it was stopped.",
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
		             "After fork returned 0, do the worker's part and then _exit: no statement after "
		             "that is the child's.",
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
		hang_explain_loop(v, call, o);
	else if (o->ending == ENDING_TIMED_OUT)
		hang_explain(v, call, o);
	else if (o->crash.pid != 0 && o->crash.frames > 0)
		fail_crash(v, call, o, false, o->crash.signal);
	return verdict_open(v);
}

bool judge_not_started(struct verdict *v, const struct outcome *o, const char *function)
{
	if (o->ending != ENDING_RETURNED || o->value != -1 || o->error != ENOSYS)
		return false;
	verdict_set(v, VERDICT_NOT_STARTED, "%s is not written yet.", function);
	return true;
}
