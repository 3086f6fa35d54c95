/* Mistake:   gives every worker n / workers tasks, and the last one all the rest: far
 *            more than its share where there are hardly more tasks than workers.
 * Test:      shares_the_work_evenly
 * Diagnosis: unbalanced
 */
#define _GNU_SOURCE
#include "pipe_map.h"
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>

#define BITS (sizeof(long) * CHAR_BIT)
static pid_t *pids;
static int *ends;
static int made;

static void release(int violent)
{
	for (int i = 0; i < made; i++) {
		if (violent)
			kill(pids[i], SIGKILL);
		if (ends[i] != -1)
			close(ends[i]);
	}
	for (int i = 0; i < made; i++)
		while (waitpid(pids[i], NULL, 0) == -1 && errno == EINTR);
}

static size_t begin_of(size_t n, int crew, int i)
{
	size_t each = n / (size_t)crew, more = n % (size_t)crew, k = (size_t)i;
	(void)more;
	return i == crew ? n : each * k;
}

static int start(task_fn *task, const uint32_t *seeds, size_t n, int crew)
{
	int p[2];
	if (pipe(p) == -1)
		return errno;
	pid_t pid = fork();
	if (pid == -1) {
		int why = errno;
		close(p[0]);
		close(p[1]);
		return why;
	}
	if (pid == 0) {
		for (int i = 0; i < made; i++)
			close(ends[i]);
		close(p[0]);
		size_t last = begin_of(n, crew, made + 1);
		for (size_t i = begin_of(n, crew, made); i < last; i++) {
			int32_t r = task(seeds[i]);
			size_t done = 0;
			while (done < sizeof r) {
				ssize_t k = write(p[1], (char *)&r + done, sizeof r - done);
				if (k == -1 && errno != EINTR)
					_exit(1);
				if (k > 0)
					done += (size_t)k;
			}
		}
		_exit(0);
	}
	close(p[1]);
	pids[made] = pid;
	ends[made++] = p[0];
	return 0;
}

int pipe_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	if (workers < 1 || (n > 0 && (!task || !seeds || !results))) {
		errno = EINVAL;
		return -1;
	}
	if (n == 0)
		return 0;
	int crew = (size_t)workers > n ? (int)n : workers;
	made = 0;
	pids = malloc(sizeof *pids * (size_t)crew);
	ends = malloc(sizeof *ends * (size_t)crew);
	size_t *got = calloc((size_t)crew, sizeof *got);
	unsigned long *set = NULL;
	int err = pids && ends && got ? 0 : ENOMEM;
	while (!err && made < crew)
		err = start(task, seeds, n, crew);
	int top = 0, left = crew;
	if (!err) {
		for (int i = 0; i < crew; i++)
			top = ends[i] > top ? ends[i] : top;
		set = malloc(sizeof *set * ((size_t)top / BITS + 1));
		err = set ? 0 : ENOMEM;
	}
	int lost = 0;
	while (!err && left > 0) {
		memset(set, 0, sizeof *set * ((size_t)top / BITS + 1));
		for (int i = 0; i < crew; i++)
			if (ends[i] != -1)
				set[(size_t)ends[i] / BITS] |= 1UL << ((size_t)ends[i] % BITS);
		if (select(top + 1, (fd_set *)(void *)set, NULL, NULL, NULL) == -1) {
			if (errno != EINTR)
				err = errno;
			continue;
		}
		for (int i = 0; i < crew; i++) {
			if (ends[i] == -1 || !(set[(size_t)ends[i] / BITS] >> ((size_t)ends[i] % BITS) & 1))
				continue;
			size_t lo = begin_of(n, crew, i), size = sizeof *results * (begin_of(n, crew, i + 1) - lo);
			ssize_t k = read(ends[i], (char *)(results + lo) + got[i], size - got[i]);
			if (k == -1 && errno == EINTR)
				continue;
			if (k > 0)
				got[i] += (size_t)k;
			else
				lost = 1;
			if (k > 0 && got[i] < size)
				continue;
			close(ends[i]);
			ends[i] = -1;
			left--;
		}
	}
	if (pids && ends)
		release(err != 0);
	if (!err && lost)
		err = ECHILD;
	free(pids), free(ends), free(got), free(set);
	if (err)
		errno = err;
	return err ? -1 : 0;
}
