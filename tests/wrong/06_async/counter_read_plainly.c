/* Mistake:   workers count a job's unfinished tickets down atomically, and whether it is
 *            ready is read from the same counter with a plain access.
 * Test:      has_no_race
 * Diagnosis: race
 */
#define _GNU_SOURCE
#include "async_pool.h"

#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TICKETS ((uint64_t)1 << 22) /* 96 MiB are reserved for them, */
#define CELLS ((uint64_t)1 << 27)   /* and 512 MiB for seeds and results */

enum state { SETTLED, OPEN, WORKER }; /* WORKER + rank: this worker has it */

struct ticket {
	atomic_uint state;
	uint32_t count;
	task_fn *task;
	uint32_t cell; /* of the first seed; its result will stand in the same place */
	uint32_t left; /* the cell that counts the job's unfinished tickets */
};

struct arena {
	sem_t work, news;       /* tickets that nobody was woken for; jobs that were finished */
	_Atomic uint64_t next;  /* all tickets before it are taken */
	_Atomic uint64_t published;
	atomic_bool closing;
	struct ticket ticket[TICKETS];
	uint32_t cell[CELLS];
};

/* Everything but the arena belongs to the caller alone. */
struct async_result {
	struct pool *pool; /* NULL: its values are here, nothing is left in the arena */
	struct async_result *next;
	uint64_t first, cursor, end;    /* its tickets; those before the cursor are settled */
	uint64_t place, first_cell;     /* the first of its cells: of all, in the arena */
	size_t n;
	int error;
	bool ready, freed;
	int32_t *values; /* behind it; or the caller's, if the caller waits anyway */
};

struct pool {
	struct arena *arena;
	struct async_result *oldest, **last; /* all that have something in the arena, in order */
	uint64_t tickets, cells;             /* used so far, as if they had no end */
	size_t length, since;                /* the list's, when it was last cleared; calls since */
	int workers;
	pid_t pid[]; /* 0: has died, and nobody could take its place */
};

static int fail(int error)
{
	errno = error;
	return error ? -1 : 0;
}

/* --- workers ------------------------------------------------------------------------ */

/* Who comes too late for a ticket helps to count on; a place may have been used again
 * meanwhile, and then whoever finds it open may have it as well. */
static struct ticket *take(struct arena *a, unsigned me)
{
	for (;;) {
		uint64_t next = atomic_load(&a->next);
		if (next >= atomic_load(&a->published))
			return NULL;
		struct ticket *t = &a->ticket[next % TICKETS];
		unsigned open = OPEN;
		bool mine = atomic_compare_exchange_strong(&t->state, &open, me);
		atomic_compare_exchange_strong(&a->next, &next, next + 1);
		if (mine)
			return t;
	}
}

static void work(struct arena *a, unsigned me)
{
	for (;;) {
		while (sem_wait(&a->work) != 0)
			;
		struct ticket *t = take(a, me);
		if (t == NULL && atomic_load(&a->closing))
			return;
		if (t == NULL)
			continue;
		for (uint32_t i = t->cell; i < t->cell + t->count; i++) {
			a->cell[i] = (uint32_t)t->task(a->cell[i]);
		}
		uint32_t *left = &a->cell[t->left];
		bool last = __atomic_sub_fetch(left, 1, __ATOMIC_SEQ_CST) == 0; /* race */
		atomic_store(&t->state, SETTLED); /* from here on the place is not ours */
		if (last)
			sem_post(&a->news);
	}
}

static int start(struct pool *pool, int rank)
{
	pid_t parent = getpid();
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			work(pool->arena, WORKER + (unsigned)rank);
		_exit(0);
	}
	pool->pid[rank] = pid > 0 ? pid : 0;
	return pid > 0 ? 0 : errno;
}

static void end_workers(struct pool *pool, bool at_once)
{
	for (int rank = 0; at_once && rank < pool->workers; rank++)
		if (pool->pid[rank] > 0)
			kill(pool->pid[rank], SIGKILL);
	for (int rank = 0; rank < pool->workers; rank++)
		while (pool->pid[rank] > 0 && waitpid(pool->pid[rank], NULL, 0) < 0 && errno == EINTR)
			;
}

/* --- what became of the jobs --------------------------------------------------------- */

static void become_ready(struct async_result *r, int error)
{
	struct arena *a = r->pool->arena;
	r->ready = true;
	r->error = error;
	for (size_t i = 0; i < r->n && error == 0 && !r->freed; i++)
		r->values[i] = (int32_t)a->cell[r->first_cell + i];
}

static bool look(struct async_result *r)
{
	if (!r->ready && r->pool->arena->cell[r->first_cell + r->n] == 0) /* race */
		become_ready(r, 0);
	return r->ready;
}

