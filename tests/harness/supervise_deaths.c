/* The judge or the supervisor dies in the middle of a call.
 *
 * Whoever kills them here does so when the plug-in has written down the pids of its
 * processes, and then looks for these, again and again, until none is alive: a
 * number of looks, not a time.
 */
#include "plugins/call_a_plugin.c"

#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <time.h>

enum { LOOKS = 20000, PIDS = 3 };

static const struct limits patient = { .wall_seconds = 60, .cpu_seconds = 60 };

static void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
}

/* The pids that notes_and_sleeps writes down. */
static bool all_noted(const int *notes)
{
	return atomic_load((atomic_int *)notes) == PIDS;
}

/* Looks until nobody of the call is alive; reaps what comes back to this process. */
static void expect_all_gone(const int *notes)
{
	int alive = 1;
	for (int look = 0; look < LOOKS && alive > 0; look++) {
		struct process p;
		alive = 0;
		for (int i = 1; i <= PIDS; i++)
			alive += tree_read(notes[i], &p) && process_alive(&p);
		nap();
	}
	for (int i = 1; alive > 0 && i <= PIDS; i++)
		kill(notes[i], SIGKILL);
	ck_assert_int_eq(alive, 0);
	while (waitpid(-1, NULL, 0) > 0)
		;
	ck_assert_int_eq(errno, ECHILD);
}

/* A judge with a group of its own; what it leaves comes back to this process. */
static pid_t start_judge(const struct call *call)
{
	static struct outcome outcome;
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	pid_t judge = fork();
	if (judge != 0)
		return judge;
	setpgid(0, 0);
	signal(SIGTERM, SIG_DFL);
	supervise(call, &outcome);
	_exit(0);
}

/* A judge which is killed in the middle of its call, or
 * the group with it. */
static void kill_judge(int number, bool group)
{
	int *notes = shared_number(0);
	struct call call = { .plugin = plugin_build("notes_and_sleeps"), .body = call_act,
		                 .arg = notes, .limits = { .wall_seconds = 1000, .most_seconds = 1000 } };
	pid_t judge = start_judge(&call);
	for (int look = 0; look < LOOKS && !all_noted(notes); look++)
		nap();
	ck_assert(all_noted(notes));
	kill(group ? -judge : judge, number);
	expect_all_gone(notes);
}

START_TEST(killed_judge)
{
	kill_judge(SIGKILL, false);
}
END_TEST

/* The supervisor is not of that group, and ends what nobody else could. */
START_TEST(killed_group_of_the_judge)
{
	kill_judge(SIGKILL, true);
}
END_TEST

START_TEST(terminated_judge)
{
	kill_judge(SIGTERM, false);
}
END_TEST

/* Writes down its pid and never comes back. */
static void note_and_sleep(void *arg)
{
	atomic_store((atomic_int *)arg, (int)getpid());
	call_begin();
	for (;;)
		pause();
}

/* Judge and supervisor die at once: nobody is left who could look after the caller,
 * and it dies, too. */
START_TEST(killed_judge_and_supervisor)
{
	static struct process_list list;
	int *caller = shared_number(0);
	struct call call = { .plugin = plugin_build("returns_42"), .body = note_and_sleep,
		                 .arg = caller, .limits = patient };
	pid_t judge = start_judge(&call);
	for (int look = 0; look < LOOKS && *(volatile int *)caller == 0; look++)
		nap();
	kill(judge, SIGSTOP);
	ck_assert_int_eq(tree_scan(judge, &list), 2);
	for (int i = 0; i < list.count; i++)
		if (list.process[i].parent == judge)
			kill(list.process[i].pid, SIGKILL);
	kill(judge, SIGKILL);
	struct process p = { .state = 'S' };
	for (int look = 0; look < LOOKS && tree_read(*caller, &p) && process_alive(&p); look++)
		nap();
	bool dead = !process_alive(&p);
	kill(*caller, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	ck_assert(dead);
}
END_TEST

static int signal_for_supervisor;

/* Called in the judge: its one child is the supervisor. */
static void signal_supervisor(void *arg)
{
	static struct process_list list;
	if (!all_noted(arg) || tree_scan(getpid(), &list) <= 0)
		return;
	for (int i = 0; i < list.count; i++)
		if (list.process[i].parent == getpid())
			kill(list.process[i].pid, signal_for_supervisor);
}

static const struct outcome *call_without_supervisor(int number)
{
	int *notes = shared_number(0);
	struct call call = { .arg = notes, .limits = patient, .progress = signal_supervisor };
	signal_for_supervisor = number;
	const struct outcome *o = call_plugin("notes_and_sleeps", &call);
	expect_all_gone(notes);
	return o;
}

START_TEST(killed_supervisor)
{
	const struct outcome *o = call_without_supervisor(SIGKILL);
	ck_assert_int_eq(o->ending, ENDING_KIT_ERROR);
	ck_assert_str_eq(o->kit_error, "the supervisor did not come back (status 9)");
}
END_TEST

START_TEST(interrupted_supervisor)
{
	const struct outcome *o = call_without_supervisor(SIGTERM);
	ck_assert_int_eq(o->ending, ENDING_KIT_ERROR);
	ck_assert_str_eq(o->kit_error, "interrupted");
}
END_TEST

int main(void)
{
	TCase *t = plugins_case("deaths");
	tcase_add_test(t, killed_judge);
	tcase_add_test(t, killed_group_of_the_judge);
	tcase_add_test(t, terminated_judge);
	tcase_add_test(t, killed_judge_and_supervisor);
	tcase_add_test(t, killed_supervisor);
	tcase_add_test(t, interrupted_supervisor);
	return run_case("supervise: deaths", t);
}
