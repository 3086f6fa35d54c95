/* Three ways take turns: see contest.h. */
#define _GNU_SOURCE
#include "contest.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "cpus.h"
#include "crossing.h"
#include "estimate.h"
#include "reference.h"

enum { SERIAL, STUDENT, BARE, WAYS };

enum { TRIALS = 9, SMALLEST = 1 << 12, START_COSTS = 40 };

static const double large_seconds = 0.120; /* nor shall a serial run take much longer than this */

/* In the caller's process. */
static struct {
	struct contest *contest;
	way_fn *student;
	void *context;
	uint32_t *seeds;
	int32_t *expected, *own; /* results: serially, and by the student's code */
	int32_t *shared;         /* and by bare forks */
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

static void map_slice(size_t first, size_t end, int32_t *results)
{
	for (size_t i = first; i < end; i++)
		results[i] = reference_square(game.seeds[i]);
}

/* The least that a map in several processes does: fork, work, wait. */
static void map_bare(size_t n)
{
	size_t workers = (size_t)game.contest->workers, started = 0;
	pid_t pids[CONTEST_WORKERS_MOST];
	for (; started < workers; started++) {
		pids[started] = fork();
		if (pids[started] == -1) {
			game.contest->kit_error = errno;
			break;
		}
		if (pids[started] == 0) {
			map_slice(n * started / workers, n * (started + 1) / workers, game.shared);
			_exit(0);
		}
	}
	for (size_t i = 0; i < started; i++)
		while (waitpid(pids[i], NULL, 0) == -1 && errno == EINTR)
			;
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
		map_slice(0, n, game.expected);
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
		if (order[i] == STUDENT) /* should it have moved its caller to one CPU */
			sched_setaffinity(0, sizeof game.cpus, &game.cpus);
	}
	compare(n);
}

/* CPU time of this process and of all children that it has waited for. */
static double own_cpu(void)
{
	return clock_process_cpu() + clock_children_cpu();
}

struct mark {
	double wall, own;
	struct cpus_use use;
};

static struct mark mark_now(void)
{
	return (struct mark){ .wall = clock_wall(), .own = own_cpu(), .use = cpus_use() };
}

/* What happened on the CPUs since then. Where there are more of them than workers, it
 * counts for as many as there are workers: what is judged is the share of the CPUs. */
static void since(const struct mark *before, double *wall, double *others, double *stolen)
{
	struct mark now = mark_now();
	double part = fmin(1, (double)game.contest->workers / cpus_allowed());
	*wall += now.wall - before->wall;
	*others += part * ((now.use.busy - before->use.busy) - (now.own - before->own));
	*stolen += part * (now.use.stolen - before->use.stolen);
}

/* --- the measurements ------------------------------------------------------------ */

/* What others do makes starts longer, never shorter, and with them the bound of the
 * crossover. So of two measurements the one with the shorter starts counts. */
static void measure_costs(struct contest *c)
{
	double start[TRIALS], task[TRIALS];
	for (int i = 0; i < TRIALS && !ended(); i++) {
		size_t n = SMALLEST / 4;
		new_seeds(n);
		start[i] = timed(BARE, 0);
		task[i] = timed(SERIAL, n) / (double)n;
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
 * run has a chance to go undisturbed where others run, too. 2^k or 3 * 2^k. */
static size_t large_size(const struct contest *c)
{
	double seconds = fmin(START_COSTS * c->least_start_seconds * c->workers, large_seconds);
	size_t size = SMALLEST;
	while (size < CONTEST_LARGEST && (double)size * c->task_seconds < seconds)
		size = size % 3 == 0 ? size / 3 * 4 : size / 2 * 3;
	return size;
}

static void play_rounds(struct contest *c)
{
	double seconds[WAYS] = { 0 };
	c->n = large_size(c);
	take_turns(c->n, seconds, &seconds[SERIAL]); /* the first touch of the memory is no round's */
	do {
		struct round round = { 0 };
		struct mark before = mark_now();
		take_turns(c->n, seconds, &round.serial_cpu);
		if (ended())
			return;
		since(&before, &round.wall, &round.others, &round.stolen);
		round.serial = seconds[SERIAL];
		round.student = seconds[STUDENT];
		round.bare = seconds[BARE];
		c->round[c->rounds++] = round;
	} while (rounds_judge(c->round, c->rounds, c->workers).state == ROUNDS_GO_ON);
}

double contest_pays_from(const struct contest *contest)
{
	double p = contest->workers;
	return p < 2 ? INFINITY : contest->start_seconds * p / (contest->task_seconds * (p - 1));
}

void contest_choose_sizes(struct contest *contest)
{
	double n = fmax(contest_pays_from(contest) / 8, 2);
	for (size_t i = 0; i < CONTEST_SIZES; i++, n *= 2)
		contest->size[i] = n > CONTEST_LARGEST ? CONTEST_LARGEST + i : (size_t)n;
}

static void play_sizes(struct contest *c)
{
	measure_costs(c); /* once more: these minutes may not be those of the rounds */
	contest_choose_sizes(c);
	while (!ended() && crossing_wants_more(c)) {
		struct mark before = mark_now();
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
		since(&before, &c->wall, &c->others, &c->stolen);
		c->size_rounds++;
	}
}

static void run_all(struct contest *c)
{
	measure_costs(c);
	if (!ended())
		play_rounds(c);
	if (!ended() && rounds_judge(c->round, c->rounds, c->workers).state == ROUNDS_FASTER)
		play_sizes(c);
}

void contest_run(struct contest *contest, way_fn *student, void *context)
{
	size_t room = CONTEST_LARGEST + CONTEST_SIZES;
	game.contest = contest;
	game.student = student;
	game.context = context;
	game.random = contest->seed | 1;
	sched_getaffinity(0, sizeof game.cpus, &game.cpus);
	game.seeds = calloc(room, sizeof *game.seeds);
	game.expected = calloc(room, sizeof *game.expected);
	game.own = calloc(room, sizeof *game.own);
	game.shared = mmap(NULL, room * sizeof *game.shared, PROT_READ | PROT_WRITE,
	                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (game.seeds == NULL || game.expected == NULL || game.own == NULL ||
	    game.shared == MAP_FAILED)
		contest->kit_error = ENOMEM;
	else
		run_all(contest);
	free(game.seeds);
	free(game.expected);
	free(game.own);
	if (game.shared != MAP_FAILED)
		munmap(game.shared, room * sizeof *game.shared);
}
