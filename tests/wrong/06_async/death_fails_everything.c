/* Mistake:   when a worker has died all results fail that are not ready, also those
 *            that it had no part of.
 * Test:      death_fails_its_results_only
 * Diagnosis: worker-death
 */
#define _GNU_SOURCE
#include "async_pool.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Places in the file are in units of its blocks' heads; 0 is the board, and nothing. */
typedef size_t place;

struct job {
	size_t blocks; /* that it takes, this one and those after it; also of a free piece */
	place next;    /* in the queue; or the next free piece */
	task_fn *task;
	size_t n, chunk;
	size_t taken, finished;
	int busy; /* workers that have a part of it */
	int error;
};

struct seat { /* of a worker */
	pthread_cond_t call;
	bool asleep;
	place job; /* that it has a chunk of */
};

struct board {
	pthread_mutex_t lock;
	pthread_cond_t news; /* for the caller: a job is over */
	place head, tail;    /* of the queue: jobs that are not taken wholly */
	size_t blocks;       /* the size of the file */
	bool closing;
	struct seat seat[];
};

/* Private: each process maps the file for itself, and not all at the same time. */
struct pool {
	struct board *board;
	struct job *block; /* the file, from its beginning */
	size_t mapped;     /* blocks */
	place free;        /* the first free piece */
	int file, workers;
	struct async_result *results; /* whose job is in the file */
	size_t length, since;
	pid_t pid[];
};

struct async_result {
	struct pool *pool; /* NULL: its job is not in the file any more */
	struct async_result *next, **link;
	place job;
	size_t n;
	int error;
	bool ready, freed;
	int32_t *values; /* behind it, or the caller's own */
};

static int fail(int error)
{
	errno = error;
	return error ? -1 : 0;
}

/* --- the lock ------------------------------------------------------------------------- */

/* What stands on the board is right after each single store, so whoever comes after one
 * that died with the lock can go on. */
static void recover(struct board *b, int error)
{
	if (error == EOWNERDEAD)
		pthread_mutex_consistent(&b->lock);
}

static void lock(struct board *b)
{
	recover(b, pthread_mutex_lock(&b->lock));
}

static void unlock(struct board *b)
{
	pthread_mutex_unlock(&b->lock);
}

static void make_condition(pthread_cond_t *condition)
{
	pthread_condattr_t a;
	memset(condition, 0, sizeof *condition);
	pthread_condattr_init(&a);
	pthread_condattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
	pthread_condattr_setclock(&a, CLOCK_MONOTONIC);
	pthread_cond_init(condition, &a);
	pthread_condattr_destroy(&a);
}

static void make_lock(pthread_mutex_t *mutex)
{
	pthread_mutexattr_t a;
	pthread_mutexattr_init(&a);
	pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(mutex, &a);
	pthread_mutexattr_destroy(&a);
}

/* --- the file --------------------------------------------------------------------------- */

static struct job *at(const struct pool *pool, place p)
{
	return &pool->block[p];
}

static uint32_t *cells(struct job *job)
{
	return (uint32_t *)(job + 1);
}

/* The board has a mapping of its own, which never moves. */
static bool map_up_to(struct pool *pool, size_t blocks)
{
	void *memory = mremap(pool->block, pool->mapped * sizeof *pool->block,
	                      blocks * sizeof *pool->block, MREMAP_MAYMOVE);
	if (memory == MAP_FAILED)
		return false;
	pool->block = memory;
	pool->mapped = blocks;
	return true;
}

/* Only the caller takes pieces of the file, and gives them back. Free ones stand in order. */
static void give_back(struct pool *pool, place p)
{
	place before = 0, after = pool->free;
	while (after != 0 && after < p) {
		before = after;
		after = at(pool, after)->next;
	}
	at(pool, p)->next = after;
	if (after != 0 && p + at(pool, p)->blocks == after) {
		at(pool, p)->blocks += at(pool, after)->blocks;
		at(pool, p)->next = at(pool, after)->next;
	}
	if (before == 0) {
		pool->free = p;
		return;
	}
	at(pool, before)->next = p;
	if (before + at(pool, before)->blocks == p) {
		at(pool, before)->blocks += at(pool, p)->blocks;
		at(pool, before)->next = at(pool, p)->next;
	}
}

static bool grow(struct pool *pool, size_t need)
{
	size_t old = pool->board->blocks, blocks = old + (need > old / 2 ? need : old / 2);
	blocks = (blocks + 4095) & ~(size_t)4095; /* whole pages */
	if (ftruncate(pool->file, (off_t)(blocks * sizeof *pool->block)) != 0)
		return false;
	if (!map_up_to(pool, blocks))
		return false;
	lock(pool->board);
	pool->board->blocks = blocks;
	unlock(pool->board);
	at(pool, old)->blocks = blocks - old;
	give_back(pool, old);
	return true;
}

