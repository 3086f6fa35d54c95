/* Mistake:   a worker says that it is done, with a plain bool, and copies its results to
 *            its desk only then.
 * Test:      has_no_race
 * Diagnosis: race
 */
#define _GNU_SOURCE
#include "async_pool.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PLACES = 16, PIECE = 1024 };

struct async_result {
	struct async_result *next; /* in the queue */
	task_fn *task;
	size_t n, chunk;
	size_t taken, finished; /* tasks */
	int busy;               /* pieces in the ring or with a worker */
	int error;
	bool ready, freed;
	uint32_t cell[]; /* the seeds; each is overwritten with its result */
};

/* A part of a job on its way; the workers do not look at `job`. */
struct piece {
	struct async_result *job;
	task_fn *task;
	size_t first, count;
	uint32_t cell[PIECE];
};

/* Place p of the ring is free for number p when turn == p, and has it when turn == p + 1. */
struct slot {
	atomic_size_t turn;
	struct piece piece;
};

/* What a worker is about to take, or has, or has done. */
struct desk {
	atomic_size_t wanted;
	atomic_bool taken;
	bool done;
	atomic_uint emptied; /* how often; the worker sleeps on it */
	struct piece piece;
};

struct board {
	atomic_size_t next;  /* the number that is taken next */
	atomic_uint work;    /* idle workers sleep on it */
	atomic_uint sleepers;
	atomic_uint bell;    /* the helper sleeps on it */
	struct slot slot[PLACES];
	struct desk desk[];
};

struct pool {
	struct board *board;
	int workers, living;
	pthread_t helper;
	bool closing, cancelling, hurt;
	size_t number; /* of the next piece */
	struct async_result *head, **tail;
	pid_t pid[]; /* 0: has died */
};

/* For all pools, so that a caller can wait for results of several. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static int fail(int error)
{
	errno = error;
	return error ? -1 : 0;
}

/* --- sleeping and waking ---------------------------------------------------------------- */

/* Looks for some microseconds before it sleeps: often there is more to do at once. */
static void doze(atomic_uint *word, unsigned seen, long milliseconds)
{
	for (int looks = 0; looks < 100; looks++) {
		if (atomic_load(word) != seen)
			return;
		sched_yield();
	}
	struct timespec most = { milliseconds / 1000, milliseconds % 1000 * 1000000 };
	syscall(SYS_futex, word, FUTEX_WAIT, seen, milliseconds < 0 ? NULL : &most, NULL, 0);
}

static void ring(atomic_uint *word)
{
	atomic_fetch_add(word, 1);
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* --- workers ------------------------------------------------------------------------------ */

static void copy(struct piece *to, const struct piece *from)
{
	memcpy(to, from, offsetof(struct piece, cell) + from->count * sizeof *from->cell);
}

static bool take(struct board *b, struct desk *d)
{
	size_t next = atomic_load(&b->next);
	for (;;) {
		struct slot *s = &b->slot[next % PLACES];
		if (atomic_load(&s->turn) != next + 1) {
			size_t now = atomic_load(&b->next);
			if (now == next)
				return false;
			next = now;
			continue;
		}
		atomic_store(&d->wanted, next); /* before it is taken: see bury */
		if (!atomic_compare_exchange_strong(&b->next, &next, next + 1))
			continue;
		copy(&d->piece, &s->piece);
		atomic_store(&d->taken, true);
		atomic_store(&s->turn, next + PLACES);
		if (atomic_load(&b->slot[(next + 1) % PLACES].turn) != next + 2)
			ring(&b->bell); /* it is empty */
		return true;
	}
}

static void work(struct board *b, struct desk *d)
{
	uint32_t result[PIECE];
	for (;;) {
		unsigned seen = atomic_load(&b->work);
		if (!take(b, d)) {
			atomic_fetch_add(&b->sleepers, 1);
			seen = atomic_load(&b->work);
			bool found = take(b, d);
			if (!found)
				doze(&b->work, seen, -1);
			atomic_fetch_sub(&b->sleepers, 1);
			if (!found)
				continue;
		}
		for (size_t i = 0; i < d->piece.count; i++)
			result[i] = (uint32_t)d->piece.task(d->piece.cell[i]);
		unsigned before = atomic_load(&d->emptied);
		size_t bytes = d->piece.count * sizeof *result;
		d->done = true; /* race */
		memcpy(d->piece.cell, result, bytes); /* race */
		ring(&b->bell);
		while (atomic_load(&d->emptied) == before)
			doze(&d->emptied, before, -1);
	}
}

static int start(struct pool *pool, int rank)
{
	pid_t parent = getpid(), pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			work(pool->board, &pool->board->desk[rank]);
		_exit(0);
	}
	if (pid < 0)
		return errno;
	pool->pid[rank] = pid;
	pool->living++;
	return 0;
}

