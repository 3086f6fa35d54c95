/* The benchmark of the speed verdict itself: `make trust N=30`.
 *
 * Implementations that are known to be faster, or known not to be, are judged N
 * times each while 0, 1, 2 and 4 busy processes (or LOADS=) run beside. What counts is how often
 * a correct one fails and a wrong one passes; "not measured" is no mistake, but it
 * must stay rare where nobody disturbs. With STAGES=2 only the first two stages of
 * the verdict run, which no neighbour should be able to spoil.
 *
 * A line is printed as soon as it is complete; nothing is left out.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "compile.h"
#include "labs.h"
#include "ledger.h"
#include "program.h"
#include "proportion.h"
#include "stages.h"

struct subject {
	const char *what;
	const char *implementation, *lab, *test;
	bool faster;
	int shows_at; /* the stage at which it is found out, if it is not faster */
};

static const struct subject subjects[] = {
	{ "solution, run_workers", "solutions", "02_fork", "faster_than_serial", true, 0 },
	{ "solution, pipe_map", "solutions", "03_pipes", "faster_than_serial", true, 0 },
	{ "solution, dynamic map", "solutions", "04_shared", "dynamic_is_faster", true, 0 },
	{ "solution, pool_map", "solutions", "05_pool", "faster_than_serial", true, 0 },
	{ "serial behind idle forks", "tests/wrong/03_pipes/idle_children.c", "03_pipes",
	  "faster_than_serial", false, STAGE_MEETING },
	{ "one worker after another", "tests/wrong/03_pipes/one_worker_after_the_other.c", "03_pipes",
	  "faster_than_serial", false, STAGE_MEETING },
	{ "all work in one child", "tests/wrong/03_pipes/one_worker_does_it_all.c", "03_pipes",
	  "faster_than_serial", false, STAGE_MEETING },
	{ "a lock around every task", "tests/wrong/04_shared/tasks_inside_the_lock.c", "04_shared",
	  "dynamic_is_faster", false, STAGE_MEETING },
	{ "half of the work twice", "tests/wrong/03_pipes/half_of_the_work_twice.c", "03_pipes",
	  "faster_than_serial", false, STAGE_SHARING },
	{ "spins, others held up", "tests/wrong/04_shared/spins_with_the_lock_held.c", "04_shared",
	  "dynamic_is_faster", false, STAGE_CLOCK },
	{ "all workers on one CPU", "tests/wrong/02_fork/workers_on_one_cpu.c", "02_fork",
	  "faster_than_serial", false, STAGE_CLOCK },
	{ "faster, but far too late", "tests/wrong/04_shared/warms_up_in_each_call.c", "04_shared",
	  "map_is_faster", false, STAGE_CLOCK },
	{ "pool in tiny parts", "tests/wrong/05_pool/window_too_small.c", "05_pool",
	  "faster_than_serial", false, STAGE_CLOCK },
	{ "pool that is not woken", "tests/wrong/05_pool/looks_for_work_now_and_then.c", "05_pool",
	  "faster_than_serial", false, STAGE_CLOCK },
};
enum { SUBJECTS = sizeof subjects / sizeof *subjects };

enum { LOADS = 8, LOAD_MOST = 64, BAR_WIDTH = 20 };

static int loads[LOADS] = { 0, 1, 2, 4 }; /* busy processes beside; LOADS="0 4" for others */
static int load_count = 4;

struct tally {
	size_t judged, mistakes, open;
	double seconds;
};

/* --- the neighbours --------------------------------------------------------------- */

static pid_t busy[LOAD_MOST];

static void start_busy(int count)
{
	for (int i = 0; i < count; i++) {
		busy[i] = fork();
		if (busy[i] != 0)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		for (volatile unsigned spin = 0;; spin++)
			;
	}
}

static void stop_busy(int count)
{
	for (int i = 0; i < count; i++) {
		if (waitpid(busy[i], NULL, WNOHANG) != 0)
			continue;
		kill(busy[i], SIGKILL);
		waitpid(busy[i], NULL, 0);
	}
}

/* program_grade ends all of this program's descendants after each run: the busy
 * ones, too. So they are started anew for each verdict. */
static void grade_beside(int load, const struct subject *s, const struct plugin *plugin,
                         struct ledger *ledger, int fd, uint32_t seed)
{
	start_busy(load);
	program_grade(s->lab, ledger, fd, plugin->path, s->test, seed);
	stop_busy(load);
}

/* --- one verdict, one line ------------------------------------------------------------ */

static void show_progress(const struct subject *s, int load, int done, int n)
{
	static const char bar[] = "####################";
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%-25s load %d [%-*.*s] %d of %d ", s->what, load, BAR_WIDTH,
		        done * BAR_WIDTH / n, bar, done, n);
}

