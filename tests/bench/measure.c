/* The rounds: see measure.h.
 *
 * A round goes through the sizes, and at each size all ways take a turn, in a random
 * order. A turn begins when everybody else is asleep: OpenMP's threads look for work for
 * some milliseconds after a loop, and would take a CPU from whoever comes next. Then the
 * way is warmed up, called some times, and each call is timed; the median counts. Results
 * are compared with those of the reference outside the time.
 */
#define _GNU_SOURCE
#include "measure.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "ceiling.h"
#include "clock.h"
#include "number.h"
#include "plan.h"
#include "reference.h"

enum { WARM_UPS = 3, WARM_TASKS = 1000, CALLS_MOST = 64, BAR_WIDTH = 40 };
enum { FEW_CALLS_FROM = 1000, ONE_CALL_FROM = 5000, SLOW_FROM = 100000 }; /* tasks */
enum { SLOW_ROUNDS = 3 }; /* of Python at sizes beyond SLOW_FROM */
enum { APPLIES = 50, CEILING_FROM = 100000, NAPS_MOST = 50, TURN_COSTS_TASKS = 20000 };

#define NAP_SECONDS 1e-3
#define AWAKE_SECONDS 0.1e-3 /* of CPU time in a nap: somebody still looks for work */

static int32_t *expected; /* of seeds 0 to the largest size */

/* --- memory ------------------------------------------------------------------------ */

/* What is shared costs a later fork nothing, what is private does: large private arrays
 * are there only while their size is measured. */
static void *memory(size_t size, int sharing)
{
	void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS, -1, 0);
	if (pages == MAP_FAILED)
		bench_fail("no memory: %s", strerror(errno));
	return pages;
}

static void compute_expected(size_t n)
{
	expected = memory(n * sizeof *expected, MAP_SHARED);
	for (size_t i = 0; i < n; i++)
		expected[i] = reference_square((uint32_t)i);
}

static uint64_t expected_sum(size_t n)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += (uint64_t)expected[i];
	return sum;
}

static struct job job_make(size_t n, int workers)
{
	uint32_t *seeds = memory(n * sizeof *seeds, MAP_PRIVATE);
	for (size_t i = 0; i < n; i++)
		seeds[i] = (uint32_t)i;
	return (struct job){ .seeds = seeds, .n = n, .workers = workers,
		                 .results = memory(n * sizeof(int32_t), MAP_PRIVATE),
		                 .shared = memory(n * sizeof(int32_t), MAP_SHARED) };
}

static void job_release(const struct job *job)
{
	munmap((void *)job->seeds, job->n * sizeof *job->seeds);
	munmap(job->results, job->n * sizeof *job->results);
	munmap(job->shared, job->n * sizeof *job->shared);
}

/* --- a turn ----------------------------------------------------------------------- */

static void nap(double seconds)
{
	struct timespec left = { .tv_nsec = (long)(seconds * 1e9) };
	while (nanosleep(&left, &left) == -1 && errno == EINTR)
		;
}

/* Until this program's threads are asleep; pools of processes need less than a nap. */
static void settle(void)
{
	for (int naps = 0; naps < NAPS_MOST; naps++) {
		double before = clock_process_cpu();
		nap(NAP_SECONDS);
		if (clock_process_cpu() - before < AWAKE_SECONDS)
			return;
	}
}

static void call(const struct way *way, const struct job *job)
{
	if (way->map(job) != 0)
		bench_fail("%s failed at n = %zu: %s", way->name, job->n, strerror(errno));
}

static double timed_call(const struct way *way, const struct job *job)
{
	if (way->idle_seconds > 0)
		nap(way->idle_seconds);
	double start = clock_wall();
	call(way, job);
	return clock_wall() - start;
}

