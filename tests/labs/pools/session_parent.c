/* A session whose parent dies: its program runs in a child of the caller's, which looks
 * from outside what becomes of the workers. See session.h. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "map_shared.h"
#include "session_shared.h"
#include "tree.h"

static bool any_worker_lives(const struct session *s)
{
	struct process process;
	for (int i = 0; i < s->processes && i < SESSION_PROCESSES; i++)
		if (tree_read(s->process[i].pid, &process) && process_alive(&process))
			return true;
	return false;
}

/* A process group of its own, as a shell makes one for each job. It comes back only if
 * the program did not die. */
static void run_program(struct session *s)
{
	setpgid(0, 0);
	s->caller = getpid();
	while (!atomic_load(&s->watched))
		session_nap(0.001);
	s->program(s);
	_exit(0);
}

/* Whoever is told by the kernel is gone at once; whoever looks now and then is, within
 * a second. */
static double seconds_until_gone(const struct session *s)
{
	enum { PATIENCE_SECONDS = 2 };
	double start = clock_wall(), waited = 0;
	while (any_worker_lives(s) && (waited = clock_wall() - start) < PATIENCE_SECONDS)
		session_nap(0.005);
	return waited;
}

void session_body_in_child(void *arg)
{
	struct session *s = the_session = arg;
	if (!map_prepare_self())
		abort();
	pid_t pid = fork();
	if (pid == 0)
		run_program(s);
	call_begin();
	atomic_store(&s->watched, true);
	while (s->ctrl_c && !atomic_load(&s->ready))
		session_nap(0.001);
	if (s->ctrl_c)
		syscall(SYS_kill, -pid, SIGINT); /* what a terminal does with Ctrl-C */
	while (syscall(SYS_wait4, pid, &s->parent_status, 0, NULL) == -1)
		;
	s->seconds_until_gone = seconds_until_gone(s);
	call_end(0);
}
