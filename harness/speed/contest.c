/* Three ways take turns: see contest.h. */
#define _GNU_SOURCE
#include "contest.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "crossing.h"
#include "estimate.h"
#include "reference.h"
#include "usage.h"

enum { SERIAL, STUDENT, BARE, WAYS };

enum { TRIALS = 9, LITTLE_WORK = 128, START_COSTS = 40 };
enum { SMALLEST = 1 << 12, SMALLEST_WOKEN = 1 << 15 };
enum { ROOM = CONTEST_LARGEST + CONTEST_SIZES };

#define SHORTEST_SECONDS 1e-6 /* that a start takes, whatever the clocks say */

static const double large_seconds = 0.120; /* nor shall a serial run take much longer than this */

/* Rounds that take longer in all are given up, undecided: those of a way that is far slower
 * than the loop, on a machine that is not free. The call has 60 s of CPU time. */
static const double patience_seconds = 25;

static const double settle_seconds = 0.050; /* that a pool's workers have to fall asleep */

/* In the caller's process. */
static struct {
	struct contest *contest;
	way_fn *student;
	void *context;
	uint32_t *seeds;
	int32_t *expected, *own; /* results: serially, and by the student's code */
	bool prepared;
	uint32_t random;
	cpu_set_t cpus;          /* that this process may use */
} game;

static uint32_t next_random(void)
{
	game.random ^= game.random << 13; /* xorshift: Marsaglia, 2003 */
	game.random ^= game.random >> 17;
	game.random ^= game.random << 5;
	return game.random;
}

/* --- the three ways ----------------------------------------------------------- */

static void map_serial(size_t n)
{
	for (size_t i = 0; i < n; i++)
		game.expected[i] = reference_square(game.seeds[i]);
}

static void map_bare(size_t n)
{
	game.contest->kit_error = bare_map(game.seeds, n);
}

static void map_student(size_t n)
{
	errno = 0;
	int value = game.student(game.context, game.seeds, n, game.own, game.contest->workers);
	if (value == 0) {
		game.contest->calls++;
		return;
	}
	game.contest->value = value;
	game.contest->error = errno;
	game.contest->failed_n = n;
}

static double timed(int way, size_t n)
{
	double start = clock_wall();
	if (way == SERIAL)
		map_serial(n);
	else if (way == STUDENT)
		map_student(n);
	else
		map_bare(n);
	return clock_wall() - start;
}

/* --- one turn of each ---------------------------------------------------------- */

static bool ended(void)
{
	return game.contest->failed_n > 0 || game.contest->kit_error != 0;
}

/* Other seeds each time, so that nothing can be remembered. */
static void new_seeds(size_t n)
{
	uint32_t first = next_random();
	for (size_t i = 0; i < n; i++)
		game.seeds[i] = first + (uint32_t)i;
	memset(game.own, 0x5a, n * sizeof *game.own);
}

static void compare(size_t n)
{
	struct contest *c = game.contest;
	size_t first = n, wrong = 0;
	if (ended() || memcmp(game.own, game.expected, n * sizeof *game.own) == 0)
		return;
	for (size_t i = n; i-- > 0;) {
		if (game.own[i] != game.expected[i]) {
			first = i;
			wrong++;
		}
	}
	c->failed_n = n;
	c->wrong = wrong;
	c->wrong_index = first;
	c->got = game.own[first];
	c->expected = game.expected[first];
}

/* Should it have moved its caller to one CPU; and a pool's workers may look for work for
 * a while, on CPUs that are needed now. */
static void clean_up(void)
{
	sched_setaffinity(0, sizeof game.cpus, &game.cpus);
	if (game.contest->mechanism == BARE_WAKE)
		usage_settle(settle_seconds);
}

/* Each way once, in random order (Fisher and Yates), and whether results agree. */
static void take_turns(size_t n, double seconds[WAYS], double *serial_cpu)
{
	int order[WAYS] = { SERIAL, STUDENT, BARE };
	new_seeds(n);
	for (int i = WAYS - 1; i > 0; i--) {
		int j = (int)(next_random() % (uint32_t)(i + 1)), way = order[i];
		order[i] = order[j];
		order[j] = way;
	}
	for (int i = 0; i < WAYS && !ended(); i++) {
		double cpu = clock_thread_cpu();
		seconds[order[i]] = timed(order[i], n);
		if (order[i] == SERIAL)
			*serial_cpu = clock_thread_cpu() - cpu;
		if (order[i] == STUDENT)
			clean_up();
	}
	compare(n);
}

/* --- the measurements ------------------------------------------------------------ */

/* What others do makes starts longer, never shorter, and with them the bound of the
 * crossover. So of two measurements the one with the shorter starts counts.
 *
 * Sleepers get a little work, and their part of it is subtracted. With none at all they
 * may be woken one after the other on one CPU, and be done in less time than it takes to
 * have two CPUs work: as a bound that would be too little. */
