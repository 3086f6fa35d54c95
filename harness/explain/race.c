/* Watchpoints in shared memory, in the processes of a call: see race.h. */
#define _GNU_SOURCE
#include "race.h"

#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "desk.h"
#include "regions.h"
#include "shared.h"

enum { WATCH_FREE, WATCH_TAKEN, WATCH_SET, WATCH_MET, WATCH_NOTED };
enum {
	PLACES = 256,      /* of the code, hashed */
	ALWAYS = 6,        /* the first so many accesses from a place are held up, later ones rarely */
	HOLDS_MOST = 500,  /* in one thread */
	PATIENCE = 1000,
	HOLD_US = 30, HOLD_LONG_US = 250, LONG_ONE_IN = 6,
	RUNS_DENSE_ONE_IN = 4, SPARSE_ONE_IN = 4, HOLD_SPARSE_US = 500,
	OTHERS_MOST = 24, OTHERS_STEPS = 12, OTHERS_ONE_IN = 12, LINGER_ONE_IN = 2
};

struct race_log *the_race;

static _Thread_local struct {
	pid_t tid;
	uint32_t random;
	int holds;
	bool lingers; /* when its atomic access is made */
} self;
static uint16_t seen[PLACES]; /* how often an access came from there; a child goes on counting */
static _Thread_local bool inside; /* a hook: what it calls is not to be looked at */

static uint32_t next_random(void)
{
	self.random ^= self.random << 13; /* xorshift: Marsaglia, 2003 */
	self.random ^= self.random >> 17;
	self.random ^= self.random << 5;
	return self.random;
}

/* Each has random numbers of its own, that depend on the seed and on how many came before. */
static void know_self(void)
{
	if (self.tid != 0)
		return;
	self.tid = (pid_t)syscall(SYS_gettid);
	uint32_t number = atomic_fetch_add(&the_race->threads, 1);
	self.random = (the_race->seed ^ (number * 2654435761u)) | 1; /* Knuth's hash */
	self.holds = 0;
}

static void forget_self(void)
{
	self.tid = 0;
}

/* --- who comes to a watch ------------------------------------------------------------- */

static bool conflict(const struct race_access *held, const struct race_access *now)
{
	return held->tid != now->tid && (held->writes || now->writes) &&
	       held->place < now->place + now->bytes && now->place < held->place + held->bytes;
}

/* The entry of a watch may change while it is read, if that watch ends and another
 * begins: then the exchange may hit the new one, and what is noted is looked at once more
 * by its owner. */
static void look_at_watches(const struct race_access *now)
{
	if (atomic_load(&the_race->watching) == 0)
		return;
	for (int i = 0; i < RACE_WATCHES; i++) {
		struct race_watch *watch = &the_race->watch[i];
		unsigned set = WATCH_SET;
		if (atomic_load(&watch->state) != WATCH_SET || !conflict(&watch->held, now))
			continue;
		if (!atomic_compare_exchange_strong(&watch->state, &set, WATCH_MET))
			continue;
		watch->other = *now;
		atomic_store(&watch->state, WATCH_NOTED);
	}
}

/* --- who sets one ------------------------------------------------------------------------- */

/* Whoever is held up at each step comes too late for another who is held up at one. So in
 * most runs few places of the code hold anybody up, others for each seed, but longer. */
static bool is_sparse(void)
{
	return the_race->seed / 6 % RUNS_DENSE_ONE_IN != 0;
}

static bool lets_pass(uintptr_t offset)
{
	uint32_t mixed = ((uint32_t)offset ^ the_race->seed) * 2654435761u;
	mixed = (mixed ^ mixed >> 15) * 2654435761u;
	return is_sparse() && (mixed >> 16) % SPARSE_ONE_IN != 0;
}

static unsigned choose_hold(void)
{
	if (is_sparse())
		return HOLD_SPARSE_US;
	return next_random() % LONG_ONE_IN == 0 ? HOLD_LONG_US : HOLD_US;
}

static struct race_watch *take_watch(void)
{
	for (int i = 0; i < RACE_WATCHES; i++) {
		unsigned free = WATCH_FREE;
		if (atomic_compare_exchange_strong(&the_race->watch[i].state, &free, WATCH_TAKEN))
			return &the_race->watch[i];
	}
	return NULL;
}

static void hold_up(unsigned most_us)
{
	struct timespec time = { .tv_nsec = 1000L * (1 + next_random() % most_us) };
	nanosleep(&time, NULL);
}