static void check_results(const struct way *way, const struct job *job)
{
	for (size_t i = 0; i < job->n; i++)
		if (job->results[i] != expected[i])
			bench_fail("wrong result of %s at n = %zu: results[%zu] is %d, expected %d", way->name,
			           job->n, i, job->results[i], expected[i]);
}

static int calls_of(const struct way *way, size_t n)
{
	int most = n > ONE_CALL_FROM ? 1 : n > FEW_CALLS_FROM ? 3 : CALLS_MOST;
	return way->calls < most ? way->calls : most;
}

static double turn(const struct way *way, const struct job *job)
{
	double seconds[CALLS_MOST];
	int calls = calls_of(way, job->n);
	struct job small = *job;
	settle();
	if (way->map == NULL)
		return python_seconds(way->ask, job->n, calls, expected_sum(job->n));
	small.n = job->n < WARM_TASKS ? job->n : WARM_TASKS;
	for (int i = 0; i < WARM_UPS; i++)
		call(way, &small);
	memset(job->results, -1, job->n * sizeof *job->results);
	memset(job->shared, -1, job->n * sizeof *job->shared);
	for (int i = 0; i < calls; i++)
		seconds[i] = timed_call(way, job);
	check_results(way, job);
	return median_of(seconds, (size_t)calls);
}

/* --- rounds ----------------------------------------------------------------------- */

/* All ways at one size; a column of the figure. */
static void measure_size(struct figure *f, const struct way *const ways[], int size,
                         unsigned *random)
{
	int order[WAYS_MOST], round = f->rounds[size]++;
	struct job job = job_make(f->n[size], f->workers);
	plan_order(order, f->ways, random);
	for (int i = 0; i < f->ways; i++) {
		const struct way *way = ways[order[i]];
		bool left_out = way->map == NULL && job.n > SLOW_FROM && round >= SLOW_ROUNDS;
		f->seconds[size][order[i]][round] = left_out ? NAN : turn(way, &job);
	}
	job_release(&job);
}

/* What a round measures once: the costs that do not depend on n. */
static void measure_costs(struct costs *costs)
{
	double apply[APPLIES];
	settle();
	costs->create_and_close[costs->rounds] = ways_create_and_close();
	for (int i = 0; i < WARM_UPS; i++)
		ways_apply();
	for (int i = 0; i < APPLIES; i++)
		apply[i] = ways_apply();
	costs->apply[costs->rounds++] = median_of(apply, APPLIES);
}

static void show_progress(double done)
{
	static const char bar[] = "########################################";
	int width = (int)(done * BAR_WIDTH);
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r[%-*.*s] %3.0f%%", BAR_WIDTH, width, bar, done * 100);
}

static double work_of(size_t n)
{
	return (double)(n + TURN_COSTS_TASKS);
}

static double work_of_all(const struct figure *f, int rounds)
{
	double work = 0;
	for (int i = 0; i < f->sizes; i++)
		work += work_of(f->n[i]) * plan_rounds(f->n[i], rounds);
	return work;
}

static void measure_round(struct figure *f, struct costs *costs, const struct way *const ways[],
                          int round, int rounds)
{
	static unsigned random = 20261u;
	static double done;
	measure_costs(costs);
	for (int size = 0; size < f->sizes; size++) {
		if (!plan_in_round(f->n[size], round, rounds))
			continue;
		if (size == f->sizes - 1 && f->n[size] >= CEILING_FROM) {
			settle();
			costs->ceiling[costs->ceilings++] = ceiling_measure(f->workers);
		}
		measure_size(f, ways, size, &random);
		done += work_of(f->n[size]);
		show_progress(done / work_of_all(f, rounds));
	}
}

void measure_all(struct figure *f, struct costs *costs, const struct way *const ways[], size_t max,
                 int rounds)
{
	f->sizes = plan_sizes(max, f->n);
	compute_expected(max);
	for (int round = 0; round < rounds; round++)
		measure_round(f, costs, ways, round, rounds);
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%*s\r", BAR_WIDTH + 10, "");
}
