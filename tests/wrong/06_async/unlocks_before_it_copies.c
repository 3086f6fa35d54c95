/* Mistake:   a worker gives the lock back when it has counted a piece as taken, and only
 *            then copies it; the place is filled again meanwhile.
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

enum { PLACES = 4, PIECE = 1024 };

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

/* What a worker has, or has done. */
struct desk {
	atomic_bool taken;
	atomic_uint done; /* the worker sleeps on it until it was emptied */
	struct piece piece;
};

struct board {
	pthread_mutex_t lock;
	size_t first, last;  /* of the pieces in the ring; counted, not wrapped */
	struct piece place[PLACES];
	atomic_uint work;    /* idle workers sleep on it */
	atomic_uint bell;    /* the helper sleeps on it */
	struct desk desk[];
};

struct pool {
	struct board *board;
	int workers, living;
	pthread_t helper;
	bool closing, cancelling, hurt;
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
	size_t bytes = from->count * sizeof *from->cell; /* race */
	memcpy(to, from, offsetof(struct piece, cell) + bytes); /* race */
}

/* Whoever died with it had changed nothing that is half done. */
static void lock_ring(struct board *b)
{
	if (pthread_mutex_lock(&b->lock) == EOWNERDEAD)
		pthread_mutex_consistent(&b->lock);
}

static bool take(struct board *b, struct desk *d)
{
	lock_ring(b);
	if (b->first == b->last) {
		pthread_mutex_unlock(&b->lock);
		return false;
	}
	struct piece *p = &b->place[b->first++ % PLACES];
	pthread_mutex_unlock(&b->lock);
	ring(&b->bell); /* there is room for another */
	copy(&d->piece, p);
	atomic_store(&d->taken, true);
	return true;
}

static void work(struct board *b, struct desk *d)
{
	for (;;) {
		unsigned seen = atomic_load(&b->work);
		if (!take(b, d)) {
			doze(&b->work, seen, -1);
			continue;
		}
		for (size_t i = 0; i < d->piece.count; i++)
			d->piece.cell[i] = (uint32_t)d->piece.task(d->piece.cell[i]);
		atomic_store(&d->done, 1);
		ring(&b->bell);
		while (atomic_load(&d->done) == 1)
			doze(&d->done, 1, -1);
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
	if (!error)
		memcpy(piece->job->cell + piece->first, piece->cell, piece->count * sizeof *piece->cell);
	give_back(pool, piece->job, piece->count, error);
}

static void empty_desks(struct pool *pool)
{
	for (int rank = 0; rank < pool->workers; rank++) {
		struct desk *d = &pool->board->desk[rank];
		if (atomic_load(&d->done) == 0)
			continue;
		put_back(pool, &d->piece, 0);
		atomic_store(&d->taken, false);
		atomic_store(&d->done, 0);
		syscall(SYS_futex, &d->done, FUTEX_WAKE, 1, NULL, NULL, 0);
	}
}

/* What it had is lost. */
static void bury(struct pool *pool, int rank)
{
	struct desk *d = &pool->board->desk[rank];
	pool->pid[rank] = 0;
	pool->living--;
	pool->hurt = true;
	if (atomic_load(&d->taken))
		put_back(pool, &d->piece, atomic_load(&d->done) ? 0 : ECHILD);
	atomic_store(&d->taken, false);
	atomic_store(&d->done, 0);
	ring(&pool->board->work); /* it may have been woken in place of another */
}

static void look_for_the_dead(struct pool *pool)
{
	for (int rank = 0; rank < pool->workers; rank++)
		if (pool->pid[rank] > 0 && waitpid(pool->pid[rank], NULL, WNOHANG) != 0)
			bury(pool, rank);
}

static void fill_the_ring(struct pool *pool)
{
	struct board *b = pool->board;
	bool filled = false;
	lock_ring(b);
	while (pool->head != NULL && b->last - b->first < PLACES) {
		struct async_result *job = pool->head;
		struct piece *p = &b->place[b->last % PLACES];
		size_t left = job->n - job->taken, chunk = job->chunk - job->taken % job->chunk;
		chunk = chunk < left ? chunk : left;
		p->job = job; /* race */
		p->task = job->task; /* race */
		p->first = job->taken; /* race */
		p->count = chunk < PIECE ? chunk : PIECE; /* race */
		size_t bytes = p->count * sizeof *p->cell;
		memcpy(p->cell, job->cell + job->taken, bytes); /* race */
		job->busy++;
		job->taken += p->count;
		if (job->taken == job->n)
			leave_queue(pool, job);
		b->last++;
		filled = true;
	}
	pthread_mutex_unlock(&b->lock);
	if (filled)
		ring(&b->work);
}

/* Nobody is left who could do it. */
static void fail_the_ring(struct pool *pool, int error)
{
	struct board *b = pool->board;
	lock_ring(b);
	for (; b->first < b->last; b->first++)
		put_back(pool, &b->place[b->first % PLACES], error);
	pthread_mutex_unlock(&b->lock);
	fail_queue(pool, error);
}

static bool anything_to_do(struct pool *pool)
{
	struct board *b = pool->board;
	lock_ring(b);
	bool any = pool->head != NULL || b->first < b->last;
	pthread_mutex_unlock(&b->lock);
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
			put_back(pool, &d->piece, atomic_load(&d->done) ? 0 : ECANCELED);
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
	pthread_mutexattr_t shared;
	pthread_mutexattr_init(&shared);
	pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&shared, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&b->lock, &shared);
	pthread_mutexattr_destroy(&shared);
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
