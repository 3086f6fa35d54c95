/* What the plug-in finds around it, and what it cannot do from there.
 *
 * Where a body of our own can look as well as a plug-in could, it does: it runs in
 * the caller, too, and writes what it saw into memory that it shares with us.
 */
#include "plugins/call_a_plugin.c"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static const struct limits short_wait = { .wall_seconds = 0.3, .cpu_seconds = 60 };

/* What a body saw of its surroundings. */
struct surroundings {
	uid_t user, group;
	pid_t pid, session;
	char folder[64];
	int handlers;          /* signals that are not as in a fresh process */
	bool blocked;          /* some signal is */
	ssize_t input;         /* bytes that could be read */
	struct fd_list fds;
	struct mapping_list mappings;
	struct rlimit core, cpu, file, memory, processes;
	int no_new_privileges, dumpable;
};

static bool is_fault(int number)
{
	return number == SIGSEGV || number == SIGBUS || number == SIGFPE || number == SIGILL ||
	       number == SIGABRT; /* these have the handler that notes a crash */
}

static int handlers(void)
{
	int found = 0;
	for (int number = 1; number < NSIG; number++) {
		struct sigaction action;
		if (sigaction(number, NULL, &action) == 0)
			found += !is_fault(number) && action.sa_handler != SIG_DFL;
	}
	return found;
}

static void look_around(void *arg)
{
	struct surroundings *s = arg;
	sigset_t mask;
	char byte;
	s->user = getuid();
	s->group = getgid();
	s->pid = getpid();
	s->session = getsid(0);
	if (getcwd(s->folder, sizeof s->folder) == NULL)
		s->folder[0] = '\0';
	s->handlers = handlers();
	sigprocmask(SIG_SETMASK, NULL, &mask);
	s->blocked = !sigisemptyset(&mask);
	s->input = read(STDIN_FILENO, &byte, 1);
	snapshot_fds(getpid(), &s->fds);
	snapshot_mappings(getpid(), &s->mappings);
	getrlimit(RLIMIT_CORE, &s->core);
	getrlimit(RLIMIT_CPU, &s->cpu);
	getrlimit(RLIMIT_FSIZE, &s->file);
	getrlimit(RLIMIT_AS, &s->memory);
	getrlimit(RLIMIT_NPROC, &s->processes);
	s->no_new_privileges = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	s->dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
	call_begin();
	call_end(0);
}

static const struct surroundings *surroundings(struct limits limits)
{
	struct surroundings *s = shared_alloc(sizeof *s);
	struct call call = { .body = look_around, .arg = s, .limits = limits };
	expect_call("returns_42", &call, "returned");
	return s;
}

/* --- around it ---------------------------------------------------------------- */

/* As root, kill would reach the whole machine, and no limit on processes holds. */
START_TEST(user_of_its_own)
{
	const struct surroundings *s = surroundings((struct limits){ 0 });
	if (callers_have_a_user()) {
		ck_assert_uint_ne(s->user, 0);
		ck_assert_uint_eq(s->group, s->user);
	} else {
		ck_assert_uint_eq(s->user, getuid());
	}
	ck_assert_int_eq(s->no_new_privileges, 1);
}
END_TEST

/* It may look at itself, and the supervisor at it, whatever the judge allows. */
START_TEST(caller_can_be_looked_at)
{
	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), 0);
	ck_assert_int_eq(surroundings((struct limits){ 0 })->dumpable, 1);
	expect("leaks_pipe", NULL, "returned leaked_fds.count=2");
}
END_TEST

/* For tools that write files as the user who started them. */
START_TEST(user_is_kept_on_demand)
{
	setenv("CROSSOVER_KEEP_USER", "1", 1);
	ck_assert_uint_eq(surroundings((struct limits){ 0 })->user, getuid());
}
END_TEST

START_TEST(session_and_folder_of_its_own)
{
	const struct surroundings *s = surroundings((struct limits){ 0 });
	ck_assert_int_eq(s->session, s->pid);
	ck_assert_str_eq(s->folder, "/");
}
END_TEST

START_TEST(signals_as_in_a_fresh_process)
{
	sigset_t all;
	sigfillset(&all);
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &all, NULL);
	const struct surroundings *s = surroundings((struct limits){ 0 });
	ck_assert_int_eq(s->handlers, 0);
	ck_assert(!s->blocked);
}
END_TEST

/* 0 to 5 and the one that the body itself looks with. */
START_TEST(descriptors)
{
	static const char *const expected[] = { "/dev/null", "/memfd:output", "/memfd:output",
		                                    "pipe:[", "pipe:[", "/dev/null" };
	int ends[2];
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], "input", 5), 5);
	ck_assert_int_ne(dup2(ends[0], STDIN_FILENO), -1); /* of ours it must see none */
	const struct surroundings *s = surroundings((struct limits){ 0 });
	ck_assert_int_eq(s->fds.count, 7);
	ck_assert_int_eq(s->input, 0);
	for (int i = 0; i < 6; i++) {
		ck_assert_int_eq(s->fds.fd[i].number, i);
		ck_assert_int_eq(strncmp(s->fds.fd[i].what, expected[i], strlen(expected[i])), 0);
	}
}
END_TEST