/* Whether no worker will touch its place in the arena any more. */
static bool settled(struct async_result *r)
{
	struct arena *a = r->pool->arena;
	while (r->cursor < r->end && atomic_load(&a->ticket[r->cursor % TICKETS].state) == SETTLED)
		r->cursor++;
	return look(r) && r->cursor == r->end;
}

/* Takes what is settled from the list; the places of the oldest are used again. Not
 * with each call, if the list is long. */
static void clear(struct pool *pool)
{
	struct async_result **link = &pool->oldest, *r;
	if (++pool->since <= pool->length / 4)
		return;
	pool->since = pool->length = 0;
	while ((r = *link) != NULL) {
		if (settled(r)) {
			*link = r->next;
			r->pool = NULL;
			if (r->freed)
				free(r);
		} else {
			link = &r->next;
			pool->length++;
		}
	}
	pool->last = link;
	if (pool->oldest == NULL)
		pool->cells = 0;
}

static void lose(struct pool *pool, unsigned state)
{
	for (struct async_result *r = pool->oldest; r != NULL; r = r->next) {
		for (uint64_t i = r->cursor; i < r->end; i++) {
			struct ticket *t = &pool->arena->ticket[i % TICKETS];
			unsigned expected = state;
			if (!atomic_compare_exchange_strong(&t->state, &expected, SETTLED))
				continue;
			if (!look(r))
				become_ready(r, ECHILD);
		}
	}
}

/* Looks for workers that have died: what they had is lost, and others take their place.
 * If there is nobody left, everything is lost. */
static void count_workers(struct pool *pool)
{
	bool any = false;
	for (int rank = 0; rank < pool->workers; rank++) {
		if (pool->pid[rank] > 0 && waitpid(pool->pid[rank], NULL, WNOHANG) != 0) {
			lose(pool, WORKER + (unsigned)rank);
			pool->pid[rank] = 0;
		}
		if (pool->pid[rank] == 0 && start(pool, rank) == 0)
			sem_post(&pool->arena->work); /* the dead one may have taken one along */
		any = any || pool->pid[rank] > 0;
	}
	if (!any)
		lose(pool, OPEN);
}

/* --- making and ending --------------------------------------------------------------- */

