/* Lab 04: what does it cost to count one result?
 *
 * The same work is done by the student's histogram and, turn by turn, by one of the
 * kit's with bins of each worker's own. Compared is CPU time per task, with all
 * workers on one CPU: there it does not depend on how far apart the CPUs are, nor
 * on what the neighbours do. Measured were 1.6 to 2.5 times as much for most correct
 * ways, with an atomic addition for every task among them, and 5 times and more for a
 * lock. Who brings every single result through memory pays for its pages, up to 12
 * times, and takes no lock: so the locks that were taken are counted, too.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared.h"
#include "sharing.h"

enum { TASKS = 6000000, WORKERS = 6, BINS = 4, ROUNDS = 5 };

static const double most_times = 2.75; /* what the kit's takes, if most tasks took a lock */
static const double far_too_much = 40; /* if none did: calls of the kernel for every task? */

struct scaling {
	double own[ROUNDS], kit[ROUNDS]; /* seconds of CPU time */
	uint64_t bins[BINS];
	bool kit_failed;
};

typedef int histogram_fn(task_fn *, const uint32_t *, size_t, int, uint64_t[], size_t);

static int32_t cheap_task(uint32_t seed)
{
	return (int32_t)(seed % BINS);
}

/* --- in the caller ----------------------------------------------------------------- */

static void count_own(task_fn *task, const uint32_t *seeds, size_t n, uint64_t bins[])
{
	uint64_t own[BINS] = { 0 };
	for (size_t i = 0; i < n; i++) {
		int32_t result = task(seeds[i]);
		if (result >= 0 && result < BINS)
			own[result]++;
	}
	for (int bin = 0; bin < BINS; bin++)
		bins[bin] = own[bin];
}

static int kit_histogram(task_fn *task, const uint32_t *seeds, size_t n, int workers,
                         uint64_t bins[], size_t nbins)
{
	size_t share = n / (size_t)workers, size = (size_t)workers * nbins * sizeof *bins;
	uint64_t *rows = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (rows == MAP_FAILED)
		return -1;
	for (int rank = 0; rank < workers; rank++) {
		if (fork() == 0) {
			count_own(task, seeds + (size_t)rank * share, share, rows + (size_t)rank * nbins);
			_exit(0);
		}
	}
	while (wait(NULL) > 0 || errno == EINTR)
		;
	for (size_t i = 0; i < (size_t)workers * nbins; i++)
		bins[i % nbins] += rows[i];
	munmap(rows, size);
	return 0;
}

static double seconds_of(int who)
{
	struct rusage usage;
	getrusage(who, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

static double cpu_now(void)
{
	return seconds_of(RUSAGE_SELF) + seconds_of(RUSAGE_CHILDREN);
}

static void use_one_cpu(void)
{
	cpu_set_t set, one;
	if (sched_getaffinity(0, sizeof set, &set) != 0)
		return;
	for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &set)) {
			CPU_ZERO(&one);
			CPU_SET(cpu, &one);
			sched_setaffinity(0, sizeof one, &one);
			return;
		}
	}
}

static void call_both(void *arg)
{
	struct scaling *s = arg;
	histogram_fn *function = (histogram_fn *)plugin_function("shared_histogram");
	uint32_t *seeds = calloc(TASKS, sizeof *seeds);
	uint64_t own[BINS] = { 0 }, kit[BINS] = { 0 };
	for (size_t i = 0; seeds != NULL && i < TASKS; i++)
		seeds[i] = (uint32_t)i;
	use_one_cpu();
	for (int round = 0; seeds != NULL && round < ROUNDS; round++) {
		double start = cpu_now();
		s->kit_failed = kit_histogram(cheap_task, seeds, TASKS, WORKERS, kit, BINS) != 0;
		s->kit[round] = cpu_now() - start;
		call_begin();
		start = cpu_now();
		int value = function(cheap_task, seeds, TASKS, WORKERS, own, BINS);
		s->own[round] = cpu_now() - start;
		call_end(value);
	}
	for (int bin = 0; bin < BINS; bin++)
		s->bins[bin] = own[bin];
	free(seeds);
}

/* --- in the judge -------------------------------------------------------------------- */

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(const double values[ROUNDS])
{
	double sorted[ROUNDS];
	for (int i = 0; i < ROUNDS; i++)
		sorted[i] = values[i];
	qsort(sorted, ROUNDS, sizeof *sorted, ascending);
	return sorted[ROUNDS / 2];
}

static void judge_cost(struct test *t, const struct scaling *s)
{
	double ratio[ROUNDS];
	for (int bin = 0; bin < BINS; bin++)
		if (s->bins[bin] != TASKS / BINS)
			verdict_fail(&t->verdict, WRONG_RESULT, "See what histogram_loses_no_update says.",
			             "With %d tasks, bins[%d] is %llu. Expected: %d.", TASKS, bin,
			             (unsigned long long)s->bins[bin], TASKS / BINS);
	for (int i = 0; i < ROUNDS; i++)
		ratio[i] = s->own[i] / s->kit[i];
	bool locks = t->outcome.locks > (long)ROUNDS * TASKS / 10;
	double most = locks ? most_times : far_too_much;
	if (median(ratio) > most)
		verdict_fail(&t->verdict, NOT_FASTER,
		             "Let each worker count in bins of its own, which need no lock, and add them "
		             "up when it is done: one lock per worker, not per task.",
		             "With very short tasks, your histogram spent %.1f ns of CPU time on each%s; "
		             "with bins of each worker's own it takes %.1f ns here. Expected: at most %.1f "
		             "times that, and it is %.1f times.",
		             median(s->own) / TASKS * 1e9,
		             locks ? ", and nearly every task took a lock" : "",
		             median(s->kit) / TASKS * 1e9, most,
		             median(ratio));
}

void histogram_scales(struct test *t)
{
	struct scaling *s = shared_alloc(sizeof *s);
	struct call call = {
		.body = call_both,
		.arg = s,
		.text = "shared_histogram(task, seeds, 6000000, 6, bins, 4)",
		.limits = { .cpu_seconds = 20, .most_seconds = 40 },
	};
	test_call(t, &call);
	if (!judge_not_started(&t->verdict, &t->outcome, "shared_histogram") &&
	    judge_ending(&t->verdict, &call, &t->outcome)) {
		judge_refusal(&t->verdict, &t->outcome, call.text);
		if (s->kit_failed)
			verdict_set(&t->verdict, VERDICT_KIT_ERROR, "The kit's own histogram failed.");
		judge_cost(t, s);
	}
	shared_free(s, sizeof *s);
}
