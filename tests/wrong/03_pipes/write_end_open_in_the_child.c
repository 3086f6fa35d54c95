/* Mistake:   a worker does the jobs that come until the end of the file, which
 *            cannot come while it holds the write end of its own jobs.
 * Test:      maps_in_order
 * Diagnosis: pipe-deadlock
 */
#include "pipe_map.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct job {
	size_t first, count;
};

struct worker {
	pid_t pid;
	int jobs;    /* the parent's end: write */
	int results; /* the parent's end: read */
	struct job job;
};

static int write_all(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size > 0) {
		ssize_t done = write(fd, at, size);

		if (done < 0 && errno != EINTR)
			return -1;
		at += done < 0 ? 0 : done;
		size -= done < 0 ? 0 : (size_t)done;
	}
	return 0;
}

/* Returns 1, or 0 where the other side has closed or died. */
static int read_all(int fd, void *data, size_t size)
{
	char *at = data;

	while (size > 0) {
		ssize_t done = read(fd, at, size);

		if (done == 0 || (done < 0 && errno != EINTR))
			return 0;
		at += done < 0 ? 0 : done;
		size -= done < 0 ? 0 : (size_t)done;
	}
	return 1;
}

/* The child: does the jobs that come, until the pipe is closed. */
static void serve(int jobs, int to, task_fn *task, const uint32_t *seeds, int32_t *results)
{
	struct job job;

	while (read_all(jobs, &job, sizeof job)) {
		for (size_t i = job.first; i < job.first + job.count; i++)
			results[i] = task(seeds[i]);
		if (write_all(to, results + job.first, job.count * sizeof *results) < 0)
			_exit(1);
	}
	_exit(0);
}

static int start(struct worker *w, int rank, task_fn *task, const uint32_t *seeds,
                 int32_t *results)
{
	int jobs[2], back[2], why;

	if (pipe(jobs) < 0)
		return errno;
	if (pipe(back) < 0) {
		why = errno;
		close(jobs[0]);
		close(jobs[1]);
		return why;
	}
	w[rank].jobs = jobs[1];
	w[rank].results = back[0];
	w[rank].pid = fork();
	why = w[rank].pid < 0 ? errno : 0;
	if (w[rank].pid == 0) {
		for (int i = 0; i < rank; i++) {
			close(w[i].jobs);
			close(w[i].results);
		}
		close(w[rank].results);
		serve(jobs[0], back[1], task, seeds, results);
	}
	close(jobs[0]);
	close(back[1]);
	if (why) {
		close(jobs[1]);
		close(back[0]);
	}
	return why;
}

static int run(struct worker *w, int workers, task_fn *task, const uint32_t *seeds, size_t n,
               int32_t *results)
{
	int started = 0, why = 0, dead = 0;
	size_t first = 0;

	for (; started < workers && !why; started += !why)
		why = start(w, started, task, seeds, results);
	for (int i = 0; i < started && !why; i++) {
		w[i].job.first = first;
		w[i].job.count = (n - first) / (size_t)(workers - i);
		first += w[i].job.count;
		write_all(w[i].jobs, &w[i].job, sizeof w[i].job);
	}
	for (int i = 0; i < started; i++) {
		if (why)
			kill(w[i].pid, SIGKILL);
		else if (!read_all(w[i].results, results + w[i].job.first,
		                   w[i].job.count * sizeof *results))
			dead++;
	}
	for (int i = 0; i < started; i++) {
		close(w[i].jobs); /* the end of its jobs */
		close(w[i].results);
	}
	for (int i = 0; i < started; i++)
		while (waitpid(w[i].pid, NULL, 0) < 0 && errno == EINTR)
			;
	return why ? why : dead ? ECHILD : 0;
}

int pipe_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	if (workers < 1 || (n > 0 && (!task || !seeds || !results))) {
		errno = EINVAL;
		return -1;
	}
	if (n == 0)
		return 0;
	if (n < (size_t)workers)
		workers = (int)n;
	struct worker *w = calloc((size_t)workers, sizeof *w);

	if (!w)
		return -1;
	fflush(NULL);
	int why = run(w, workers, task, seeds, n, results);

	free(w);
	errno = why;
	return why ? -1 : 0;
}
