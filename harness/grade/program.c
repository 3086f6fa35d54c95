/* Check programs as processes: see program.h.
 *
 * The grader is a subreaper: if a check program is killed, its supervisors come
 * back to the grader, which ends them before it goes on or dies itself.
 */
#define _GNU_SOURCE
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "labs.h"
#include "tree.h"

enum { NAP_NS = 5000000 };

static volatile sig_atomic_t told_to_stop;

static void stop(int signal)
{
	told_to_stop = signal;
}

void program_handle_signals(void)
{
	struct sigaction action = { .sa_handler = stop };
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if (getenv("MAKELEVEL") != NULL) /* make is gone: nobody waits for a grade */
		prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
}

bool program_is_told(void)
{
	return told_to_stop != 0;
}

int program_told(void)
{
	if (told_to_stop != 0)
		tree_end();
	return told_to_stop;
}

void program_die_if_told(void)
{
	if (told_to_stop == 0)
		return;
	signal(told_to_stop, SIG_DFL);
	raise(told_to_stop);
}

void program_stop_if_told(void)
{
	if (program_told() != 0)
		fputs("\ncrossover: interrupted, no record was written\n", stderr);
	program_die_if_told();
}

/* In a group of its own: Check answers SIGTERM by sending it to its whole group,
 * which would be make, and the shell that called make. */
static void become_program(char *const arguments[])
{
	setpgid(0, 0);
	int null = open("/dev/null", O_RDONLY);
	dup2(null, STDIN_FILENO);
	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	execv(arguments[0], arguments);
	fprintf(stderr, "crossover: cannot run %s: %s\n", arguments[0], strerror(errno));
	_exit(2);
}

static int rows_done(const struct ledger *ledger)
{
	int done = 0;
	for (int i = 0; i < ledger->rows; i++)
		done += ledger->row[i].state == ROW_DONE;
	return done;
}

/* One line that is written over, on terminals only. */
static void show_progress(const char *lab, const struct ledger *ledger)
{
	static int shown = -1;
	int done = rows_done(ledger);
	if (lab != NULL && done != shown && isatty(STDERR_FILENO))
		fprintf(stderr, "\r%s: test %d of %d ", lab, done, ledger->rows);
	shown = done;
}

static void clear_progress(void)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%40s\r", "");
}

/* Returns the exit status, or 128 + signal. */
static int await(pid_t pid, const char *lab, const struct ledger *ledger)
{
	int status = 0;
	bool forwarded = false;
	for (pid_t ended = 0; ended == 0;) {
		ended = waitpid(pid, &status, WNOHANG);
		if (told_to_stop && !forwarded) {
			kill(pid, SIGTERM);
			forwarded = true;
		}
		show_progress(lab, ledger);
		if (ended == 0)
			nanosleep(&(struct timespec){ .tv_nsec = NAP_NS }, NULL);
	}
	clear_progress();
	tree_end();
	program_stop_if_told();
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run(const char *lab, struct ledger *ledger, char *const arguments[])
{
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		become_program(arguments);
	return pid == -1 ? 2 : await(pid, lab, ledger);
}

int program_list(const char *lab, struct ledger *ledger, int fd)
{
	char path[PATH_LENGTH], ledger_option[32];
	labs_program(lab, path);
	snprintf(ledger_option, sizeof ledger_option, "--ledger=%d", fd);
	char *arguments[] = { path, ledger_option, "--list", NULL };
	return run(NULL, ledger, arguments) == 0 && ledger->rows > 0 ? 0 : -1;
}

void program_grade(const char *lab, struct ledger *ledger, int fd, const char *plugin,
                   const char *test, uint32_t seed)
{
	char path[PATH_LENGTH], ledger_option[32], seed_option[32];
	char plugin_option[PATH_LENGTH + 16], test_option[NAME_LENGTH + 16];
	labs_program(lab, path);
	snprintf(ledger_option, sizeof ledger_option, "--ledger=%d", fd);
	snprintf(seed_option, sizeof seed_option, "--seed=%u", seed);
	snprintf(plugin_option, sizeof plugin_option, "--plugin=%s", plugin);
	snprintf(test_option, sizeof test_option, "--test=%s", test == NULL ? "" : test);
	char *arguments[] = { path, ledger_option, seed_option, plugin_option,
		                  test == NULL ? NULL : test_option, NULL };
	int status = run(lab, ledger, arguments);
	if (status > 1 && ledger->trouble[0] == '\0')
		snprintf(ledger->trouble, sizeof ledger->trouble, status > 128
		         ? "The check program was killed by signal %d."
		         : "The check program could not run (status %d).",
		         status > 128 ? status - 128 : status);
}
