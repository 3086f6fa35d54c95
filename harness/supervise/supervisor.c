/* The supervisor's side of a supervised call: watch, look, end.
 *
 * It is a subreaper, so that whatever leaves the tree below the caller comes
 * back to it; and it outlives the judge for as long as it takes to end the tree.
 * It reads the caller's state from /proc and never trusts what it can see.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "desk.h"
#include "scene_read.h"
#include "watch.h"

#define TICK_SECONDS 0.002  /* how long an event without a wake-up may go unseen */
#define SCAN_SECONDS 0.050  /* between two looks at the whole tree */
#define COMPUTES 10         /* who used this part of the CPU limit does not just wait */
#define QUIET_SECONDS 0.250 /* nobody ran for so long: they all wait */

static volatile sig_atomic_t told_to_stop;

static void answer(struct watch *w, unsigned asked)
{
	int stage = atomic_load(&the_desk->stage);
	if (stage == STAGE_LOADING) {
		w->contained = true;
		w->blind = !look_possible(w);
	}
	if (stage == STAGE_BEFORE)
		look_before(w);
	if (stage == STAGE_AFTER)
		look_after(w);
	w->answered = asked;
	if (stage == STAGE_BEFORE || stage == STAGE_AFTER)
		w->quiet_since = clock_wall();
	atomic_store(&the_desk->answered, asked);
	desk_wake(&the_desk->answered);
}

static void take_scene(struct watch *w, enum scene_when when)
{
	look_from(w);
	scene_take(w, when);
	look_away(w);
}

/* Whoever gives up a meeting because of it may want to know who was in the way. */
static void stalled(struct watch *w, bool quiet)
{
	if (quiet && w->outcome->scene.when == SCENE_NONE)
		take_scene(w, SCENE_AT_STALL);
	w->call->stalled(w->call->arg);
}

/* Returns the ending that the limits force, or ENDING_RETURNED for none. A call
 * has hung only when its time is up and nobody in the tree runs: on a machine
 * busy with other things a slow call is not a hanging one. */
static enum ending check_limits(struct watch *w)
{
	const struct limits *limits = &w->limits;
	static struct process_list all;
	double now = clock_wall(), cpu = 0;

	if (atomic_load(&the_desk->forks) > limits->starts)
		return ENDING_TOO_MANY_PROCESSES;
	double gap = now - w->last_scan;
	if (gap < SCAN_SECONDS)
		return ENDING_RETURNED;
	if (gap > 2 * SCAN_SECONDS) /* it got no CPU itself, and saw nothing */
		w->quiet_since += gap - 2 * SCAN_SECONDS;
	w->last_scan = now;
	if (tree_scan(getpid(), &all) > limits->processes)
		return ENDING_TOO_MANY_PROCESSES;
	starved_look(&w->starved, &all, gap);
	for (int i = 0; i < all.count && i < PROCESSES_KEPT; i++)
		cpu += all.process[i].cpu_seconds;
	bool waits_for_us = atomic_load(&the_desk->asked) != w->answered;
	if (cpu != w->last_cpu || waits_for_us || look_any_alive(&all, true))
		w->quiet_since = now;
	w->last_cpu = cpu;

	bool quiet = now - w->quiet_since > QUIET_SECONDS;
	if (w->call->stalled != NULL && (quiet || cpu > limits->cpu_seconds / 2))
		stalled(w, quiet);

	double wall = now - w->start - w->starved.seconds; /* what others took does not count */
	bool out_of_patience = wall > limits->most_seconds;
	bool computes = cpu > limits->cpu_seconds / 2 ||
	                (!quiet && cpu > limits->cpu_seconds / COMPUTES); /* on a busy machine */
	if (waits_for_us)
		return ENDING_RETURNED;
	if (cpu > limits->cpu_seconds || (out_of_patience && computes))
		return ENDING_LOOPED;
	if (wall > limits->wall_seconds && quiet)
		return ENDING_TIMED_OUT;
	return out_of_patience ? ENDING_TIMED_OUT : ENDING_RETURNED;
}

static void send_signal(struct watch *w)
{
	double period = w->call->faults.signal_seconds;
	if (period <= 0 || atomic_load(&the_desk->stage) != STAGE_CALLING)
		return;
	if (clock_wall() - w->last_signal < period)
		return;
	w->last_signal = clock_wall();
	kill(w->caller, SIGWINCH);
	atomic_fetch_add(&the_desk->interruptions, 1);
}

/* What the desk says is believed only as far as student code cannot have written
 * it; its texts may lack their end. */
static enum ending how_it_ended(const struct watch *w, const siginfo_t *info)
{
	struct outcome *o = w->outcome;
	int stage = atomic_load(&the_desk->stage);
	if (!w->contained) {
		snprintf(o->kit_error, sizeof o->kit_error, "%.*s", DESK_TEXT - 1, the_desk->kit_error);
		return ENDING_KIT_ERROR;
	}
	if (info->si_code != CLD_EXITED) {
		o->signal = info->si_status;
		return o->signal == SIGXCPU ? ENDING_LOOPED : ENDING_KILLED;
	}
	o->exit_status = info->si_status;
	if (stage == STAGE_NOT_LOADED) {
		snprintf(o->load_error, sizeof o->load_error, "%.*s", DESK_TEXT - 1,
		         the_desk->load_error);
		return ENDING_NOT_LOADED;
	}
	return stage == STAGE_DONE ? ENDING_RETURNED : ENDING_EARLY_EXIT;
}