static void measure_costs(struct contest *c)
{
	double start[TRIALS], task[TRIALS];
	size_t n = SMALLEST / 4, little = c->mechanism == BARE_WAKE ? LITTLE_WORK : 0;
	for (int i = 0; i < TRIALS && !ended(); i++) {
		new_seeds(n);
		double bare = timed(BARE, little);
		task[i] = timed(SERIAL, n) / (double)n;
		start[i] = fmax(bare - (double)little * task[i] / c->workers, SHORTEST_SECONDS);
	}
	if (ended())
		return;
	double middle = median_of(start, TRIALS);
	if (c->start_seconds > 0 && c->start_seconds < middle)
		return;
	c->start_seconds = middle;
	c->task_seconds = median_of(task, TRIALS);
	c->least_start_seconds = start[0];
	for (int i = 1; i < TRIALS; i++)
		c->least_start_seconds = fmin(c->least_start_seconds, start[i]);
}

/* So large that starting the processes costs a few percent; but not larger, so that a
 * run has a chance to go undisturbed where others run, too. 2^k or 3 * 2^k. Who is woken
 * on a CPU that another needs stays there for milliseconds, until the kernel moves it:
 * that must not count for much. */
static size_t large_size(const struct contest *c)
{
	double seconds = fmin(START_COSTS * c->least_start_seconds * c->workers, large_seconds);
	size_t size = c->mechanism == BARE_WAKE ? SMALLEST_WOKEN : SMALLEST;
	while (size < CONTEST_LARGEST && (double)size * c->task_seconds < seconds)
		size = size % 3 == 0 ? size / 3 * 4 : size / 2 * 3;
	return size;
}

static void play_rounds(struct contest *c)
{
	double seconds[WAYS] = { 0 }, start = clock_wall();
	c->n = large_size(c);
	take_turns(c->n, seconds, &seconds[SERIAL]); /* the first touch of the memory is no round's */
	do {
		struct round round = { 0 };
		struct usage_mark before = usage_now();
		take_turns(c->n, seconds, &round.serial_cpu);
		if (ended())
			return;
		usage_since(&before, c->workers, &round.wall, &round.others, &round.stolen);
		round.serial = seconds[SERIAL];
		round.student = seconds[STUDENT];
		round.bare = seconds[BARE];
		c->round[c->rounds++] = round;
	} while (rounds_judge(c->round, c->rounds, c->workers).state == ROUNDS_GO_ON &&
	         clock_wall() - start < patience_seconds);
}

double contest_pays_from(const struct contest *contest)
{
	double p = contest->workers;
	return p < 2 ? INFINITY : contest->start_seconds * p / (contest->task_seconds * (p - 1));
}

void contest_choose_sizes(struct contest *contest)
{
	double n = fmax(contest_pays_from(contest) * contest_slack(contest) / 32, 2);
	for (size_t i = 0; i < CONTEST_SIZES; i++, n *= 2)
		contest->size[i] = n > CONTEST_LARGEST ? CONTEST_LARGEST + i : (size_t)n;
}

static void play_sizes(struct contest *c)
{
	measure_costs(c); /* once more: these minutes may not be those of the rounds */
	contest_choose_sizes(c);
	while (!ended() && crossing_wants_more(c)) {
		struct usage_mark before = usage_now();
		size_t round = c->size_rounds;
		for (int i = 0; i < CONTEST_SIZES; i++) {
			double seconds[WAYS] = { 0 }, cpu;
			take_turns(c->size[i], seconds, &cpu);
			if (ended())
				return;
			c->serial[i][round] = seconds[SERIAL];
			c->student[i][round] = seconds[STUDENT];
			c->bare[i][round] = seconds[BARE];
		}
		usage_since(&before, c->workers, &c->wall, &c->others, &c->stolen);
		c->size_rounds++;
	}
}

static void run_all(struct contest *c)
{
	if (!ended())
		measure_costs(c);
	if (!ended())
		play_rounds(c);
	if (!ended() && rounds_judge(c->round, c->rounds, c->workers).state == ROUNDS_FASTER)
		play_sizes(c);
}

void contest_prepare(struct contest *contest)
{
	game.contest = contest;
	game.prepared = true;
	contest->kit_error = bare_start(contest->mechanism, contest->workers, ROOM);
	game.seeds = calloc(ROOM, sizeof *game.seeds);
	game.expected = calloc(ROOM, sizeof *game.expected);
	game.own = calloc(ROOM, sizeof *game.own);
	if (game.seeds == NULL || game.expected == NULL || game.own == NULL)
		contest->kit_error = ENOMEM;
}

void contest_run(struct contest *contest, way_fn *student, void *context)
{
	if (!game.prepared)
		contest_prepare(contest);
	game.prepared = false;
	game.student = student;
	game.context = context;
	game.random = contest->seed | 1;
	sched_getaffinity(0, sizeof game.cpus, &game.cpus);
	run_all(contest);
	bare_end();
	free(game.seeds);
	free(game.expected);
	free(game.own);
}