static place find_room(struct pool *pool, size_t n)
{
	size_t need = 1 + (n * sizeof(uint32_t) + sizeof(struct job) - 1) / sizeof(struct job);
	place before = 0, p = pool->free;
	while (p != 0 && at(pool, p)->blocks < need) {
		before = p;
		p = at(pool, p)->next;
	}
	if (p == 0)
		return grow(pool, need) ? find_room(pool, n) : 0;
	place next = at(pool, p)->next;
	if (at(pool, p)->blocks > need) {
		at(pool, p + need)->blocks = at(pool, p)->blocks - need;
		at(pool, p + need)->next = next;
		next = p + need;
	}
	if (before == 0)
		pool->free = next;
	else
		at(pool, before)->next = next;
	at(pool, p)->blocks = need;
	return p;
}

/* --- workers -------------------------------------------------------------------------------- */

/* A chunk of the first job in the queue; with the lock. */
static size_t take(struct pool *pool, struct seat *me, size_t *first)
{
	struct board *b = pool->board;
	if (b->blocks > pool->mapped && !map_up_to(pool, b->blocks))
		_exit(1);
	struct job *job = at(pool, b->head);
	size_t left = job->n - job->taken, count = job->chunk < left ? job->chunk : left;
	*first = job->taken;
	me->job = b->head;
	job->busy++;
	job->taken += count;
	if (job->taken == job->n)
		b->head = job->next;
	return count;
}

static void work(struct pool *pool, struct seat *me)
{
	struct board *b = pool->board;
	size_t first;
	lock(b);
	for (;;) {
		while (b->head == 0 && !b->closing) {
			me->asleep = true;
			recover(b, pthread_cond_wait(&me->call, &b->lock));
		}
		me->asleep = false;
		if (b->head == 0)
			break;
		size_t count = take(pool, me, &first);
		struct job *job = at(pool, me->job);
		unlock(b);
		uint32_t *cell = cells(job) + first;
		for (size_t i = 0; i < count; i++)
			cell[i] = (uint32_t)job->task(cell[i]);
		lock(b);
		job->finished += count;
		job->busy--;
		me->job = 0;
		if (job->finished == job->n)
			pthread_cond_signal(&b->news);
	}
	unlock(b);
}

static int start(struct pool *pool, int rank)
{
	struct seat *seat = &pool->board->seat[rank];
	pid_t parent = getpid();
	make_condition(&seat->call);
	seat->asleep = false;
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			work(pool, seat);
		_exit(0);
	}
	pool->pid[rank] = pid > 0 ? pid : 0;
	return pid > 0 ? 0 : errno;
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* --- the dead; with the lock ------------------------------------------------------------------ */

static void break_job(struct pool *pool, place p, int error)
{
	struct board *b = pool->board;
	place before = 0, q = b->head;
	while (q != 0 && q != p) {
		before = q;
		q = at(pool, q)->next;
	}
	if (q != 0 && before != 0)
		at(pool, before)->next = at(pool, q)->next;
	else if (q != 0)
		b->head = at(pool, q)->next;
	if (q != 0 && b->tail == q)
		b->tail = before;
	at(pool, p)->error = error;
}

static bool bury(struct pool *pool, int rank)
{
	struct seat *seat = &pool->board->seat[rank];
	if (pool->pid[rank] == 0 || waitpid(pool->pid[rank], NULL, WNOHANG) == 0)
		return false;
	pool->pid[rank] = 0;
	if (seat->job != 0) {
		at(pool, seat->job)->busy--;
		break_job(pool, seat->job, ECHILD);
	}
	for (struct async_result *r = pool->results; r != NULL; r = r->next)
		if (at(pool, r->job)->finished < r->n)
			break_job(pool, r->job, ECHILD);
	seat->job = 0;
	return true;
}

/* Without the lock. Somebody takes the place of each who has died. */
static void count_workers(struct pool *pool)
{
	bool any = false;
	for (int rank = 0; rank < pool->workers; rank++) {
		lock(pool->board);
		bury(pool, rank);
		unlock(pool->board);
		if (pool->pid[rank] == 0)
			start(pool, rank);
		any = any || pool->pid[rank] > 0;
	}
	lock(pool->board);
	while (!any && pool->board->head != 0)
		break_job(pool, pool->board->head, ECHILD);
	unlock(pool->board);
}

/* --- what became of the jobs -------------------------------------------------------------------- */