/* --- jobs; with the lock held ------------------------------------------------------------- */

static void settle(struct async_result *job, int error)
{
	if (!job->ready) {
		job->ready = true;
		job->error = error;
		pthread_cond_broadcast(&changed);
	}
}

static void leave_queue(struct pool *pool, struct async_result *job)
{
	struct async_result **link = &pool->head;
	while (*link != NULL && *link != job)
		link = &(*link)->next;
	if (*link == NULL)
		return;
	*link = job->next;
	if (pool->tail == &job->next)
		pool->tail = link;
}

static void give_back(struct pool *pool, struct async_result *job, size_t count, int error)
{
	job->busy--;
	job->finished += count;
	if (error) {
		leave_queue(pool, job);
		settle(job, error);
	} else if (job->finished == job->n) {
		settle(job, 0);
	}
	if (job->freed && job->busy == 0 && job->ready)
		free(job);
}

static void fail_queue(struct pool *pool, int error)
{
	while (pool->head != NULL) {
		struct async_result *job = pool->head;
		leave_queue(pool, job);
		settle(job, error);
		if (job->freed && job->busy == 0)
			free(job);
	}
}

/* --- the helper; with the lock held -------------------------------------------------------- */

static void put_back(struct pool *pool, const struct piece *piece, int error)
{
	uint32_t *to = piece->job->cell + piece->first;
	if (!error)
		memcpy(to, piece->cell, piece->count * sizeof *to); /* race */
	give_back(pool, piece->job, piece->count, error);
}

static void empty_desks(struct pool *pool)
{
	for (int rank = 0; rank < pool->workers; rank++) {
		struct desk *d = &pool->board->desk[rank];
		if (!d->done) /* race */
			continue;
		put_back(pool, &d->piece, 0);
		atomic_store(&d->taken, false);
		d->done = false;
		ring(&d->emptied);
	}
}

static bool wanted_by_another(struct pool *pool, size_t number)
{
	for (int rank = 0; rank < pool->workers; rank++) {
		struct desk *d = &pool->board->desk[rank];
		if (pool->pid[rank] > 0 && atomic_load(&d->wanted) == number && !atomic_load(&d->taken))
			return true;
	}
	return false;
}

/* What it had is lost. It may have died between taking and telling, and then the place is
 * still full; but so it is while another is doing the same. */
static void bury(struct pool *pool, int rank)
{
	struct board *b = pool->board;
	struct desk *d = &b->desk[rank];
	size_t wanted = atomic_load(&d->wanted);
	struct slot *s = &b->slot[wanted % PLACES];
	pool->pid[rank] = 0;
	pool->living--;
	pool->hurt = true;
	for (int ms = 0; ms < 20 && wanted_by_another(pool, wanted); ms++)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	bool full = atomic_load(&b->next) > wanted && atomic_load(&s->turn) == wanted + 1 &&
	            !wanted_by_another(pool, wanted);
	if (full && !atomic_load(&d->taken))
		copy(&d->piece, &s->piece);
	if (full || atomic_load(&d->taken))
		put_back(pool, &d->piece, d->done ? 0 : ECHILD);
	if (full)
		atomic_store(&s->turn, wanted + PLACES);
	atomic_store(&d->taken, false);
	d->done = false;
	ring(&b->work); /* it may have been woken in place of another */
}

static void look_for_the_dead(struct pool *pool)
{
	for (int rank = 0; rank < pool->workers; rank++)
		if (pool->pid[rank] > 0 && waitpid(pool->pid[rank], NULL, WNOHANG) != 0)
			bury(pool, rank);
}

static void fill_the_ring(struct pool *pool)
{
	bool filled = false;
	while (pool->head != NULL) {
		struct async_result *job = pool->head;
		struct slot *s = &pool->board->slot[pool->number % PLACES];
		if (atomic_load(&s->turn) != pool->number)
			break;
		size_t left = job->n - job->taken, chunk = job->chunk - job->taken % job->chunk;
		chunk = chunk < left ? chunk : left;
		s->piece.job = job;
		s->piece.task = job->task;
		s->piece.first = job->taken;
		s->piece.count = chunk < PIECE ? chunk : PIECE;
		memcpy(s->piece.cell, job->cell + job->taken, s->piece.count * sizeof *job->cell);
		job->busy++;
		job->taken += s->piece.count;
		if (job->taken == job->n)
			leave_queue(pool, job);
		atomic_store(&s->turn, ++pool->number);
		filled = true;
	}
	if (filled && atomic_load(&pool->board->sleepers) > 0)
		ring(&pool->board->work);
}

