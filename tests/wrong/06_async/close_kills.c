/* Mistake:   pool_close ends the workers at once, and what is queued is not done.
 * Test:      close_finishes_the_queue
 * Diagnosis: lost-task
 */
#define _GNU_SOURCE
#include "async_pool.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/queue.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CACHE_LINE = 64, CHUNK_MOST = 1024, SLOTS_PER_WORKER = 4 };

static const double spin_seconds = 100e-6; /* to look again and again, before one sleeps */
static const double look_seconds = 0.050;  /* from one look who lives to the next */
static const double sleep_most_seconds = 1e6;

/* The caller's process fills an empty slot, and empties one that is done. A worker that
 * takes a full one sets RUNNING + its rank, and in the end DONE. */
enum { EMPTY, FULL, DONE, RUNNING };

struct slot {
	alignas(CACHE_LINE) atomic_uint state;
	atomic_size_t number; /* the oldest has the lowest */
	task_fn *task;        /* the same address in all: they have the image from the fork */
	size_t count, first;
	struct async_result *call; /* in the caller's memory; NULL: nobody wants the results */
	uint32_t seeds[CHUNK_MOST];
	int32_t results[CHUNK_MOST];
};

/* Shared with the workers. */
struct board {
	alignas(CACHE_LINE) atomic_uint work; /* idle workers sleep on it, until work comes */
	atomic_uint sleepers;                 /* workers that sleep, or are about to */

	alignas(CACHE_LINE) atomic_uint bell; /* the dispatcher sleeps on it, until one is done */
	atomic_uint serving;                  /* the caller's threads that look without a bell */

	struct slot slots[];
};

struct async_result {
	struct pool *pool;
	task_fn *task;
	const uint32_t *seeds;
	int32_t *results;
	size_t n, chunk;

	/* Guarded by the pool's lock, until it is ready. */
	size_t handed_out, unfinished;        /* tasks */
	TAILQ_ENTRY(async_result) neighbours; /* in the queue, until all are handed out */
	int error;

	atomic_bool ready; /* from here on nothing changes, and the pool may be gone */
	int32_t own[];     /* seeds, where results take their places */
};

struct pool {
	struct board *board;
	pthread_t dispatcher;
	struct slot *slots, *end; /* the board's */
	int workers, started;

	pthread_mutex_t lock; /* guards what follows, and is held to fill and to empty slots */
	TAILQ_HEAD(, async_result) queue;
	size_t number; /* of the next chunk */
	double look_at; /* when to look who lives */
	bool dozing;    /* nobody but a bell will wake the dispatcher */
	bool closing;
	int living;
	pid_t pids[]; /* 0: has died, and was reaped */
};

/* Who waits for results sleeps on `news`: they may be of several pools. */
static atomic_uint news, waiting;

/* --- sleeping and waking ---------------------------------------------------------------- */

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time); /* no system call on Linux: the vDSO */
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Sleeps while *word is `seen`, at most so long. All who sleep read the word, look for
 * what they wait for, and then sleep: what comes after their look changes the word, too.
 * Then, or after a signal, they look again. Not FUTEX_PRIVATE: other processes wake. */
static void futex_sleep(atomic_uint *word, unsigned seen, double seconds)
{
	double most = fmin(seconds, sleep_most_seconds);
	struct timespec at_most = { .tv_sec = (time_t)most };
	at_most.tv_nsec = (long)(1e9 * (most - (double)at_most.tv_sec));
	syscall(SYS_futex, word, FUTEX_WAIT, seen, &at_most, NULL, 0);
}

static void futex_wake(atomic_uint *word, int count)
{
	atomic_fetch_add(word, 1);
	syscall(SYS_futex, word, FUTEX_WAKE, count, NULL, NULL, 0);
}

/* --- in a worker -------------------------------------------------------------------------- */

