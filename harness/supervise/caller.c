/* The caller's side of a supervised call: load the plug-in, run the body.
 *
 * This is the only process that runs student code. It stands still at
 * call_begin and call_end while the supervisor looks at it from outside.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calls.h"
#include "debug.h"
#include "desk.h"
#include "shared.h"

static void *plugin;

/* The supervisor looks, and answers with the number it was asked with. */
static void ask_supervisor(enum stage stage)
{
	atomic_store(&the_desk->stage, (int)stage);
	unsigned number = atomic_fetch_add(&the_desk->asked, 1) + 1;
	desk_wake(&the_desk->asked);
	for (unsigned answered; (answered = atomic_load(&the_desk->answered)) != number;)
		desk_wait(&the_desk->answered, answered, 1);
}

static void leave(enum stage stage) __attribute__((noreturn));
static void leave(enum stage stage)
{
	atomic_store(&the_desk->stage, (int)stage);
#ifdef CROSSOVER_COVERAGE /* a plug-in writes its counters when it is unloaded */
	if (plugin != NULL)
		dlclose(plugin);
#endif
	_exit(0);
}

static void not_loaded(const char *why)
{
	snprintf(the_desk->load_error, sizeof the_desk->load_error, "%s", why);
	leave(STAGE_NOT_LOADED);
}

/* Where the plug-in lies, for the addresses of a crash. */
static int find_plugin(struct dl_phdr_info *info, size_t size, void *base)
{
	(void)size;
	if (info->dlpi_addr != *(ElfW(Addr) *)base)
		return 0;
	uintptr_t end = 0;
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD)
			end = info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz;
	the_desk->plugin_base = info->dlpi_addr;
	the_desk->plugin_end = info->dlpi_addr + end;
	return 1;
}

/* The file is opened before rights are given up (its folder may be closed to
 * the caller's user) and loaded after, through its descriptor. */
static void load(int file)
{
	char path[64];
	struct link_map *map;
	snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	close(file);
	if (plugin == NULL)
		not_loaded(dlerror());
	if (dlinfo(plugin, RTLD_DI_LINKMAP, &map) == 0)
		dl_iterate_phdr(find_plugin, &map->l_addr);
}

plugin_fn *plugin_function(const char *name)
{
	void *symbol = dlsym(plugin, name);
	plugin_fn *function;
	char why[128];
	snprintf(why, sizeof why, "undefined symbol: %s", name);
	if (symbol == NULL)
		not_loaded(why);
	memcpy(&function, &symbol, sizeof function);
	return function;
}

/* One child that has ended and was not waited for, one that runs for ever. Both
 * belong to the caller: no function that it calls may touch them. */
static void start_bystanders(void)
{
	siginfo_t info;
	for (int which = 0; which < BYSTANDERS; which++) {
		pid_t pid = fork();
		if (pid == 0 && which == BYSTANDER_ENDED)
			_exit(77);
		while (pid == 0)
			pause();
		the_desk->bystander[which] = pid;
	}
	waitid(P_PID, (id_t)the_desk->bystander[BYSTANDER_ENDED], &info, WEXITED | WNOWAIT);
}

static void do_nothing(int signal)
{
	(void)signal;
}

/* A window that changes its size sends SIGWINCH; without SA_RESTART its handler
 * interrupts whatever waits. */
static void handle_signals(void)
{
	struct sigaction action = { .sa_handler = do_nothing };
	sigemptyset(&action.sa_mask);
	sigaction(SIGWINCH, &action, NULL);
}

void call_own_child(pid_t pid)
{
	if (the_desk != NULL && the_desk->own_children < OWN_CHILDREN)
		the_desk->own_child[the_desk->own_children++] = pid;
}

void call_begin(void)
{
	if (the_desk->captured)
		fputs(DESK_MARKER, stdout);
	ask_supervisor(STAGE_BEFORE);
	atomic_store(&the_desk->armed, true);
	atomic_store(&the_desk->stage, STAGE_CALLING);
	errno = 0;
}

void call_end(long value)
{
	int error = errno;
	if ((pid_t)syscall(SYS_getpid) != the_desk->caller) {
		atomic_fetch_add(&the_desk->fell_through, 1);
		_exit(0);
	}
	atomic_store(&the_desk->armed, false);
	the_desk->value = value;
	the_desk->error = error;
	ask_supervisor(STAGE_AFTER);
	atomic_store(&the_desk->stage, STAGE_PREPARING);
	fflush(stdout);
	errno = error;
}

void caller_run(const struct call *call, struct outcome *outcome, int output)
{
	the_desk->caller = getpid();
	shared_free(outcome, sizeof *outcome);
	shared_unmap_hidden();
	int file = open(call->plugin, O_RDONLY | O_CLOEXEC);
	if (file == -1) {
		snprintf(the_desk->kit_error, sizeof the_desk->kit_error, "cannot open the plug-in: %s",
		         strerror(errno));
		_exit(2);
	}
	if (!contain(&the_desk->limits, output, &file)) {
		snprintf(the_desk->kit_error, sizeof the_desk->kit_error,
		         "cannot contain the caller: %s", strerror(errno));
		_exit(2);
	}
	crash_watch();
	calls_allow();
	ask_supervisor(STAGE_LOADING);
	load(file);
	if (call->bystanders)
		start_bystanders();
	if (call->faults.signal_seconds > 0 || call->faults.interrupt_seed != 0)
		handle_signals();
	atomic_store(&the_desk->stage, STAGE_PREPARING);
	debug_wait();
	call->body(call->arg);
	leave(STAGE_DONE);
}