static void forget(struct async_result *r)
{
	give_back(r->pool, r->job);
	*r->link = r->next;
	if (r->next != NULL)
		r->next->link = r->link;
	r->pool = NULL;
	if (r->freed)
		free(r);
}

/* With the lock. Takes the results out as soon as they are there. */
static bool look(struct async_result *r)
{
	if (r->ready)
		return true;
	struct job *job = at(r->pool, r->job);
	r->error = job->error;
	r->ready = job->error != 0 || job->finished == job->n;
	if (r->ready && r->error == 0 && r->n > 0 && !r->freed)
		memcpy(r->values, cells(job), r->n * sizeof *r->values);
	return r->ready;
}

static bool look_again(struct async_result *r)
{
	struct pool *pool = r->pool;
	if (pool == NULL)
		return true;
	lock(pool->board);
	bool ready = look(r), unused = ready && at(pool, r->job)->busy == 0;
	unlock(pool->board);
	if (unused)
		forget(r);
	return ready;
}

/* Takes what is over out of the file; not with each call, where there is much. */
static void clear(struct pool *pool)
{
	if (++pool->since <= pool->length / 4)
		return;
	pool->since = pool->length = 0;
	for (struct async_result *r = pool->results, *next; r != NULL; r = next) {
		next = r->next;
		look_again(r);
		pool->length++;
	}
}

/* --- making and ending ------------------------------------------------------------------------------ */

static void release(struct pool *pool, size_t board_size)
{
	if (pool->block != MAP_FAILED)
		munmap(pool->block, pool->mapped * sizeof *pool->block);
	if (pool->board != MAP_FAILED)
		munmap(pool->board, board_size);
	if (pool->file >= 0)
		close(pool->file);
	free(pool);
}

static size_t board_blocks(int workers)
{
	size_t size = sizeof(struct board) + (size_t)workers * sizeof(struct seat);
	return (size / sizeof(struct job) + 4096) & ~(size_t)4095; /* a multiple of the page's size */
}

static int make_file(struct pool *pool)
{
	size_t size = board_blocks(pool->workers) * sizeof *pool->block;
	pool->file = memfd_create("async pool", MFD_CLOEXEC);
	if (pool->file < 0 || ftruncate(pool->file, (off_t)size) != 0)
		return errno;
	pool->board = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, pool->file, 0);
	if (pool->board == MAP_FAILED)
		return errno;
	pool->block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, pool->file, 0);
	if (pool->block == MAP_FAILED)
		return errno;
	pool->mapped = pool->board->blocks = board_blocks(pool->workers);
	make_lock(&pool->board->lock);
	make_condition(&pool->board->news);
	return 0;
}

static void end_workers(struct pool *pool, bool at_once)
{
	if (!at_once) {
		lock(pool->board);
		pool->board->closing = true;
		for (int rank = 0; rank < pool->workers; rank++)
			pthread_cond_signal(&pool->board->seat[rank].call);
		unlock(pool->board);
	}
	for (int rank = 0; rank < pool->workers; rank++)
		if (at_once && pool->pid[rank] > 0)
			kill(pool->pid[rank], SIGKILL);
	for (int rank = 0; rank < pool->workers; rank++)
		if (pool->pid[rank] > 0)
			reap(pool->pid[rank]);
}

struct pool *pool_create(int workers)
{
	if (workers < 1)
		return errno = EINVAL, NULL;
	struct pool *pool = calloc(1, sizeof *pool + (size_t)workers * sizeof(pid_t));
	if (pool == NULL)
		return NULL;
	pool->workers = workers;
	pool->board = MAP_FAILED;
	pool->block = MAP_FAILED;
	int error = make_file(pool);
	for (int rank = 0; rank < workers && error == 0; rank++)
		error = start(pool, rank);
	if (error == 0)
		return pool;
	end_workers(pool, true);
	release(pool, board_blocks(workers) * sizeof *pool->block);
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
	struct async_result *r, *next;
	for (r = pool->results; r != NULL && !at_once; r = next) {
		next = r->next;
		async_wait(r, -1);
	}
	end_workers(pool, at_once);
	for (r = pool->results; r != NULL; r = next) {
		next = r->next;
		if (!r->ready && at(pool, r->job)->finished < r->n && at(pool, r->job)->error == 0)
			at(pool, r->job)->error = ECANCELED;
		look(r);
		forget(r);
	}
	release(pool, board_blocks(pool->workers) * sizeof *pool->block);
	return 0;
}

int pool_close(struct pool *pool)
{
	return end(pool, false);
}

int pool_terminate(struct pool *pool)
{
	return end(pool, true);
}

/* --- jobs ---------------------------------------------------------------------------------------------- */