START_TEST(limits_are_set)
{
	struct rlimit core;
	getrlimit(RLIMIT_CORE, &core);
	core.rlim_cur = core.rlim_max;
	setrlimit(RLIMIT_CORE, &core);
	const struct surroundings *s = surroundings((struct limits){
		.file_bytes = 5 << 20, .memory_bytes = (size_t)3 << 30, .processes = 100, .cpu_seconds = 4 });
	ck_assert_uint_eq(s->core.rlim_cur, 0);
	ck_assert_uint_eq(s->file.rlim_max, 5 << 20);
	ck_assert_uint_gt(s->cpu.rlim_max, 4); /* in case that the supervisor cannot see it */
	ck_assert_uint_lt(s->cpu.rlim_max, 40);
	ck_assert_uint_ge(s->processes.rlim_max, 100);
	ck_assert_uint_lt(s->processes.rlim_max, 1000 + (rlim_t)tree_threads_of_user(getuid()));
#ifndef CROSSOVER_SANITIZED
	ck_assert_uint_eq(s->memory.rlim_max, (rlim_t)3 << 30);
#endif
}
END_TEST

/* Of the memory that the judge shares it sees what the call needs: the argument,
 * and one block of the harness's, between two guard pages. Neither the outcome nor
 * what is hidden is there. */
START_TEST(shared_memory)
{
	static struct mapping_list before;
	void *secret = shared_alloc(1);
	snapshot_mappings(getpid(), &before);
	shared_hide(secret, 1);
	const struct surroundings *s = surroundings((struct limits){ 0 });
	int arguments = 3, desk = 3, hidden = 1;
	ck_assert_int_eq(s->mappings.count, before.count - hidden + arguments + desk);
}
END_TEST

/* --- out of its reach --------------------------------------------------------- */

START_TEST(hidden_memory)
{
	char *secret = shared_alloc(1), **place = shared_alloc(sizeof *place);
	struct call call = { .arg = place };
	*place = secret;
	expect_call("writes_to", &call, "returned");
	ck_assert_int_eq(*secret, 1); /* it is not hidden yet */
	*secret = 0;
	shared_hide(secret, 1);
	const struct outcome *o = expect_call("writes_to", &call,
		"killed signal=11 calls_returned=0 markers_printed=0 crash.signal=11");
	ck_assert_uint_eq(o->crash.address, (uintptr_t)secret);
	ck_assert_int_eq(*secret, 0);
}
END_TEST

/* A run-away pointer behind shared memory meets a fault. */
START_TEST(guard_page)
{
	char **place = shared_alloc(sizeof *place);
	*place = (char *)place + sysconf(_SC_PAGESIZE);
	expect("writes_to", place, "killed signal=11 calls_returned=0 markers_printed=0 crash.signal=11");
}
END_TEST

START_TEST(memory_of_the_judge)
{
	if (geteuid() == 0 && !callers_have_a_user()) {
		puts("memory_of_the_judge: not tried, root has no other user to give here");
		return;
	}
	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), 0); /* as the check programs do */
	expect("opens_judge_memory", shared_number(getpid()), "returned error=EACCES");
}
END_TEST

START_TEST(names_of_the_harness)
{
	expect("finds_harness_names", NULL, "returned");
	expect("defines_harness_names", NULL, "returned value=8");
}
END_TEST

/* Whatever it writes there, the call comes to an end and nobody is left. */
START_TEST(scribbled_memory)
{
	for (int byte = 0; byte <= 1; byte++) {
		struct call call = { .arg = shared_number(byte), .limits = short_wait };
		ck_assert_int_ne(call_plugin("scribbles", &call)->ending, ENDING_RETURNED);
	}
}
END_TEST

START_TEST(kill_all_is_refused)
{
	expect("kills_everybody", NULL, "returned value=2 error=EPERM kills_of_all=2");
}
END_TEST

START_TEST(kill_of_the_harness_is_refused)
{
	expect("kills_harness", shared_number(getpid()),
	       "returned value=2 error=EPERM kills_of_harness=2");
}
END_TEST

/* It reaches the caller, but neither the supervisor nor the judge. */
START_TEST(kill_of_the_group)
{
	expect("kills_group", NULL,
	       "killed signal=9 calls_returned=0 kills_of_group=1 markers_printed=0");
}
END_TEST

START_TEST(kill_of_a_child_is_allowed)
{
	expect("kills_child", NULL, "returned value=15 forks=1 forks_before_wait=1");
}
END_TEST

int main(void)
{
	TCase *t = plugins_case("contain");
	unsetenv("CROSSOVER_KEEP_USER"); /* its users are what is tested */
	tcase_add_test(t, user_of_its_own);
	tcase_add_test(t, caller_can_be_looked_at);
	tcase_add_test(t, user_is_kept_on_demand);
	tcase_add_test(t, session_and_folder_of_its_own);
	tcase_add_test(t, signals_as_in_a_fresh_process);
	tcase_add_test(t, descriptors);
	tcase_add_test(t, limits_are_set);
	tcase_add_test(t, shared_memory);
	tcase_add_test(t, hidden_memory);
	tcase_add_test(t, guard_page);
	tcase_add_test(t, memory_of_the_judge);
	tcase_add_test(t, names_of_the_harness);
	tcase_add_test(t, scribbled_memory);
	tcase_add_test(t, kill_all_is_refused);
	tcase_add_test(t, kill_of_the_harness_is_refused);
	tcase_add_test(t, kill_of_the_group);
	tcase_add_test(t, kill_of_a_child_is_allowed);
	return run_case("supervise: contain", t);
}
