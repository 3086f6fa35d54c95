/* The task that the maps are given: see map.h. It runs in the workers. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "map.h"
#include "map_shared.h"
#include "reference.h"

struct map *the_map;

/* Seeds go up in steps of an odd number, which has an inverse modulo 2^32. */
#define STEP 7919u
#define STEP_INVERSE 1189400591u

uint32_t map_seed(const struct map *map, size_t index)
{
	return map->first_seed + STEP * (uint32_t)index;
}

static size_t index_of(const struct map *map, uint32_t seed)
{
	return (size_t)((seed - map->first_seed) * STEP_INVERSE);
}

int32_t map_value(const struct map *map, size_t index)
{
	static const int32_t special[] = { -1, INT32_MIN, 0, INT32_MAX };
	if (map->plan.has_odd && index == map->plan.odd_index)
		return map->plan.odd_value;
	if (map->plan.values == VALUES_SQUARES)
		return reference_square(map_seed(map, index));
	if (map->plan.values == VALUES_CHEAP)
		return (int32_t)(index % (map->plan.nbins > 0 ? map->plan.nbins : 3));
	if (index < sizeof special / sizeof *special)
		return special[index];
	uint32_t x = map_seed(map, index) * 2654435761u; /* Knuth's multiplicative hash */
	return (int32_t)(x ^ (x >> 15));
}

/* --- what befalls a worker ----------------------------------------------------- */

static void die(const struct map *map)
{
	if (map->plan.death == DEATH_BY_SIGNAL)
		kill(getpid(), SIGKILL);
	if (map->plan.death == DEATH_BY_EXIT)
		_exit(0);
}

/* Wake-ups come one after the other. Those who meet once more while they run, in a
 * loop, go on within nanoseconds: then two of them do the next thing at the same
 * time on two CPUs. All will come, because all have met; but perhaps not soon, if
 * there are more of them than CPUs. */
static void go_on_at_once(struct map *map)
{
	enum { PATIENCE = 20000 };
	atomic_fetch_add(&map->at_the_start, 1);
	for (int looks = 0; atomic_load(&map->at_the_start) < map->meeting.expected; looks++)
		if (looks > PATIENCE)
			sched_yield();
}

/* From now on this worker is stopped now and then, wherever it is: between a load and
 * the store that goes with it, above all, if it has such. Others go on meanwhile. */
enum { STOPS = 400, STOP_US = 60, STOP_EVERY_US = 60 };

static volatile sig_atomic_t stops_left;
static unsigned stop_random;

static void stop_again(void)
{
	stop_random = stop_random * 1103515245u + 12345u; /* as in the C standard's rand */
	struct itimerval soon = { .it_value.tv_usec = 1 + (stop_random >> 16) % STOP_EVERY_US };
	if (stops_left-- > 0)
		setitimer(ITIMER_REAL, &soon, NULL);
}

static void stop(int signal)
{
	int error = errno;
	struct timespec a_while = { .tv_nsec = STOP_US * 1000 };
	(void)signal;
	nanosleep(&a_while, NULL);
	stop_again();
	errno = error;
}

static void begin_stops(void)
{
	struct sigaction action = { .sa_handler = stop, .sa_flags = SA_RESTART };
	stop_random = (unsigned)getpid() * 2654435761u;
	stops_left = STOPS;
	sigaction(SIGALRM, &action, NULL);
	stop_again();
}

/* Work of a kind that the compiler cannot leave out. */
static void burn(struct map_process *self, int numbers)
{
	volatile int32_t square;
	double start = clock_thread_cpu();
	for (int i = 0; i < numbers; i++)
		square = reference_square((uint32_t)i);
	(void)square;
	self->cpu_seconds += clock_thread_cpu() - start;
}

static void do_work(struct map *map, struct map_process *self, size_t index)
{
	const struct map_plan *plan = &map->plan;
	size_t number = atomic_fetch_add(&self->tasks, 1) + 1;
	if (plan->meet_at > 0 && number == plan->meet_at && rendezvous_meet(&map->meeting) &&
	    plan->at_once) {
		go_on_at_once(map);
		if (plan->stops)
			begin_stops();
	}
	if (plan->simulated)
		workload_run(&map->load, (unsigned)(self - map->process), index < plan->heavy ? 100 : 1);
	if (plan->burn > 0)
		burn(self, plan->burn);
	if (plan->death != NO_DEATH && index == plan->death_index)
		die(map);
}

/* Not inlined: what it needs is not to be saved and brought back step by step. */
__attribute__((noinline))
static int32_t run_task(struct map *map, uint32_t seed, const void *called_from)
{
	size_t index = index_of(map, seed);
	if (index >= map->plan.n) {
		atomic_fetch_add(&map->strangers, 1);
		return 0;
	}
	if (atomic_fetch_add(&map->times[index], 1) == UCHAR_MAX)
		atomic_store(&map->times[index], UCHAR_MAX);
	struct map_self *self = map_self(map);
	if (self->pid == map->caller)
		atomic_fetch_add(&map->in_caller, 1); /* nothing is to happen to the caller */
	else if (self->process != NULL)
		do_work(map, self->process, index);
	int32_t value = map_value(map, index);
	map_steps_next(self, &map->plan, called_from);
	return value;
}

int32_t map_task(uint32_t seed)
{
	if (map_stepping)
		map_trap(false);
	int32_t value = run_task(the_map, seed, __builtin_return_address(0));
	if (map_stepping)
		map_trap(true);
	return value;
}