/* Nobody is left who could do it. */
static void fail_the_ring(struct pool *pool, int error)
{
	struct board *b = pool->board;
	for (size_t next = atomic_load(&b->next); next < pool->number; next++) {
		struct slot *s = &b->slot[next % PLACES];
		put_back(pool, &s->piece, error);
		atomic_store(&s->turn, next + PLACES);
		atomic_store(&b->next, next + 1);
	}
	fail_queue(pool, error);
}

static bool anything_to_do(struct pool *pool)
{
	bool any = pool->head != NULL || atomic_load(&pool->board->next) < pool->number;
	for (int rank = 0; rank < pool->workers; rank++)
		any = any || (pool->pid[rank] > 0 && atomic_load(&pool->board->desk[rank].taken));
	return any;
}

static void kill_all(struct pool *pool)
{
	for (int rank = 0; rank < pool->workers; rank++)
		if (pool->pid[rank] > 0)
			kill(pool->pid[rank], SIGKILL);
	for (int rank = 0; rank < pool->workers; rank++)
		while (pool->pid[rank] > 0 && waitpid(pool->pid[rank], NULL, 0) < 0 && errno == EINTR)
			;
}

static void *help(void *arg)
{
	struct pool *pool = arg;
	pthread_mutex_lock(&lock);
	while (!pool->cancelling) {
		unsigned seen = atomic_load(&pool->board->bell);
		empty_desks(pool);
		look_for_the_dead(pool);
		if (pool->living == 0)
			fail_the_ring(pool, ECHILD);
		fill_the_ring(pool);
		bool busy = anything_to_do(pool);
		if (pool->closing && !busy)
			break;
		pthread_mutex_unlock(&lock);
		doze(&pool->board->bell, seen, busy ? 50 : -1);
		pthread_mutex_lock(&lock);
	}
	kill_all(pool); /* they have nothing to do, or nothing that matters */
	for (int rank = 0; rank < pool->workers; rank++)
		if (pool->pid[rank] > 0 && atomic_load(&pool->board->desk[rank].taken)) {
			struct desk *d = &pool->board->desk[rank];
			put_back(pool, &d->piece, d->done ? 0 : ECANCELED);
		}
	fail_the_ring(pool, ECANCELED);
	pthread_mutex_unlock(&lock);
	return NULL;
}

/* --- making and ending ------------------------------------------------------------------------ */

static size_t board_size(int workers)
{
	return sizeof(struct board) + (size_t)workers * sizeof(struct desk);
}

static int make_board(struct pool *pool)
{
	struct board *b = mmap(NULL, board_size(pool->workers), PROT_READ | PROT_WRITE,
	                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (b == MAP_FAILED)
		return errno;
	for (size_t i = 0; i < PLACES; i++)
		b->slot[i].turn = i;
	for (int rank = 0; rank < pool->workers; rank++)
		b->desk[rank].wanted = SIZE_MAX - 1;
	pool->board = b;
	return 0;
}

static void release(struct pool *pool)
{
	if (pool->board != NULL)
		munmap(pool->board, board_size(pool->workers));
	free(pool);
}

/* The signals of the program are no business of the helper's. */
static int start_helper(struct pool *pool)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&pool->helper, NULL, help, pool);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

struct pool *pool_create(int workers)
{
	if (workers < 1)
		return errno = EINVAL, NULL;
	struct pool *pool = calloc(1, sizeof *pool + (size_t)workers * sizeof(pid_t));
	if (pool == NULL)
		return NULL;
	pool->workers = workers;
	pool->tail = &pool->head;
	int error = make_board(pool);
	fflush(NULL);
	for (int rank = 0; rank < workers && error == 0; rank++)
		error = start(pool, rank);
	if (error == 0)
		error = start_helper(pool);
	if (error == 0)
		return pool;
	kill_all(pool);
	release(pool);
	errno = error;
	return NULL;
}

int pool_workers(const struct pool *pool)
{
	return pool ? pool->workers : fail(EINVAL);
}

static int end(struct pool *pool, bool at_once)
{
	if (pool == NULL)
		return fail(EINVAL);
	pthread_mutex_lock(&lock);
	pool->closing = true;
	pool->cancelling = at_once;
	pthread_mutex_unlock(&lock);
	ring(&pool->board->bell);
	pthread_join(pool->helper, NULL);
	bool hurt = pool->hurt;
	release(pool);
	return at_once || !hurt ? 0 : fail(ECHILD);
}

