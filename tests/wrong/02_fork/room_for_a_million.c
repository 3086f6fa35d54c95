/* Mistake:   maps and clears room for what a million workers may have to
 *            say, in each call: most of its time goes into pages that nobody
 *            needs.
 * Test:      faster_than_serial
 * Diagnosis: late-crossover
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "run_workers.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROOM = 4 << 20 };

/* The exit status of a child of ours as a shell counts it. A signal handler of
 * the caller may interrupt the wait: that says nothing of the child. */
static int wait_for(pid_t pid)
{
	int status;
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Nobody will ask for these workers any more. All are killed before the first
 * is waited for, so that they end side by side. */
static void kill_and_reap(const pid_t pids[], int count)
{
	for (int rank = 0; rank < count; rank++)
		kill(pids[rank], SIGKILL);
	for (int rank = 0; rank < count; rank++)
		wait_for(pids[rank]);
}

/* Returns 0, or fork's errno with no worker left. */
static int start_all(pid_t pids[], int workers, worker_fn *body, void *context)
{
	fflush(NULL); /* or each child inherits what the caller has not written yet */
	for (int rank = 0; rank < workers; rank++) {
		pids[rank] = fork();
		if (pids[rank] == 0)
			_exit(body(rank, workers, context));
		if (pids[rank] == -1) {
			int error = errno; /* before kill and waitpid can change it */
			kill_and_reap(pids, rank);
			return error;
		}
	}
	return 0;
}

/* For messages of the workers, however many there are. */
static void *make_room(void)
{
	void *room = mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (room == MAP_FAILED)
		return NULL;
	memset(room, 0, ROOM);
	return room;
}

int run_workers(int workers, worker_fn *body, void *context, int statuses[])
{
	if (workers < 1 || body == NULL) {
		errno = EINVAL;
		return -1;
	}
	pid_t *pids = calloc((size_t)workers, sizeof *pids);
	if (pids == NULL)
		return -1;
	void *room = make_room();
	if (room == NULL) {
		free(pids);
		return -1;
	}

	int error = start_all(pids, workers, body, context);
	int not_zero = 0;
	for (int rank = 0; error == 0 && rank < workers; rank++) {
		statuses[rank] = wait_for(pids[rank]);
		not_zero += statuses[rank] != 0;
	}
	free(pids);
	munmap(room, ROOM);
	if (error != 0) {
		errno = error;
		return -1;
	}
	return not_zero;
}
