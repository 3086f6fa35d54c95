/* Mistake:   maps and clears room for a million results in each call,
 *            however few there are: most of its time goes into pages that
 *            nobody needs.
 * Test:      faster_than_serial
 * Diagnosis: late-crossover
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "pipe_map.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROOM = 5 << 19 };

struct worker {
	pid_t pid;
	int from;            /* the read end of its pipe */
	size_t first, count; /* its slice */
};

/* A pipe takes and gives what it can: all of it may take several calls. */
static bool write_all(int fd, const void *data, size_t size)
{
	for (const char *from = data; size > 0;) {
		ssize_t moved = write(fd, from, size);
		if (moved == -1 && errno != EINTR)
			return false;
		if (moved > 0) {
			from += moved;
			size -= (size_t)moved;
		}
	}
	return true;
}

/* Returns false where the end of the file came first, with ECHILD: then whoever
 * was to write it is gone. */
static bool read_all(int fd, void *data, size_t size)
{
	for (char *to = data; size > 0;) {
		ssize_t moved = read(fd, to, size);
		if (moved == 0)
			errno = ECHILD;
		if (moved == 0 || (moved == -1 && errno != EINTR))
			return false;
		if (moved > 0) {
			to += moved;
			size -= (size_t)moved;
		}
	}
	return true;
}

static void wait_for(pid_t pid)
{
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		; /* a signal handler of the caller ran: the worker still does */
}

/* The child's whole life. The read ends are the parent's business: kept open here
 * they would let a worker write on when the parent has died. */
static void work(const struct worker workers[], int rank, int to, task_fn *task,
                 const uint32_t *seeds, int32_t *results)
{
	const struct worker *self = &workers[rank];
	for (int other = 0; other <= rank; other++)
		close(workers[other].from);
	for (size_t i = self->first; i < self->first + self->count; i++)
		results[i] = task(seeds[i]);
	bool sent = write_all(to, results + self->first, self->count * sizeof *results);
	_exit(sent ? 0 : 1);
}

/* Starts one worker with a pipe. Returns false, with errno, and nothing open. */
static bool start(struct worker workers[], int rank, task_fn *task, const uint32_t *seeds,
                  int32_t *results)
{
	int ends[2];
	if (pipe(ends) == -1)
		return false;
	workers[rank].from = ends[0];
	workers[rank].pid = fork();
	if (workers[rank].pid == 0)
		work(workers, rank, ends[1], task, seeds, results);
	int error = errno;
	close(ends[1]); /* before the next fork: it belongs to this worker alone */
	if (workers[rank].pid == -1)
		close(ends[0]);
	errno = error;
	return workers[rank].pid != -1;
}

/* Nobody wants the rest: kill the workers that were started, before any is waited
 * for, so that they end side by side. */
static void give_up(struct worker workers[], int count)
{
	for (int rank = 0; rank < count; rank++) {
		kill(workers[rank].pid, SIGKILL);
		close(workers[rank].from);
	}
	for (int rank = 0; rank < count; rank++)
		wait_for(workers[rank].pid);
}

/* Returns 0, or the errno of the first worker's share that could not be read. */
static int collect(struct worker workers[], int count, int32_t *results)
{
	int error = 0;
	for (int rank = 0; rank < count; rank++) {
		struct worker *w = &workers[rank];
		if (!read_all(w->from, results + w->first, w->count * sizeof *results) && error == 0)
			error = errno;
		close(w->from);
	}
	for (int rank = 0; rank < count; rank++)
		wait_for(workers[rank].pid);
	return error;
}

/* For results, however many there are. */
static void *make_room(void)
{
	void *room = mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (room == MAP_FAILED)
		return NULL;
	memset(room, 0, ROOM);
	return room;
}

static int map_with(struct worker workers[], int count, task_fn *task, const uint32_t *seeds,
                    size_t n, int32_t *results)
{
	size_t share = n / (size_t)count, more = n % (size_t)count; /* `more` get one more */
	size_t first = 0;
	fflush(NULL); /* or each child inherits what the caller has not written yet */
	for (int rank = 0; rank < count; rank++) {
		workers[rank].first = first;
		workers[rank].count = share + ((size_t)rank < more);
		first += workers[rank].count;
		if (!start(workers, rank, task, seeds, results)) {
			int error = errno; /* before kill and waitpid can change it */
			give_up(workers, rank);
			return error;
		}
	}
	return collect(workers, count, results);
}

int pipe_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	if (workers < 1 || (n > 0 && (task == NULL || seeds == NULL || results == NULL))) {
		errno = EINVAL;
		return -1;
	}
	if (n == 0)
		return 0;
	int count = (size_t)workers < n ? workers : (int)n;
	struct worker *list = calloc((size_t)count, sizeof *list);
	if (list == NULL)
		return -1;
	void *room = make_room();
	int error = room == NULL ? errno : map_with(list, count, task, seeds, n, results);
	if (room != NULL)
		munmap(room, ROOM);
	free(list);
	errno = error;
	return error == 0 ? 0 : -1;
}
