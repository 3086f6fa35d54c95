/* Unusual:   holds a descriptor for each worker (pidfd) and waits with poll for
 *            whoever ends first. Where there is no pidfd_open, or no descriptor
 *            left, it waits for the pid.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "run_workers.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

enum { BY_PIDFD = 3 }; /* P_PIDFD, which older headers do not have */

static int collect(int kind, int id)
{
	siginfo_t end = { 0 };

	while (waitid((idtype_t)kind, (id_t)id, &end, WEXITED) < 0)
		if (errno != EINTR)
			return -1;
	return end.si_code == CLD_EXITED ? end.si_status : 128 + end.si_status;
}

static int start_all(pid_t pids[], int workers, worker_fn *body, void *context)
{
	for (int rank = 0; rank < workers; rank++) {
		pids[rank] = fork();
		if (pids[rank] == 0)
			_exit(body(rank, workers, context));
		if (pids[rank] < 0) {
			int why = errno;

			while (--rank >= 0) {
				kill(pids[rank], SIGKILL);
				collect(P_PID, pids[rank]);
			}
			errno = why;
			return -1;
		}
	}
	return 0;
}

/* Collects whoever has a pidfd, in the order of their ends. */
static void poll_all(struct pollfd ends[], int workers, int statuses[])
{
	int left = 0;

	for (int rank = 0; rank < workers; rank++)
		left += ends[rank].fd >= 0;
	while (left > 0) {
		if (poll(ends, (nfds_t)workers, -1) < 0) {
			if (errno == EINTR)
				continue;
			break;
		}
		for (int rank = 0; rank < workers; rank++) {
			if (ends[rank].fd < 0 || !ends[rank].revents)
				continue;
			statuses[rank] = collect(BY_PIDFD, ends[rank].fd);
			close(ends[rank].fd);
			ends[rank].fd = -1;
			left--;
		}
	}
}

int run_workers(int workers, worker_fn *body, void *context, int statuses[])
{
	int failed = 0;

	if (workers < 1 || !body || !statuses) {
		errno = EINVAL;
		return -1;
	}
	pid_t *pids = calloc((size_t)workers, sizeof *pids);
	struct pollfd *ends = calloc((size_t)workers, sizeof *ends);
	if (!pids || !ends || start_all(pids, workers, body, context) < 0) {
		free(pids);
		free(ends);
		return -1;
	}
	for (int rank = 0; rank < workers; rank++) {
		ends[rank].fd = (int)syscall(SYS_pidfd_open, pids[rank], 0);
		ends[rank].events = POLLIN;
		statuses[rank] = -1;
	}
	poll_all(ends, workers, statuses);
	for (int rank = 0; rank < workers; rank++) {
		if (ends[rank].fd >= 0)
			close(ends[rank].fd);
		if (statuses[rank] < 0)
			statuses[rank] = collect(P_PID, pids[rank]);
		failed += statuses[rank] != 0;
	}
	free(pids);
	free(ends);
	return failed;
}