struct pool *pool_create(int workers)
{
	if (workers < 1)
		return errno = EINVAL, NULL;
	struct pool *pool = calloc(1, sizeof *pool + (size_t)workers * sizeof(pid_t));
	if (pool == NULL)
		return NULL;
	pool->workers = workers;
	pool->last = &pool->oldest;
	pool->arena = mmap(NULL, sizeof *pool->arena, PROT_READ | PROT_WRITE,
	                   MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	int error = pool->arena == MAP_FAILED ? errno : 0;
	if (error == 0) {
		sem_init(&pool->arena->work, 1, 0);
		sem_init(&pool->arena->news, 1, 0);
		for (int rank = 0; rank < workers && error == 0; rank++)
			error = start(pool, rank);
		if (error == 0)
			return pool;
		end_workers(pool, true);
		munmap(pool->arena, sizeof *pool->arena);
	}
	free(pool);
	errno = error;
	return NULL;
}

int pool_workers(const struct pool *pool)
{
	return pool ? pool->workers : fail(EINVAL);
}

static int wait_for(struct async_result *list[], size_t count, double timeout);

static int end(struct pool *pool, bool at_once)
{
	for (struct async_result *r = pool->oldest; r != NULL && !at_once; r = r->next)
		wait_for(&r, 1, -1);
	atomic_store(&pool->arena->closing, true);
	for (int rank = 0; rank < pool->workers; rank++)
		sem_post(&pool->arena->work);
	end_workers(pool, at_once);
	for (struct async_result *r = pool->oldest, *next; r != NULL; r = next) {
		next = r->next;
		if (!look(r))
			become_ready(r, ECANCELED);
		r->pool = NULL;
		if (r->freed)
			free(r);
	}
	munmap(pool->arena, sizeof *pool->arena);
	free(pool);
	return 0;
}

int pool_close(struct pool *pool)
{
	return pool ? end(pool, false) : fail(EINVAL);
}

int pool_terminate(struct pool *pool)
{
	return pool ? end(pool, true) : fail(EINVAL);
}

/* --- jobs ------------------------------------------------------------------------------ */

/* A job needs a cell for each task and one more, in one piece. What lies between the
 * oldest job that is still in the arena and the newest is in use. */
static bool find_cells(struct pool *pool, struct async_result *r)
{
	uint64_t first = pool->cells, need = r->n + 1;
	if (first % CELLS + need > CELLS)
		first += CELLS - first % CELLS;
	if (need > CELLS || (pool->oldest && first + need - pool->oldest->place > CELLS))
		return false;
	r->place = first;
	r->first_cell = first % CELLS;
	pool->cells = first + need;
	return true;
}

static size_t choose_chunk(const struct pool *pool, size_t n, size_t chunk)
{
	if (chunk == 0)
		chunk = n / ((size_t)pool->workers * 8) + 1;
	if (chunk > n)
		chunk = n;
	size_t least = n / (TICKETS / 4) + 1; /* or there would not be tickets enough */
	return chunk < least ? least : chunk;
}

static void publish(struct pool *pool, struct async_result *r, task_fn *task, size_t chunk)
{
	struct arena *a = pool->arena;
	for (size_t i = 0; i < r->n; i += chunk) {
		struct ticket *t = &a->ticket[pool->tickets++ % TICKETS];
		t->count = (uint32_t)(chunk < r->n - i ? chunk : r->n - i);
		t->task = task;
		t->cell = (uint32_t)(r->first_cell + i);
		t->left = (uint32_t)(r->first_cell + r->n);
		atomic_store(&t->state, OPEN);
		atomic_store(&a->published, pool->tickets);
		sem_post(&a->work);
	}
}

static struct async_result *submit(struct pool *pool, task_fn *task, const uint32_t *seeds,
                                   size_t n, size_t chunk, int32_t *values)
{
	count_workers(pool);
	clear(pool);
	chunk = choose_chunk(pool, n, chunk);
	size_t tickets = n / chunk + (n % chunk != 0), room = values ? 0 : n * sizeof *values;
	struct async_result *r = n < CELLS ? malloc(sizeof *r + room) : NULL;
	if (r == NULL)
		return errno = ENOMEM, NULL;
	*r = (struct async_result){ .pool = pool, .n = n, .values = values };
	if (!values)
		r->values = (int32_t *)(r + 1);
	r->first = r->cursor = pool->tickets;
	r->end = r->first + tickets;
	if ((pool->oldest && r->end - pool->oldest->first > TICKETS) || !find_cells(pool, r)) {
		free(r);
		return errno = ENOMEM, NULL;
	}
	for (size_t i = 0; i < n; i++)
		pool->arena->cell[r->first_cell + i] = seeds[i];
	pool->arena->cell[r->first_cell + n] = (uint32_t)tickets;
	*pool->last = r;
	pool->last = &r->next;
	publish(pool, r, task, chunk);
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

/* A large map goes in parts, or the arena would be too small for it. */
int pool_map(struct pool *pool, task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
             size_t chunk)
{
	const size_t most = CELLS / 4;
	if (!pool || (n > 0 && (!task || !seeds || !results)))
		return fail(EINVAL);
	while (n > 0) {
		size_t part = n < most ? n : most;
		struct async_result *r = submit(pool, task, seeds, part, chunk, results);
		if (r == NULL)
			return -1;
		wait_for(&r, 1, -1);
		int error = r->error;
		async_free(r);
		if (error != 0)
			return fail(error);
		seeds += part, results += part, n -= part;
	}
	return 0;
}

int pool_apply(struct pool *pool, task_fn *task, uint32_t seed, int32_t *result)
{
	return pool_map(pool, task, &seed, 1, result, 1);
}

/* --- results ------------------------------------------------------------------------------ */

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int find_ready(struct async_result *list[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (look(list[i]))
			return (int)i;
	return -1;
}

/* Sleeps until a job is finished, or until it is time to look for the dead. Where
 * several pools are waited for, the others cannot wake us. */
static void doze(struct async_result *list[], size_t count, double seconds)
{
	double most = 0.030;
	struct timespec until;
	for (size_t i = 1; i < count; i++)
		if (list[i]->pool != list[0]->pool)
			most = 0.001;
	if (seconds > most)
		seconds = most;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (long)(seconds * 1e9);
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	sem_clockwait(&list[0]->pool->arena->news, CLOCK_MONOTONIC, &until);
}

static int wait_for(struct async_result *list[], size_t count, double timeout)
{
	double end = now() + timeout, left = 1;
	int ready;
	while ((ready = find_ready(list, count)) < 0) {
		if (timeout >= 0)
			left = end - now();
		if (left > 0 && timeout != 0)
			doze(list, count, left);
		for (size_t i = 0; i < count; i++)
			if (i == 0 || list[i]->pool != list[i - 1]->pool)
				count_workers(list[i]->pool);
		if ((left <= 0 || timeout == 0) && find_ready(list, count) < 0)
			return fail(ETIMEDOUT);
	}
	return ready;
}

int async_wait_any(struct async_result *results[], size_t count, double timeout)
{
	if (results == NULL || count == 0)
		return fail(EINVAL);
	for (size_t i = 0; i < count; i++)
		if (results[i] == NULL)
			return fail(EINVAL);
	return wait_for(results, count, timeout);
}

int async_wait(struct async_result *result, double timeout)
{
	return async_wait_any(&result, 1, timeout);
}

int async_ready(struct async_result *result)
{
	if (result == NULL)
		return fail(EINVAL);
	if (!look(result))
		count_workers(result->pool);
	return look(result);
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
	result->freed = true;
	if (result->pool == NULL)
		free(result);
}