static struct slot *oldest_full(const struct pool *pool)
{
	struct slot *oldest = NULL;
	for (struct slot *s = pool->slots; s < pool->end; s++)
		if (atomic_load(&s->state) == FULL &&
		    (oldest == NULL || atomic_load(&s->number) < atomic_load(&oldest->number)))
			oldest = s;
	return oldest;
}

/* A full slot, now this worker's alone; or NULL. */
static struct slot *claim(const struct pool *pool, unsigned rank)
{
	struct slot *slot;
	unsigned full = FULL;
	while ((slot = oldest_full(pool)) != NULL &&
	       !atomic_compare_exchange_strong(&slot->state, &full, RUNNING + rank))
		full = FULL; /* another worker was faster */
	return slot;
}

/* The next call is often near, and to be woken costs a hundred times as much as to look:
 * so it looks for a while, and leaves the CPU to whoever needs it meanwhile. Then it
 * counts as a sleeper before it looks again, and slots are filled before sleepers are
 * counted: one of the two sees the other. */
static struct slot *await_work(const struct pool *pool, unsigned rank)
{
	struct board *b = pool->board;
	struct slot *slot;
	double end = now() + spin_seconds;
	while ((slot = claim(pool, rank)) == NULL && now() < end)
		sched_yield();
	if (slot != NULL)
		return slot;
	atomic_fetch_add(&b->sleepers, 1);
	for (unsigned seen = atomic_load(&b->work); (slot = claim(pool, rank)) == NULL;
	     seen = atomic_load(&b->work))
		futex_sleep(&b->work, seen, INFINITY);
	atomic_fetch_sub(&b->sleepers, 1);
	return slot;
}

/* Done comes before the look whether somebody serves, and who stops serving looks at the
 * slots once more: again, one of the two sees the other. */
static void run(struct board *b, struct slot *slot)
{
	for (size_t i = 0; i < slot->count; i++)
		slot->results[i] = slot->task(slot->seeds[i]);
	atomic_store(&slot->state, DONE);
	if (atomic_load(&b->serving) == 0)
		futex_wake(&b->bell, INT_MAX);
}

/* --- serving: the lock is held ---------------------------------------------------------------- */

/* The call will be touched no more. Its chunks that nobody has begun are taken back. */
static void drop(struct async_result *call)
{
	struct pool *pool = call->pool;
	if (call->handed_out < call->n)
		TAILQ_REMOVE(&pool->queue, call, neighbours);
	call->handed_out = call->n;
	for (struct slot *s = pool->slots; s < pool->end; s++) {
		unsigned full = FULL;
		if (s->call != call)
			continue;
		s->call = NULL;
		atomic_compare_exchange_strong(&s->state, &full, EMPTY);
	}
}

/* Once it is ready the caller may free it. */
static void complete(struct async_result *call, int error)
{
	drop(call);
	call->error = error;
	atomic_store(&call->ready, true);
	if (atomic_load(&waiting) > 0)
		futex_wake(&news, INT_MAX);
}

static void complete_all(struct pool *pool, int error)
{
	for (struct slot *s = pool->slots; s < pool->end; s++)
		if (s->call != NULL)
			complete(s->call, error);
	while (!TAILQ_EMPTY(&pool->queue))
		complete(TAILQ_FIRST(&pool->queue), error);
}

