/* The judge's side of a supervised call: see supervise.h. */
#define _GNU_SOURCE
#include "supervise.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "debug.h"
#include "desk.h"
#include "shared.h"

enum { PROGRESS_NS = 50000000, PATIENCE = 10 };

static const struct limits usual = {
	.wall_seconds = 1,
	.cpu_seconds = 3,
	.memory_bytes = (size_t)4 << 30,
	.file_bytes = (size_t)64 << 20,
	.processes = 256,
};

/* Valgrind and the like run code many times slower: CROSSOVER_SLOW says how many. */
static double slowness(void)
{
	const char *text = getenv("CROSSOVER_SLOW");
	double factor = text == NULL ? 1 : strtod(text, NULL);
	return factor >= 1 ? factor : 1;
}

static struct limits with_defaults(struct limits l)
{
	if (l.wall_seconds <= 0)
		l.wall_seconds = usual.wall_seconds;
	if (l.most_seconds <= 0)
		l.most_seconds = PATIENCE * l.wall_seconds;
	if (l.cpu_seconds <= 0)
		l.cpu_seconds = usual.cpu_seconds;
	if (l.memory_bytes == 0)
		l.memory_bytes = slowness() > 1 ? (size_t)-1 : usual.memory_bytes;
	if (l.file_bytes == 0)
		l.file_bytes = usual.file_bytes;
	if (l.processes == 0)
		l.processes = usual.processes;
	if (l.starts == 0)
		l.starts = l.processes;
	l.wall_seconds *= slowness();
	l.most_seconds *= slowness();
	l.cpu_seconds *= slowness();
	return l;
}

static struct desk *desk_create(const struct call *call)
{
	struct desk *desk = shared_alloc(sizeof *desk);
	desk->judge = getpid();
	desk->limits = with_defaults(call->limits);
	desk->faults = call->faults;
	desk->captured = !call->terminal;
	desk->note_pipes = call->note_pipes;
	atomic_init(&desk->forks_before_wait, -1);
	return desk;
}

/* Returns the supervisor's wait status, or -1. */
static int await_supervisor(const struct call *call, pid_t supervisor)
{
	int status = 0;
	for (;;) {
		pid_t ended = waitpid(supervisor, &status, call->progress != NULL ? WNOHANG : 0);
		if (ended == supervisor)
			return status;
		if (ended == -1 && errno != EINTR)
			return -1;
		if (call->progress != NULL) {
			call->progress(call->arg);
			nanosleep(&(struct timespec){ .tv_nsec = PROGRESS_NS }, NULL);
		}
	}
}

/* The scene is most of an outcome, and few calls have one. Where nobody wrote, there
 * is no memory yet: to read it would get it from the kernel, page by page. */
static void copy_outcome(struct outcome *to, const struct outcome *from)
{
	size_t scene = offsetof(struct outcome, scene), rest = scene + sizeof from->scene;
	memcpy(to, from, scene);
	memcpy((char *)to + rest, (const char *)from + rest, sizeof *to - rest);
	if (from->scene.when != SCENE_NONE)
		to->scene = from->scene;
	else if (to->scene.when != SCENE_NONE)
		memset(&to->scene, 0, sizeof to->scene);
}

void supervise(const struct call *call, struct outcome *result)
{
	struct outcome *outcome = shared_alloc(sizeof *outcome);
	debug_count();
	struct desk *desk = desk_create(call);

	fflush(NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); /* should the supervisor be killed */
	outcome->ending = ENDING_KIT_ERROR;
	contain_changes_user(); /* or every supervisor would have to find out */
	pid_t supervisor = fork();
	if (supervisor == 0) {
		the_desk = desk;
		supervisor_run(call, outcome);
	}
	int status = supervisor == -1 ? -1 : await_supervisor(call, supervisor);
	if (status != 0) {
		tree_end();
		outcome->ending = ENDING_KIT_ERROR;
		snprintf(outcome->kit_error, sizeof outcome->kit_error,
		         "the supervisor did not come back (status %d)", status);
	}
	copy_outcome(result, outcome);
	shared_free(outcome, sizeof *outcome);
	shared_free(desk, sizeof *desk);
}
