/* Unusual:   each result goes through shared memory in a cell of its own, with no lock
 *            for it, and the caller counts; memory is all that this costs.
 */
#define _GNU_SOURCE
#include "shared_map.h"
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* all in one shared mapping: also the pids, which only the caller uses */
struct arena {
	size_t bytes, next, strays;
	pthread_spinlock_t spin;
	struct cell { int32_t value; unsigned char ready; } *cell;
	uint64_t *bins;
	pid_t *pids;
	int hands;
};

static size_t up(size_t x) { return (x + 63) & ~(size_t)63; }

static struct arena *build(size_t n, size_t nbins, int hands)
{
	size_t a = up(sizeof(struct arena)), b = up((size_t)hands * sizeof(pid_t)), c = up(n * sizeof(struct cell));
	size_t all = a + b + c + up(nbins * sizeof(uint64_t));
	char *base = mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (base == MAP_FAILED)
		return NULL;
	struct arena *x = (void *)base;
	*x = (struct arena){.bytes = all, .hands = hands, .pids = (void *)(base + a), .cell = (void *)(base + a + b), .bins = (void *)(base + a + b + c)};
	pthread_spin_init(&x->spin, PTHREAD_PROCESS_SHARED);
	return x;
}

static int crew_rank(struct arena *x, int *error)
{
	int i = 0;
	*error = 0;
	while (i < x->hands) {
		pid_t pid = fork();
		if (pid == 0)
			return i;
		if (pid < 0) {
			*error = errno;
			break;
		}
		x->pids[i++] = pid;
	}
	while (i-- > 0) {
		if (*error)
			kill(x->pids[i], SIGKILL);
		siginfo_t si;
		while (waitid(P_PID, (id_t)x->pids[i], &si, WEXITED) < 0 && errno == EINTR)
			;
	}
	return -1;
}

static int bye(struct arena *x, int e)
{
	munmap(x, x->bytes);
	return e ? (errno = e, -1) : 0;
}

static void step(struct arena *x, task_fn *task, const uint32_t *seeds, size_t i)
{
	x->cell[i].value = task(seeds[i]);
	x->cell[i].ready = 1;
}

static int pick_up(struct arena *x, int e, size_t n, int32_t *results)
{
	for (size_t i = 0; i < n && !e; i++) {
		if (!x->cell[i].ready)
			e = ECHILD;
		if (results)
			results[i] = x->cell[i].value;
	}
	return e;
}

int shared_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	if (workers < 1 || (n && (!task || !seeds || !results)))
		return errno = EINVAL, -1;
	if (!n)
		return 0;
	struct arena *x = build(n, 0, (size_t)workers < n ? workers : (int)n);
	if (!x)
		return -1;
	int e, r = crew_rank(x, &e);
	if (r >= 0) { /* from the end to the beginning */
		for (size_t i = n - (size_t)r; i > 0; i = i > (size_t)x->hands ? i - (size_t)x->hands : 0)
			step(x, task, seeds, i - 1);
		_exit(0);
	}
	return bye(x, pick_up(x, e, n, results));
}

int shared_map_dynamic(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
                       int workers, size_t chunk)
{
	if (workers < 1 || !chunk || (n && (!task || !seeds || !results)))
		return errno = EINVAL, -1;
	if (!n)
		return 0;
	struct arena *x = build(n, 0, (size_t)workers < n ? workers : (int)n);
	if (!x)
		return -1;
	int e, r = crew_rank(x, &e);
	if (r >= 0)
		for (;;) {
			while (pthread_spin_trylock(&x->spin))
				sched_yield();
			size_t i = x->next, k = n - i < chunk ? n - i : chunk;
			x->next = i + k;
			pthread_spin_unlock(&x->spin);
			if (!k)
				_exit(0);
			for (; k--; i++)
				step(x, task, seeds, i);
		}
	return bye(x, pick_up(x, e, n, results));
}

int shared_histogram(task_fn *task, const uint32_t *seeds, size_t n, int workers, uint64_t bins[],
                     size_t nbins)
{
	if (workers < 1 || (nbins && !bins) || (n && (!task || !seeds)))
		return errno = EINVAL, -1;
	if (!n) {
		if (nbins)
			memset(bins, 0, nbins * sizeof *bins);
		return 0;
	}
	/* the workers only compute, each to its own cells; the caller counts */
	struct arena *x = build(n, nbins, (size_t)workers < n ? workers : (int)n);
	if (!x)
		return -1;
	int e, r = crew_rank(x, &e);
	if (r >= 0) {
		for (size_t i = (size_t)r; i < n; i += (size_t)x->hands)
			step(x, task, seeds, i);
		_exit(0);
	}
	e = pick_up(x, e, n, NULL);
	for (size_t i = 0; i < n && !e; i++)
		if (x->cell[i].value < 0 || (size_t)x->cell[i].value >= nbins)
			e = ERANGE;
		else
			x->bins[x->cell[i].value]++;
	if (!e && nbins)
		memcpy(bins, x->bins, nbins * sizeof *bins);
	return bye(x, e);
}