int pool_close(struct pool *pool)
{
	return end(pool, false);
}

int pool_terminate(struct pool *pool)
{
	return end(pool, true);
}

/* --- jobs -------------------------------------------------------------------------------------- */

struct async_result *pool_map_async(struct pool *pool, task_fn *task, const uint32_t *seeds,
                                    size_t n, size_t chunk)
{
	if (!pool || !task || (n > 0 && !seeds))
		return errno = EINVAL, NULL;
	if (n > (SIZE_MAX - sizeof(struct async_result)) / sizeof *seeds)
		return errno = ENOMEM, NULL;
	struct async_result *job = malloc(sizeof *job + n * sizeof *seeds);
	if (job == NULL)
		return NULL;
	if (chunk == 0)
		chunk = n / ((size_t)pool->workers * 4) + 1;
	*job = (struct async_result){ .task = task, .n = n, .chunk = chunk, .ready = n == 0 };
	if (n == 0)
		return job;
	memcpy(job->cell, seeds, n * sizeof *seeds);
	pthread_mutex_lock(&lock);
	look_for_the_dead(pool);
	bool hurt = pool->hurt;
	if (!hurt) {
		*pool->tail = job;
		pool->tail = &job->next;
		fill_the_ring(pool); /* the helper need not be waited for */
	}
	pthread_mutex_unlock(&lock);
	ring(&pool->board->bell);
	if (!hurt)
		return job;
	free(job);
	return errno = ECHILD, NULL;
}

struct async_result *pool_apply_async(struct pool *pool, task_fn *task, uint32_t seed)
{
	return pool_map_async(pool, task, &seed, 1, 1);
}

int pool_map(struct pool *pool, task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
             size_t chunk)
{
	if (!pool || (n > 0 && (!task || !seeds || !results)))
		return fail(EINVAL);
	if (n == 0)
		return 0;
	struct async_result *job = pool_map_async(pool, task, seeds, n, chunk);
	if (job == NULL)
		return -1;
	int value = async_get(job, results, -1), error = errno;
	async_free(job);
	errno = error;
	return value;
}

int pool_apply(struct pool *pool, task_fn *task, uint32_t seed, int32_t *result)
{
	return pool_map(pool, task, &seed, 1, result, 1);
}

/* --- results ------------------------------------------------------------------------------------ */

int async_ready(struct async_result *result)
{
	if (result == NULL)
		return fail(EINVAL);
	pthread_mutex_lock(&lock);
	bool ready = result->ready;
	pthread_mutex_unlock(&lock);
	return ready;
}

static struct timespec time_after(double seconds)
{
	const double century = 3e9;
	struct timespec t;
	if (seconds > century)
		seconds = century;
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += (time_t)seconds;
	t.tv_nsec += (long)((seconds - (double)(time_t)seconds) * 1e9);
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

static int find_ready(struct async_result *results[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (results[i]->ready)
			return (int)i;
	return -1;
}

int async_wait_any(struct async_result *results[], size_t count, double timeout)
{
	if (results == NULL || count == 0)
		return fail(EINVAL);
	for (size_t i = 0; i < count; i++)
		if (results[i] == NULL)
			return fail(EINVAL);
	struct timespec end = time_after(timeout > 0 ? timeout : 0);
	int index, error = timeout == 0 ? ETIMEDOUT : 0;
	pthread_mutex_lock(&lock);
	while ((index = find_ready(results, count)) < 0 && error == 0)
		error = timeout < 0 ? pthread_cond_wait(&changed, &lock)
		                    : pthread_cond_clockwait(&changed, &lock, CLOCK_MONOTONIC, &end);
	pthread_mutex_unlock(&lock);
	return index >= 0 ? index : fail(ETIMEDOUT);
}

int async_wait(struct async_result *result, double timeout)
{
	return async_wait_any(&result, 1, timeout);
}

int async_get(struct async_result *result, int32_t *results, double timeout)
{
	if (result == NULL || (result->n > 0 && results == NULL))
		return fail(EINVAL);
	if (async_wait(result, timeout) != 0)
		return -1;
	if (result->error)
		return fail(result->error);
	if (result->n > 0)
		memcpy(results, result->cell, result->n * sizeof *results);
	return 0;
}

void async_free(struct async_result *result)
{
	if (result == NULL)
		return;
	pthread_mutex_lock(&lock);
	bool unused = result->ready && result->busy == 0;
	result->freed = true;
	pthread_mutex_unlock(&lock);
	if (unused)
		free(result);
}
