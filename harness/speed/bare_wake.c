/* Sleeping processes: see bare_wake.h.
 *
 * Two futex words in shared memory. The workers sleep on the number of calls so far, and
 * each does its part when that has changed; the caller sleeps on the number of parts
 * that are left, and whoever does the last one wakes it. Nobody looks twice without
 * having slept: what a call costs is what it costs to wake and to be woken.
 *
 * Who dies, be it that the student's code killed it, never does its part. So the caller
 * sleeps for a while only, before it looks whether all live.
 */
#define _GNU_SOURCE
#include "bare_wake.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bare.h"
#include "supervise.h"

enum { CACHE_LINE = 64, LOOK_AFTER_MS = 50 };

struct board {
	atomic_uint calls;
	alignas(CACHE_LINE) atomic_uint left;
};

static struct {
	struct board *board;
	int started;
	bool broken;
	pid_t pids[BARE_WORKERS_MOST];
} wake;

static void futex_sleep(atomic_uint *word, unsigned value, const struct timespec *at_most)
{
	syscall(SYS_futex, word, FUTEX_WAIT, value, at_most, NULL, 0);
}

static void futex_wake(atomic_uint *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* --- in a worker -------------------------------------------------------------------- */

static void serve(int rank, wake_fn *body) __attribute__((noreturn));
static void serve(int rank, wake_fn *body)
{
	struct board *board = wake.board;
	for (unsigned seen = 0;; seen++) {
		while (atomic_load(&board->calls) == seen)
			futex_sleep(&board->calls, seen, NULL);
		body(rank);
		if (atomic_fetch_sub(&board->left, 1) == 1)
			futex_wake(&board->left);
	}
}

/* --- in the caller -------------------------------------------------------------------- */

/* Returns 0 or an errno. */
static int start_worker(wake_fn *body)
{
	pid_t parent = getpid(), pid = fork();
	if (pid == -1)
		return errno;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		if (getppid() != parent)
			_exit(0);
		serve(wake.started, body);
	}
	call_own_child(pid);
	wake.pids[wake.started++] = pid;
	return 0;
}

int wake_start(int workers, wake_fn *body)
{
	wake.started = 0;
	wake.broken = false;
	wake.board = mmap(NULL, sizeof *wake.board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	                  -1, 0);
	if (wake.board == MAP_FAILED)
		return errno;
	int error = workers <= BARE_WORKERS_MOST ? 0 : EINVAL;
	fflush(NULL);
	while (error == 0 && wake.started < workers)
		error = start_worker(body);
	if (error != 0)
		wake_end();
	return error;
}

/* Whether it is still a child of ours; if not, somebody else has reaped it, and its number
 * may be another's by now. *ended: it is a zombie, which it stays until wake_end. */
static bool is_ours(pid_t pid, bool *ended)
{
	siginfo_t info = { 0 };
	bool ours = waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
	*ended = info.si_pid != 0;
	return ours;
}

static bool all_live(void)
{
	bool ended;
	for (int i = 0; i < wake.started; i++)
		if (!is_ours(wake.pids[i], &ended) || ended)
			return false;
	return true;
}

int wake_all(void)
{
	static const struct timespec a_while = { .tv_nsec = LOOK_AFTER_MS * 1000000L };
	struct board *board = wake.board;
	unsigned left;
	atomic_store(&board->left, (unsigned)wake.started);
	atomic_fetch_add(&board->calls, 1);
	futex_wake(&board->calls);
	while ((left = atomic_load(&board->left)) > 0 && !wake.broken) {
		futex_sleep(&board->left, left, &a_while);
		wake.broken = atomic_load(&board->left) > 0 && !all_live();
	}
	return wake.broken ? ECHILD : 0;
}

void wake_end(void)
{
	if (wake.board == NULL || wake.board == MAP_FAILED)
		return;
	for (int i = 0; i < wake.started; i++) {
		bool ended;
		if (!is_ours(wake.pids[i], &ended))
			continue;
		kill(wake.pids[i], SIGKILL);
		while (waitpid(wake.pids[i], NULL, 0) == -1 && errno == EINTR)
			;
	}
	munmap(wake.board, sizeof *wake.board);
	wake.board = NULL;
	wake.started = 0;
}