static void empty(struct slot *slot)
{
	struct async_result *call = slot->call;
	slot->call = NULL;
	if (call != NULL) {
		memcpy(call->results + slot->first, slot->results, slot->count * sizeof *slot->results);
		call->unfinished -= slot->count;
		if (call->unfinished == 0)
			complete(call, 0);
	}
	atomic_store(&slot->state, EMPTY);
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many tasks to hand out next. Where the pool chooses: all slots full, so that a call
 * that is not too long waits for nobody to fill them again. (Python: the same chunks.) */
static size_t next_chunk(const struct async_result *call)
{
	size_t left = call->n - call->handed_out;
	size_t slots = (size_t)(call->pool->end - call->pool->slots);
	size_t chunk = call->chunk > 0 ? call->chunk : (call->n - 1) / slots + 1;
	return smaller(smaller(chunk, left), CHUNK_MOST);
}

static void fill(struct slot *slot, struct async_result *call)
{
	slot->task = call->task;
	slot->call = call;
	slot->first = call->handed_out;
	slot->count = next_chunk(call);
	memcpy(slot->seeds, call->seeds + slot->first, slot->count * sizeof *slot->seeds);
	call->handed_out += slot->count;
	if (call->handed_out == call->n)
		TAILQ_REMOVE(&call->pool->queue, call, neighbours);
	atomic_store(&slot->number, call->pool->number++);
	atomic_store(&slot->state, FULL);
}

/* What it had begun is lost. It may have been woken for a slot, and another not. */
static void bury(struct pool *pool, int rank)
{
	pool->pids[rank] = 0;
	pool->living--;
	for (struct slot *s = pool->slots; s < pool->end; s++) {
		if (atomic_load(&s->state) != RUNNING + (unsigned)rank)
			continue;
		if (s->call != NULL)
			complete(s->call, ECHILD);
		atomic_store(&s->state, EMPTY);
	}
	futex_wake(&pool->board->work, INT_MAX);
}

static void look_who_lives(struct pool *pool)
{
	for (int rank = 0; rank < pool->started; rank++)
		if (pool->pids[rank] > 0 && waitpid(pool->pids[rank], NULL, WNOHANG) != 0)
			bury(pool, rank);
	pool->look_at = now() + look_seconds;
}

/* Who lives comes first: what a dead worker had done by then is still taken. */
static void serve(struct pool *pool)
{
	int filled = 0;
	if (now() >= pool->look_at)
		look_who_lives(pool);
	for (struct slot *s = pool->slots; s < pool->end; s++)
		if (atomic_load(&s->state) == DONE)
			empty(s);
	if (pool->living == 0)
		complete_all(pool, ECHILD);
	for (struct slot *s = pool->slots; s < pool->end && !TAILQ_EMPTY(&pool->queue); s++) {
		if (atomic_load(&s->state) == EMPTY) {
			fill(s, TAILQ_FIRST(&pool->queue));
			filled++;
		}
	}
	if (filled > 0 && atomic_load(&pool->board->sleepers) > 0)
		futex_wake(&pool->board->work, filled);
}

static bool has_calls(const struct pool *pool)
{
	for (struct slot *s = pool->slots; s < pool->end; s++)
		if (s->call != NULL)
			return true;
	return !TAILQ_EMPTY(&pool->queue);
}

static void *dispatch(void *arg)
{
	struct pool *pool = arg;
	atomic_uint *bell = &pool->board->bell;
	pthread_mutex_lock(&pool->lock);
	for (;;) {
		unsigned seen = atomic_load(bell);
		serve(pool);
		pool->dozing = !has_calls(pool);
		if (pool->dozing && pool->closing)
			break;
		double most = pool->dozing ? INFINITY : look_seconds;
		pthread_mutex_unlock(&pool->lock);
		futex_sleep(bell, seen, most);
		pthread_mutex_lock(&pool->lock);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

/* --- making and ending it ------------------------------------------------------------------ */

static int as_status(int error)
{
	errno = error;
	return error == 0 ? 0 : -1;
}

/* Starts a worker. Returns 0 or an errno. The parent whose death it is told of is the
 * thread that forks; if it dies before prctl, nobody will tell, but getppid does. */
static int start_worker(struct pool *pool)
{
	pid_t parent = getpid(), pid = fork();
	if (pid == -1)
		return errno;
	if (pid == 0) {
		unsigned rank = (unsigned)pool->started;
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		while (getppid() == parent)
			run(pool->board, await_work(pool, rank));
		_exit(0);
	}
	pool->pids[pool->started++] = pid;
	pool->living++;
	return 0;
}

/* All signals are blocked in it: the caller's handlers run in the caller's thread. */
static int start_dispatcher(struct pool *pool)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&pool->dispatcher, NULL, dispatch, pool);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

static size_t board_size(int workers)
{
	return sizeof(struct board) + SLOTS_PER_WORKER * (size_t)workers * sizeof(struct slot);
}

/* Returns 0 or an errno. */
static int make_board(struct pool *pool)
{
	pool->board = mmap(NULL, board_size(pool->workers), PROT_READ | PROT_WRITE,
	                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (pool->board == MAP_FAILED)
		return errno;
	pool->slots = pool->board->slots;
	pool->end = pool->slots + SLOTS_PER_WORKER * pool->workers;
	return 0;
}

static void kill_all(struct pool *pool)
{
	for (int rank = 0; rank < pool->started; rank++)
		if (pool->pids[rank] > 0)
			kill(pool->pids[rank], SIGKILL);
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		; /* a signal handler of the caller ran: the worker is still ending */
}

/* Workers have no work any more, or work that nobody wants: they need not be asked. */
static void release(struct pool *pool)
{
	kill_all(pool);
	for (int rank = 0; rank < pool->started; rank++)
		if (pool->pids[rank] > 0)
			reap(pool->pids[rank]);
	if (pool->board != MAP_FAILED)
		munmap(pool->board, board_size(pool->workers));
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

struct pool *pool_create(int workers)
{
	if (workers < 1) {
		errno = EINVAL;
		return NULL;
	}
	struct pool *pool = malloc(sizeof *pool + (size_t)workers * sizeof *pool->pids);
	if (pool == NULL)
		return NULL;
	*pool = (struct pool){ .workers = workers };
	TAILQ_INIT(&pool->queue);
	pthread_mutex_init(&pool->lock, NULL);
	int error = make_board(pool);
	fflush(NULL); /* or each child inherits what the caller has not written yet */
	while (error == 0 && pool->started < workers)
		error = start_worker(pool);
	if (error == 0)
		error = start_dispatcher(pool);
	if (error == 0)
		return pool;
	release(pool);
	errno = error;
	return NULL;
}

int pool_workers(const struct pool *pool)
{
	return pool == NULL ? as_status(EINVAL) : pool->workers;
}

int pool_close(struct pool *pool)
{
	if (pool == NULL)
		return as_status(EINVAL);
	pthread_mutex_lock(&pool->lock);
	complete_all(pool, ECANCELED);
	pool->closing = true;
	pthread_mutex_unlock(&pool->lock);
	futex_wake(&pool->board->bell, INT_MAX);
	pthread_join(pool->dispatcher, NULL); /* it ends when no call is left */
	release(pool);
	return 0;
}

int pool_terminate(struct pool *pool)
{
	if (pool == NULL)
		return as_status(EINVAL);
	pthread_mutex_lock(&pool->lock);
	kill_all(pool);
	complete_all(pool, ECANCELED);
	pthread_mutex_unlock(&pool->lock);
	return pool_close(pool);
}

/* --- calls ------------------------------------------------------------------------------------ */

static void enqueue(struct async_result *call)
{
	struct pool *pool = call->pool;
	pthread_mutex_lock(&pool->lock);
	TAILQ_INSERT_TAIL(&pool->queue, call, neighbours);
	serve(pool);
	bool dozed = pool->dozing;
	pool->dozing = false;
	pthread_mutex_unlock(&pool->lock);
	if (dozed)
		futex_wake(&pool->board->bell, INT_MAX); /* now it is to look who lives */
}

int pool_map(struct pool *pool, task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
             size_t chunk)
{
	if (pool == NULL || (n > 0 && (task == NULL || seeds == NULL || results == NULL)))
		return as_status(EINVAL);
	if (n == 0)
		return 0;
	struct async_result call = { .pool = pool, .task = task, .seeds = seeds, .results = results,
		                         .n = n, .chunk = chunk, .unfinished = n };
	enqueue(&call);
	async_wait(&call, -1);
	return as_status(call.error);
}

int pool_apply(struct pool *pool, task_fn *task, uint32_t seed, int32_t *result)
{
	return pool_map(pool, task, &seed, 1, result, 1);
}

struct async_result *pool_map_async(struct pool *pool, task_fn *task, const uint32_t *seeds,
                                    size_t n, size_t chunk)
{
	struct async_result *call = NULL;
	if (pool == NULL || task == NULL || (n > 0 && seeds == NULL))
		errno = EINVAL;
	else if (n > (SIZE_MAX - sizeof *call) / sizeof *call->own)
		errno = ENOMEM;
	else
		call = malloc(sizeof *call + n * sizeof *call->own);
	if (call == NULL)
		return NULL;
	*call = (struct async_result){ .pool = pool, .task = task, .seeds = (uint32_t *)call->own,
		                           .results = call->own, .n = n, .chunk = chunk,
		                           .unfinished = n, .ready = n == 0 };
	if (n > 0) {
		memcpy(call->own, seeds, n * sizeof *seeds);
		enqueue(call);
	}
	return call;
}

struct async_result *pool_apply_async(struct pool *pool, task_fn *task, uint32_t seed)
{
	return pool_map_async(pool, task, &seed, 1, 1);
}

void async_free(struct async_result *result)
{
	if (result != NULL && !atomic_load(&result->ready)) {
		struct pool *pool = result->pool;
		pthread_mutex_lock(&pool->lock);
		drop(result);
		pthread_mutex_unlock(&pool->lock);
	}
	free(result);
}

/* --- waiting for results ------------------------------------------------------------------------ */

/* The index of one that is ready, or -1. */
static int find_ready(struct async_result *results[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (atomic_load(&results[i]->ready))
			return (int)i;
	return -1;
}

static void serve_once(struct pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	serve(pool);
	pthread_mutex_unlock(&pool->lock);
}

/* Serves a pool until one of the results is ready, for a short time. At the end comes
 * what was done after the last look, and rang no bell because of us. */
static void serve_a_while(struct pool *pool, struct async_result *results[], size_t count)
{
	double end = now() + spin_seconds;
	atomic_fetch_add(&pool->board->serving, 1);
	for (; find_ready(results, count) == -1 && now() < end; sched_yield())
		serve_once(pool);
	atomic_fetch_sub(&pool->board->serving, 1);
	serve_once(pool);
}

static int await(struct async_result *results[], size_t count, double timeout)
{
	int index = find_ready(results, count);
	double end = timeout < 0 ? INFINITY : now() + timeout;
	if (index == -1 && timeout != 0)
		serve_a_while(results[0]->pool, results, count);
	atomic_fetch_add(&waiting, 1);
	for (unsigned seen = atomic_load(&news);
	     (index = find_ready(results, count)) == -1 && now() < end; seen = atomic_load(&news))
		futex_sleep(&news, seen, end - now());
	atomic_fetch_sub(&waiting, 1);
	return index == -1 ? as_status(ETIMEDOUT) : index;
}

int async_ready(struct async_result *result)
{
	return result == NULL ? as_status(EINVAL) : atomic_load(&result->ready);
}

int async_wait(struct async_result *result, double timeout)
{
	return result == NULL ? as_status(EINVAL) : await(&result, 1, timeout);
}

int async_wait_any(struct async_result *results[], size_t count, double timeout)
{
	bool valid = results != NULL && count > 0;
	for (size_t i = 0; valid && i < count; i++)
		valid = results[i] != NULL;
	return valid ? await(results, count, timeout) : as_status(EINVAL);
}

int async_get(struct async_result *result, int32_t *results, double timeout)
{
	if (result == NULL || (result->n > 0 && results == NULL))
		return as_status(EINVAL);
	if (await(&result, 1, timeout) == -1)
		return -1;
	if (result->error == 0 && result->n > 0)
		memcpy(results, result->results, result->n * sizeof *results);
	return as_status(result->error);
}
