/* Jobs side by side: see verdicts_jobs.h.
 *
 * Most of the time a wrong solution is waited for: it hangs until the harness says
 * so. So two are graded at once. What they find goes to memory that the caller
 * shares with them, and to standard output, a line at a time.
 */
#define _GNU_SOURCE
#include "verdicts_jobs.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "program.h"

enum { NAP_NS = 5000000, MOST_AT_ONCE = 16 };

static struct job *jobs;
static int count;

/* What runs now: the job of each process, and NULL where there is none. */
static struct {
	pid_t pid;
	const struct job *job;
} running[MOST_AT_ONCE];

void jobs_add(const struct job *job)
{
	struct job *more = realloc(jobs, (size_t)(count + 1) * sizeof *jobs);
	if (more == NULL) {
		perror("verdicts");
		exit(2);
	}
	jobs = more;
	jobs[count++] = *job;
}

static void start(const struct job *job)
{
	int slot = 0;
	pid_t parent = getpid();
	while (running[slot].job != NULL)
		slot++;
	fflush(NULL);
	running[slot].job = job;
	running[slot].pid = fork();
	if (running[slot].pid == -1) {
		perror("verdicts: fork");
		exit(2);
	}
	if (running[slot].pid > 0)
		return;
	program_handle_signals(); /* a subreaper of its own: that is not inherited */
	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	if (getppid() != parent)
		_exit(2);
	job->run(job);
	fflush(NULL);
	_exit(0);
}

/* The jobs end what they started; only then may this program look for the rest. */
static void stop_if_told(void)
{
	if (!program_is_told())
		return;
	for (int slot = 0; slot < MOST_AT_ONCE; slot++)
		if (running[slot].job != NULL)
			kill(running[slot].pid, SIGTERM);
	for (int slot = 0; slot < MOST_AT_ONCE; slot++)
		while (running[slot].job != NULL && waitpid(running[slot].pid, NULL, 0) == -1 &&
		       errno == EINTR)
			;
	program_stop_if_told();
}

/* How many still run. */
static int look_who_ended(void (*broken)(const struct job *job))
{
	int left = 0;
	for (int slot = 0; slot < MOST_AT_ONCE; slot++) {
		int status = 0;
		const struct job *job = running[slot].job;
		if (job == NULL)
			continue;
		left++;
		if (waitpid(running[slot].pid, &status, WNOHANG) != running[slot].pid)
			continue;
		left--;
		running[slot].job = NULL;
		if (status != 0)
			broken(job);
	}
	return left;
}

/* Until at most so many run. */
static void await(int most, void (*broken)(const struct job *job))
{
	while (look_who_ended(broken) > most) {
		stop_if_told();
		nanosleep(&(struct timespec){ .tv_nsec = NAP_NS }, NULL);
	}
}

static void run_those(bool alone, int at_once, void (*broken)(const struct job *job))
{
	for (int i = 0; i < count; i++) {
		if (jobs[i].alone != alone)
			continue;
		await(at_once - 1, broken);
		start(&jobs[i]);
	}
	await(0, broken);
}

void jobs_run(int at_once, void (*broken)(const struct job *job))
{
	run_those(false, at_once < MOST_AT_ONCE ? at_once : MOST_AT_ONCE, broken);
	run_those(true, 1, broken);
}