static enum ending watch_caller(struct watch *w)
{
	while (!told_to_stop) {
		unsigned asked = atomic_load(&the_desk->asked);
		siginfo_t info = { 0 };
		enum ending ending;
		if (asked != w->answered)
			answer(w, asked);
		if (w->blind) {
			snprintf(w->outcome->kit_error, sizeof w->outcome->kit_error,
			         "cannot look into /proc/%d: what a call leaves open would not be seen",
			         (int)w->caller);
			return ENDING_KIT_ERROR;
		}
		if (waitid(P_PID, (id_t)w->caller, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
		    info.si_pid == w->caller)
			return how_it_ended(w, &info);
		if ((ending = check_limits(w)) != ENDING_RETURNED) {
			take_scene(w, SCENE_AT_END);
			if (ending == ENDING_LOOPED)
				scene_sample(&w->outcome->scene);
			return ending;
		}
		send_signal(w);
		desk_wait(&the_desk->asked, asked, TICK_SECONDS);
	}
	snprintf(w->outcome->kit_error, sizeof w->outcome->kit_error, "interrupted");
	return ENDING_KIT_ERROR;
}

static void note_counts(struct outcome *o)
{
	o->caller = the_desk->caller;
	o->starts = atomic_load(&the_desk->starts_logged);
	memcpy(o->started, the_desk->started, sizeof o->started);
	o->forks = atomic_load(&the_desk->forks);
	for (int i = 0; i < FAILINGS; i++)
		o->failed[i] = atomic_load(&the_desk->failed[i]);
	o->forks_before_wait = atomic_load(&the_desk->forks_before_wait);
	o->waits = atomic_load(&the_desk->waits);
	o->threads = atomic_load(&the_desk->threads);
	o->locks = atomic_load(&the_desk->locks);
	o->interruptions = atomic_load(&the_desk->interruptions);
	o->short_transfers = atomic_load(&the_desk->short_transfers);
	snprintf(o->first_fault, sizeof o->first_fault, "%.*s", DESK_TEXT - 1, the_desk->first_fault);
	for (int i = INTERRUPTED_KEPT; i-- > 0;)
		if (atomic_load(&the_desk->unanswered[i].open))
			snprintf(o->unanswered, sizeof o->unanswered, "%.63s", the_desk->unanswered[i].text);
	o->pipe_uses = atomic_load(&the_desk->pipe_uses);
	memcpy(o->pipe_use, the_desk->pipe_use, sizeof o->pipe_use);
	o->kills_of_all = atomic_load(&the_desk->kills_of_all);
	o->kills_of_group = atomic_load(&the_desk->kills_of_group);
	o->kills_of_harness = atomic_load(&the_desk->kills_of_harness);
	o->fell_through = atomic_load(&the_desk->fell_through);
	o->crash = the_desk->caller_crash.pid != 0 ? the_desk->caller_crash : the_desk->child_crash;
}

/* Counts the markers, and keeps the end of what else was printed. */
static void read_output(struct outcome *o, int output)
{
	struct stat status;
	size_t marker = strlen(DESK_MARKER), kept = 0;
	if (fstat(output, &status) != 0 || status.st_size == 0)
		return;
	size_t size = (size_t)status.st_size;
	char *text = mmap(NULL, size, PROT_READ, MAP_PRIVATE, output, 0);
	if (text == MAP_FAILED)
		return;

	const char *from = text, *end = text + size;
	while ((from = memmem(from, (size_t)(end - from), DESK_MARKER, marker)) != NULL) {
		o->markers_printed++;
		from += marker;
	}
	size_t start = size > OUTPUT_KEPT - 1 ? size - (OUTPUT_KEPT - 1) : 0;
	for (size_t i = start; i < size; i++) {
		if (size - i >= marker && memcmp(text + i, DESK_MARKER, marker) == 0)
			i += marker - 1;
		else
			o->output[kept++] = text[i];
	}
	munmap(text, size);
}

static void stop(int signal)
{
	(void)signal;
	told_to_stop = 1;
}

/* A group of its own: what is sent to the judge's must not end the supervisor
 * before it has ended the tree. The judge's death is told by SIGTERM. */
static void become_supervisor(void)
{
	struct sigaction action = { .sa_handler = stop };
	sigemptyset(&action.sa_mask);
	setpgid(0, 0);
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	if (getppid() != the_desk->judge)
		_exit(2);
	the_desk->supervisor = getpid();
}

void supervisor_run(const struct call *call, struct outcome *outcome)
{
	struct watch w = { .call = call, .limits = the_desk->limits, .outcome = outcome, .last_cpu = -1 };
	become_supervisor();
	int output = call->terminal ? -1 : memfd_create("output", MFD_CLOEXEC);
	w.user = contain_changes_user() ? contain_user(getpid()) : getuid();
	look_for_old_names(&w);
	tree_know_strangers();

	w.start = w.quiet_since = w.last_scan = clock_wall();
	w.caller = fork();
	if (w.caller == 0)
		caller_run(call, outcome, output);
	if (w.caller == -1)
		snprintf(outcome->kit_error, sizeof outcome->kit_error, "cannot fork: %s",
		         strerror(errno));
	outcome->ending = w.caller == -1 ? ENDING_KIT_ERROR : watch_caller(&w);
	outcome->wall_seconds = clock_wall() - w.start;
	if (outcome->calls_returned == 0)
		look_for_bystanders(&w);
	note_counts(outcome);

	if (outcome->ending == ENDING_RETURNED)
		look_for_late(&w);
	if (tree_end() != 0) {
		outcome->ending = ENDING_KIT_ERROR;
		snprintf(outcome->kit_error, sizeof outcome->kit_error,
		         "a process of the call would not die");
	}
	look_for_names(&w);
	if (output != -1)
		read_output(outcome, output);
	struct rusage usage;
	getrusage(RUSAGE_CHILDREN, &usage);
	outcome->cpu_seconds = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	                       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
	_exit(0);
}