static void enqueue(struct pool *pool, place p, size_t chunks)
{
	struct board *b = pool->board;
	lock(b);
	if (b->head == 0)
		b->head = p;
	else
		at(pool, b->tail)->next = p;
	b->tail = p;
	for (int rank = 0; rank < pool->workers && chunks > 0; rank++)
		if (b->seat[rank].asleep) {
			b->seat[rank].asleep = false;
			pthread_cond_signal(&b->seat[rank].call);
			chunks--;
		}
	unlock(b);
}

static struct async_result *submit(struct pool *pool, task_fn *task, const uint32_t *seeds,
                                   size_t n, size_t chunk, int32_t *values)
{
	count_workers(pool);
	clear(pool);
	size_t room = values ? 0 : n * sizeof *values;
	struct async_result *r = n < SIZE_MAX / 16 ? malloc(sizeof *r + room) : NULL;
	place p = r ? find_room(pool, n) : 0;
	if (p == 0) {
		free(r);
		return errno = ENOMEM, NULL;
	}
	if (chunk == 0)
		chunk = n / ((size_t)pool->workers * 8) + 1;
	struct job *job = at(pool, p);
	*job = (struct job){ .blocks = job->blocks, .task = task, .n = n, .chunk = chunk };
	*r = (struct async_result){ .pool = pool, .next = pool->results, .link = &pool->results,
		                        .job = p, .n = n, .values = values };
	if (values == NULL)
		r->values = (int32_t *)(r + 1);
	if (r->next != NULL)
		r->next->link = &r->next;
	pool->results = r;
	if (n > 0) {
		memcpy(cells(job), seeds, n * sizeof *seeds);
		enqueue(pool, p, (n - 1) / chunk + 1);
	}
	return r;
}

struct async_result *pool_map_async(struct pool *pool, task_fn *task, const uint32_t *seeds,
                                    size_t n, size_t chunk)
{
	if (!pool || !task || (n > 0 && !seeds))
		return errno = EINVAL, NULL;
	return submit(pool, task, seeds, n, chunk, NULL);
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
	struct async_result *r = submit(pool, task, seeds, n, chunk, results);
	if (r == NULL)
		return -1;
	async_wait(r, -1);
	int error = r->error;
	async_free(r);
	return fail(error);
}

int pool_apply(struct pool *pool, task_fn *task, uint32_t seed, int32_t *result)
{
	return pool_map(pool, task, &seed, 1, result, 1);
}

/* --- results --------------------------------------------------------------------------------------------- */

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Sleeps with the lock given away, until something is over or it is time to look for the
 * dead. The news of one pool only reach us: with several, it looks more often. */
static int doze(struct async_result *results[], size_t count, double seconds)
{
	struct pool *pool = results[0]->pool;
	struct timespec until;
	double most = 0.040;
	for (size_t i = 1; i < count; i++)
		most = results[i]->pool == pool ? most : 0.001;
	seconds = seconds < most ? seconds : most;
	clock_gettime(CLOCK_MONOTONIC, &until);
	long ns = until.tv_nsec + (long)(seconds * 1e9);
	until.tv_sec += ns / 1000000000;
	until.tv_nsec = ns % 1000000000;
	lock(pool->board);
	int index = -1;
	for (size_t i = 0; i < count && index < 0; i++)
		if (results[i]->pool == pool && look(results[i]))
			index = (int)i;
	if (index < 0)
		recover(pool->board,
		        pthread_cond_timedwait(&pool->board->news, &pool->board->lock, &until));
	unlock(pool->board);
	return index;
}

static int find_ready(struct async_result *results[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (look_again(results[i]))
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
	double end = now() + timeout, left = timeout < 0 ? 1 : timeout;
	int index;
	while ((index = find_ready(results, count)) < 0 && left > 0) {
		doze(results, count, left);
		for (size_t i = 0; i < count; i++)
			if (i == 0 || results[i]->pool != results[i - 1]->pool)
				count_workers(results[i]->pool);
		left = timeout < 0 ? 1 : end - now();
	}
	return index >= 0 ? index : fail(ETIMEDOUT);
}

int async_wait(struct async_result *result, double timeout)
{
	return async_wait_any(&result, 1, timeout);
}

int async_ready(struct async_result *result)
{
	if (result == NULL)
		return fail(EINVAL);
	if (!look_again(result))
		count_workers(result->pool);
	return look_again(result);
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
		memcpy(results, result->values, result->n * sizeof *results);
	return 0;
}

void async_free(struct async_result *result)
{
	if (result == NULL)
		return;
	bool unused = result->pool == NULL;
	result->freed = true;
	if (unused)
		free(result);
}