/* Until others have made some accesses, which may be late where the CPUs are busy, or
 * somebody has come to this watch (NULL: there is none). */
static void hold_up_for_others(const struct race_watch *watch)
{
	unsigned long some = atomic_load(&the_race->accesses) + 1 + next_random() % OTHERS_MOST;
	for (int i = 0; i < OTHERS_STEPS && atomic_load(&the_race->accesses) < some; i++) {
		hold_up(HOLD_LONG_US);
		if (watch != NULL && atomic_load(&watch->state) != WATCH_SET)
			break;
	}
}

static void note(const struct race_access *first, const struct race_access *second)
{
	int index = atomic_fetch_add(&the_race->races, 1);
	if (index < RACES_KEPT)
		the_race->race[index] = (struct race_report){ *first, *second };
}

/* Whoever dies meanwhile leaves a watch behind that nobody reports: rightly, because its
 * access was never made. */
static void hold(const struct race_access *now)
{
	struct race_watch *watch = take_watch();
	unsigned set = WATCH_SET;
	if (watch == NULL)
		return;
	watch->held = *now;
	atomic_store(&watch->state, WATCH_SET);
	atomic_fetch_add(&the_race->watching, 1);
	atomic_fetch_add_explicit(&the_race->held, 1, memory_order_relaxed);
	if (next_random() % OTHERS_ONE_IN == 0)
		hold_up_for_others(watch);
	else
		hold_up(choose_hold());
	atomic_fetch_sub(&the_race->watching, 1);
	if (!atomic_compare_exchange_strong(&watch->state, &set, WATCH_FREE)) {
		for (int i = 0; i < PATIENCE && atomic_load(&watch->state) != WATCH_NOTED; i++)
			hold_up(HOLD_US); /* for a few instructions of the other's, if it lives */
		if (atomic_load(&watch->state) == WATCH_NOTED && conflict(now, &watch->other))
			note(now, &watch->other);
		atomic_store(&watch->state, WATCH_FREE);
	}
}

static bool is_to_be_held(uintptr_t offset)
{
	uint16_t *count = &seen[(offset * 2654435761u >> 8) % PLACES];
	if (self.holds >= HOLDS_MOST || lets_pass(offset))
		return false;
	if (*count < UINT16_MAX)
		++*count;
	if (*count > ALWAYS && next_random() % *count >= ALWAYS)
		return false;
	self.holds++;
	return true;
}

/* Atomic accesses are ordered among themselves; they are held up as well, now and then,
 * since what an algorithm forgot often lies between two of them. */
static void look(uint64_t place, size_t bytes, enum race_kind kind, const void *from)
{
	struct race_access now = {
		.pid = getpid(), .tid = self.tid, .place = place, .bytes = bytes,
		.offset = (uintptr_t)from - 1 - the_desk->plugin_base,
		.writes = kind == RACE_WRITE || kind == RACE_ATOMIC_WRITE,
		.atomic = kind >= RACE_ATOMIC_READ,
	};
	atomic_fetch_add_explicit(&the_race->accesses, 1, memory_order_relaxed);
	look_at_watches(&now);
	if (!is_to_be_held(now.offset))
		return;
	if (now.atomic) {
		hold_up(HOLD_US);
		self.lingers = now.writes && next_random() % LINGER_ONE_IN == 0;
	} else {
		hold(&now);
	}
}

void race_access(const volatile void *memory, size_t bytes, enum race_kind kind, const void *from)
{
	uint64_t place;
	int error = errno;
	if (inside || !regions_place((uintptr_t)memory, &place))
		return;
	inside = true;
	know_self();
	look(place, bytes, kind, from);
	inside = false;
	errno = error;
}

/* What was announced by an atomic write is looked at by others at once. Whoever forgot
 * something that should have come before is late with it now. */
void race_linger(void)
{
	int error = errno;
	if (!self.lingers)
		return;
	self.lingers = false;
	hold_up_for_others(NULL);
	errno = error;
}

/* --- from outside ----------------------------------------------------------------------------- */

struct race_log *race_begin(uint32_t seed)
{
	static bool known;
	struct race_log *log = shared_alloc(sizeof *log);
	if (!known)
		pthread_atfork(NULL, NULL, forget_self);
	known = true;
	log->seed = seed | 1;
	return the_race = log;
}

void race_end(struct race_log *log)
{
	the_race = NULL;
	shared_free(log, sizeof *log);
}
