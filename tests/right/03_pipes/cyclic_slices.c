/* Unusual:   deals the tasks like cards: task i belongs to worker i % workers.
 *            The parent puts each result back into its place as it reads.
 */
#include "pipe_map.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BLOCK = 1024 }; /* results that the parent reads at once */

struct worker {
	pid_t pid;
	int from;
};

static ssize_t move_once(ssize_t (*call)(int, char *, size_t), int fd, char *at, size_t size)
{
	ssize_t moved;

	while ((moved = call(fd, at, size)) < 0 && errno == EINTR)
		;
	return moved;
}

static ssize_t read_once(int fd, char *at, size_t size)
{
	return read(fd, at, size);
}

static ssize_t write_once(int fd, char *at, size_t size)
{
	return write(fd, at, size);
}

/* Returns how many bytes were moved, fewer than `size` at the end or an error. */
static size_t move_all(ssize_t (*call)(int, char *, size_t), int fd, void *data, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t moved = move_once(call, fd, (char *)data + done, size - done);

		if (moved <= 0)
			break;
		done += (size_t)moved;
	}
	return done;
}

/* Packs the results to the front of this process's own copy. No result stands
 * before its task's seed, so that nothing that is still needed is overwritten. */
static void work(int to, task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
                 size_t rank, size_t workers)
{
	size_t count = 0;

	for (size_t i = rank; i < n; i += workers)
		results[count++] = task(seeds[i]);
	size_t bytes = count * sizeof *results;

	_exit(move_all(write_once, to, results, bytes) == bytes ? 0 : 1);
}

/* Returns how many results did not come. */
static size_t collect(int from, size_t n, int32_t *results, size_t rank, size_t workers)
{
	size_t next = rank, left = (n - rank + workers - 1) / workers;
	int32_t block[BLOCK];

	while (left > 0) {
		size_t count = left < BLOCK ? left : BLOCK;

		if (move_all(read_once, from, block, count * sizeof *block) < count * sizeof *block)
			break;
		for (size_t k = 0; k < count; k++, next += workers)
			results[next] = block[k];
		left -= count;
	}
	return left;
}

int pipe_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	if (workers < 1 || (n > 0 && (!task || !seeds || !results))) {
		errno = EINVAL;
		return -1;
	}
	if (n == 0)
		return 0;
	size_t count = (size_t)workers > n ? n : (size_t)workers, started = 0, lacking = 0;
	struct worker *all = malloc(count * sizeof *all);
	int why = 0;

	if (!all)
		return -1;
	fflush(NULL);
	while (started < count) {
		int ends[2];

		if (pipe(ends) < 0) {
			why = errno;
			break;
		}
		pid_t pid = fork();

		if (pid == 0) {
			close(ends[0]);
			for (size_t i = 0; i < started; i++)
				close(all[i].from);
			work(ends[1], task, seeds, n, results, started, count);
		}
		if (pid < 0)
			why = errno;
		close(ends[1]);
		if (pid < 0) {
			close(ends[0]);
			break;
		}
		all[started].pid = pid;
		all[started++].from = ends[0];
	}
	for (size_t i = 0; i < started; i++) {
		if (why)
			kill(all[i].pid, SIGKILL);
		else
			lacking += collect(all[i].from, n, results, i, count);
		close(all[i].from);
	}
	for (size_t i = 0; i < started; i++)
		while (waitpid(all[i].pid, NULL, 0) < 0 && errno == EINTR)
			;
	free(all);
	if (!why && lacking)
		why = ECHILD;
	errno = why;
	return why ? -1 : 0;
}