static void judge_once(const struct subject *s, const struct plugin *plugin, int load,
                       uint32_t seed, struct tally *tally)
{
	int fd;
	struct ledger *ledger = ledger_create(&fd);
	if (ledger == NULL || program_list(s->lab, ledger, fd) != 0) {
		fprintf(stderr, "\ntrust: the check program of %s does not run\n", s->lab);
		exit(2);
	}
	double start = clock_wall();
	grade_beside(load, s, plugin, ledger, fd, seed);
	tally->seconds += clock_wall() - start;
	tally->judged++;
	const struct ledger_row *row = ledger_find(ledger, s->test);
	enum verdict_kind kind = row == NULL ? VERDICT_KIT_ERROR : row->verdict.kind;
	bool unclear = kind == VERDICT_NOT_MEASURED;
	bool mistake = !unclear && kind != (s->faster ? VERDICT_PASSED : VERDICT_FAILED);
	tally->open += unclear;
	tally->mistakes += mistake;
	if (mistake)
		printf("  mistake: %s, load %d, SEED=%u: %s: %.300s\n", s->what, load, seed,
		       verdict_name(kind), row == NULL ? "no such test" : row->verdict.message);
	ledger_close(ledger, fd);
}

static void print_line(const char *what, bool faster, const char *load, const struct tally *t)
{
	printf("%-25s %4s %5zu ", what, load, t->judged);
	printf(faster ? "%5zu     - " : "    - %5zu ", t->mistakes);
	printf("%7.2f%% %7zu %8.2f\n", 100 * proportion_upper_bound(t->mistakes, t->judged), t->open,
	       t->seconds / (double)(t->judged > 0 ? t->judged : 1));
	fflush(stdout);
}

static void add(struct tally *sum, const struct tally *t)
{
	sum->judged += t->judged;
	sum->mistakes += t->mistakes;
	sum->open += t->open;
	sum->seconds += t->seconds;
}

static struct tally judge_subject(const struct subject *s, const struct plugin *plugin, int load,
                                  int n)
{
	struct tally tally = { 0 };
	char text[16];
	for (int i = 0; i < n; i++) {
		show_progress(s, load, i, n);
		judge_once(s, plugin, load, (uint32_t)(1000 * (load + 1) + i), &tally);
	}
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%78s\r", "");
	snprintf(text, sizeof text, "%d", load);
	print_line(s->what, s->faster, text, &tally);
	return tally;
}

/* --- the table ---------------------------------------------------------------------- */

static void compile(const struct subject *s, struct plugin *plugin)
{
	struct sources sources;
	labs_sources(s->implementation, s->lab, &sources);
	compile_plugin(s->implementation, s->lab, &sources, plugin);
	if (!plugin->compiled) {
		fprintf(stderr, "trust: %s: %s\n", s->implementation, plugin->first_line);
		exit(2);
	}
}

static void print_heading(int n, int stages)
{
	printf("Each judged %d times%s, beside so many busy processes\n\n", n,
	       stages < STAGE_CLOCK ? " by the first two stages alone" : "");
	printf("%-25s %4s %5s %5s %5s %8s %7s %8s\n", "", "", "", "false", "false", "95% upper",
	       "not", "seconds");
	printf("%-25s %4s %5s %5s %5s %8s %7s %8s\n", "", "load", "runs", "fail", "pass", "bound",
	       "meas'd", "each");
}

/* Returns how many mistakes were made in all. */
static size_t judge_all(int n, int stages)
{
	struct tally correct[LOADS] = { 0 }, wrong[LOADS] = { 0 };
	size_t mistakes = 0;
	print_heading(n, stages);
	for (int i = 0; i < SUBJECTS; i++) {
		struct plugin plugin;
		if (!subjects[i].faster && subjects[i].shows_at > stages)
			continue; /* these stages cannot know it, and are not asked */
		compile(&subjects[i], &plugin);
		for (int load = 0; load < load_count; load++) {
			struct tally tally = judge_subject(&subjects[i], &plugin, loads[load], n);
			add(subjects[i].faster ? &correct[load] : &wrong[load], &tally);
		}
	}
	for (int load = 0; load < load_count; load++) {
		char text[16];
		snprintf(text, sizeof text, "%d", loads[load]);
		print_line("all that are faster", true, text, &correct[load]);
		print_line("all that are not", false, text, &wrong[load]);
		mistakes += correct[load].mistakes + wrong[load].mistakes;
	}
	return mistakes;
}

static int setting(const char *name, int usual)
{
	const char *text = getenv(name);
	int value = text == NULL || text[0] == '\0' ? usual : atoi(text);
	if (value > 0)
		return value;
	fprintf(stderr, "trust: %s=%s: a number above 0 is needed\n", name, text);
	exit(2);
}

/* Numbers with spaces or commas between them. */
static void read_loads(const char *text)
{
	if (text == NULL || text[strspn(text, " ,")] == '\0')
		return;
	for (load_count = 0; load_count < LOADS; load_count++) {
		char *end;
		text += strspn(text, " ,");
		long load = strtol(text, &end, 10);
		if (end == text && *text == '\0')
			return;
		if (end == text || load < 0 || load > LOAD_MOST) {
			fprintf(stderr, "trust: LOADS=: numbers from 0 to %d are needed\n", LOAD_MOST);
			exit(2);
		}
		loads[load_count] = (int)load;
		text = end;
	}
}

int main(void)
{
	int n = setting("N", 10), stages = setting("STAGES", STAGE_CLOCK);
	char text[16];
	read_loads(getenv("LOADS"));
	snprintf(text, sizeof text, "%d", stages);
	setenv(STAGES_VARIABLE, text, 1);
	program_handle_signals();
	size_t mistakes = judge_all(n, stages);
	printf("\n%zu mistakes\n", mistakes);
	return mistakes > 0;
}
