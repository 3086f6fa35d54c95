/* Unusual:   nothing is mapped, and there is no helper thread: jobs are written whole to a
 *            file in memory, from which the workers read seeds and to which they write
 *            results. A record lock guards it, which the kernel takes from the dead. One
 *            pipe wakes the workers, another the caller; what is in them means nothing.
 */
#define _GNU_SOURCE
#include "async_pool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
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

enum { BLOCK = 1024 };

/* The file begins with this, then comes a seat for each worker, then jobs. */
struct front {
	off_t head; /* the first job that is not taken wholly; 0: none */
	bool closing;
};

struct seat {
	off_t job; /* of which the worker has a chunk; 0: none */
	size_t first, count;
};

struct job { /* its seeds come behind it, and the results take their place */
	off_t next;
	task_fn *task;
	size_t n, chunk, taken, finished;
	bool broken; /* nobody is to take more of it */
};

struct pool {
	int file, bell[2], news[2];
	int workers;
	off_t end, last; /* of what is in use; the last job of the queue */
	struct async_result *oldest;
	size_t length, since;
	pid_t pid[];
};

struct async_result {
	struct pool *pool; /* NULL: nothing in the file belongs to it */
	struct async_result *next;
	off_t job;
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

/* --- the file ------------------------------------------------------------------------- */

static void get(const struct pool *pool, off_t where, void *data, size_t size)
{
	for (ssize_t got; size > 0; data = (char *)data + got, where += got, size -= (size_t)got)
		while ((got = pread(pool->file, data, size, where)) < 0)
			;
}

static bool put(const struct pool *pool, off_t where, const void *data, size_t size)
{
	for (ssize_t done; size > 0; data = (const char *)data + done, where += done,
	             size -= (size_t)done)
		while ((done = pwrite(pool->file, data, size, where)) < 0)
			if (errno != EINTR)
				return false;
	return true;
}

static void set_lock(const struct pool *pool, short type)
{
	struct flock first = { .l_type = type, .l_whence = SEEK_SET, .l_len = 1 };
	while (fcntl(pool->file, F_SETLKW, &first) != 0 && errno == EINTR)
		;
}

static void lock(const struct pool *pool)
{
	set_lock(pool, F_WRLCK);
}

static void unlock(const struct pool *pool)
{
	set_lock(pool, F_UNLCK);
}

static off_t seat_of(int rank)
{
	return (off_t)(sizeof(struct front) + (size_t)rank * sizeof(struct seat));
}

static off_t cell(off_t job, size_t i)
{
	return job + (off_t)(sizeof(struct job) + i * sizeof(uint32_t));
}

/* A full pipe wakes as well as one more byte would. */
static void ring(int pipe_end)
{
	while (write(pipe_end, "", 1) < 0 && errno == EINTR)
		;
}

/* --- workers ---------------------------------------------------------------------------- */

/* The seat is written before the job: what stands in it is taken only if the job says so. */
static bool take(const struct pool *pool, int rank, struct seat *seat, struct job *job)
{
	struct front front;
	lock(pool);
	get(pool, 0, &front, sizeof front);
	while (front.head != 0) {
		get(pool, front.head, job, sizeof *job);
		if (!job->broken && job->taken < job->n)
			break;
		front.head = job->next;
		put(pool, 0, &front, sizeof front);
	}
	if (front.head != 0) {
		size_t left = job->n - job->taken;
		*seat = (struct seat){ front.head, job->taken, job->chunk < left ? job->chunk : left };
		put(pool, seat_of(rank), seat, sizeof *seat);
		job->taken += seat->count;
		put(pool, front.head, job, sizeof *job);
	}
	unlock(pool);
	return front.head != 0;
}

static void compute(const struct pool *pool, const struct seat *seat, task_fn *task)
{
	static uint32_t block[BLOCK];
	for (size_t done = 0, count; done < seat->count; done += count) {
		count = seat->count - done < BLOCK ? seat->count - done : BLOCK;
		off_t where = cell(seat->job, seat->first + done);
		get(pool, where, block, count * sizeof *block);
		for (size_t i = 0; i < count; i++)
			block[i] = (uint32_t)task(block[i]);
		put(pool, where, block, count * sizeof *block);
	}
}

static void finish(const struct pool *pool, int rank, const struct seat *seat)
{
	struct job job;
	lock(pool);
	get(pool, seat->job, &job, sizeof job);
	job.finished += seat->count;
	put(pool, seat->job, &job, sizeof job);
	put(pool, seat_of(rank), &(struct seat){ 0 }, sizeof *seat);
	unlock(pool);
	if (job.finished == job.n)
		ring(pool->news[1]);
}

static void work(const struct pool *pool, int rank)
{
	struct front front;
	struct seat seat;
	struct job job;
	ssize_t rung;
	char byte;
	do {
		while (take(pool, rank, &seat, &job)) {
			compute(pool, &seat, job.task);
			finish(pool, rank, &seat);
		}
		get(pool, 0, &front, sizeof front);
		rung = front.closing ? 0 : read(pool->bell[0], &byte, 1);
	} while (rung == 1 || (rung < 0 && errno == EINTR));
}

static int start(struct pool *pool, int rank)
{
	pid_t parent = getpid();
	put(pool, seat_of(rank), &(struct seat){ 0 }, sizeof(struct seat));
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(pool->bell[1]);
		close(pool->news[0]);
		if (getppid() == parent)
			work(pool, rank);
		_exit(0);
	}
	pool->pid[rank] = pid > 0 ? pid : 0;
	return pid > 0 ? 0 : errno;
}

static void end_workers(struct pool *pool, bool at_once)
{
	for (int rank = 0; rank < pool->workers && at_once; rank++)
		if (pool->pid[rank] > 0)
			kill(pool->pid[rank], SIGKILL);
	for (int rank = 0; rank < pool->workers && !at_once; rank++)
		ring(pool->bell[1]);
	for (int rank = 0; rank < pool->workers; rank++)
		while (pool->pid[rank] > 0 && waitpid(pool->pid[rank], NULL, 0) < 0 && errno == EINTR)
			;
}

/* --- what became of the jobs ------------------------------------------------------------ */

static bool look(struct async_result *r)
{
	struct job job;
	if (r->ready)
		return true;
	get(r->pool, r->job, &job, sizeof job);
	r->ready = job.finished == job.n;
	if (r->ready && !r->freed)
		get(r->pool, cell(r->job, 0), r->values, r->n * sizeof *r->values);
	return r->ready;
}

/* With the lock. */
static void break_job(struct pool *pool, off_t where, int error)
{
	struct job job;
	for (struct async_result *r = pool->oldest; r != NULL; r = r->next) {
		if (r->job != where || look(r))
			continue;
		get(pool, where, &job, sizeof job);
		job.broken = true;
		put(pool, where, &job, sizeof job);
		r->error = error;
		r->ready = true;
	}
}

static void bury(struct pool *pool, int rank)
{
	struct seat seat;
	struct job job;
	pool->pid[rank] = 0;
	lock(pool);
	get(pool, seat_of(rank), &seat, sizeof seat);
	if (seat.job != 0) {
		get(pool, seat.job, &job, sizeof job);
		if (job.taken > seat.first)
			break_job(pool, seat.job, ECHILD);
	}
	unlock(pool);
}

static void count_workers(struct pool *pool)
{
	bool any = false;
	for (int rank = 0; rank < pool->workers; rank++) {
		if (pool->pid[rank] > 0 && waitpid(pool->pid[rank], NULL, WNOHANG) != 0)
			bury(pool, rank);
		if (pool->pid[rank] == 0)
			start(pool, rank); /* it looks for work before it sleeps */
		any = any || pool->pid[rank] > 0;
	}
	for (struct async_result *r = pool->oldest; r != NULL && !any; r = r->next)
		break_job(pool, r->job, ECHILD);
}

static bool is_in_use(struct pool *pool, off_t job)
{
	struct seat seat;
	for (int rank = 0; rank < pool->workers; rank++) {
		get(pool, seat_of(rank), &seat, sizeof seat);
		if (seat.job == job)
			return true;
	}
	return false;
}

/* Its place is used again when nothing else is in the file. It stays in the queue, which
 * leads through it, until a worker has come by. */
static void clear(struct pool *pool)
{
	struct front front;
	struct async_result **link = &pool->oldest, *r;
	if (++pool->since <= pool->length / 4)
		return;
	pool->since = pool->length = 0;
	lock(pool);
	while ((r = *link) != NULL) {
		if (look(r) && !is_in_use(pool, r->job)) {
			*link = r->next;
			r->pool = NULL;
			if (r->freed)
				free(r);
		} else {
			link = &r->next;
			pool->length++;
		}
	}
	if (pool->oldest == NULL) {
		get(pool, 0, &front, sizeof front);
		front.head = 0;
		put(pool, 0, &front, sizeof front);
		pool->end = seat_of(pool->workers);
	}
	unlock(pool);
}

/* --- making and ending -------------------------------------------------------------------- */

static void release(struct pool *pool)
{
	const int all[] = { pool->file, pool->bell[0], pool->bell[1], pool->news[0], pool->news[1] };
	for (int i = 0; i < 5; i++)
		if (all[i] >= 0)
			close(all[i]);
	free(pool);
}

/* Whoever rings does not wait, and nor does the caller when it listens. */
static int open_all(struct pool *pool)
{
	struct front front = { 0 };
	pool->file = pool->bell[0] = pool->bell[1] = pool->news[0] = pool->news[1] = -1;
	pool->file = memfd_create("spool", MFD_CLOEXEC);
	if (pool->file < 0 || pipe(pool->bell) != 0 || pipe(pool->news) != 0)
		return errno;
	fcntl(pool->bell[1], F_SETFL, O_NONBLOCK);
	fcntl(pool->news[0], F_SETFL, O_NONBLOCK);
	fcntl(pool->news[1], F_SETFL, O_NONBLOCK);
	pool->end = seat_of(pool->workers);
	return put(pool, 0, &front, sizeof front) ? 0 : errno;
}

struct pool *pool_create(int workers)
{
	if (workers < 1)
		return errno = EINVAL, NULL;
	struct pool *pool = calloc(1, sizeof *pool + (size_t)workers * sizeof(pid_t));
	if (pool == NULL)
		return NULL;
	pool->workers = workers;
	int error = open_all(pool);
	for (int rank = 0; rank < workers && error == 0; rank++)
		error = start(pool, rank);
	if (error == 0)
		return pool;
	end_workers(pool, true);
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
	struct async_result *r, *next;
	if (pool == NULL)
		return fail(EINVAL);
	for (r = pool->oldest; r != NULL && !at_once; r = r->next)
		async_wait(r, -1);
	if (!at_once) {
		lock(pool); /* a worker may be about to write what it has read */
		put(pool, 0, &(struct front){ .closing = true }, sizeof(struct front));
		unlock(pool);
	}
	end_workers(pool, at_once);
	for (r = pool->oldest; r != NULL; r = next) {
		next = r->next;
		if (!look(r))
			r->error = ECANCELED;
		r->ready = true;
		r->pool = NULL;
		if (r->freed)
			free(r);
	}
	release(pool);
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

/* --- jobs ----------------------------------------------------------------------------------- */

static bool write_job(struct pool *pool, const struct job *job, const uint32_t *seeds)
{
	off_t where = pool->end;
	if (!put(pool, where, job, sizeof *job) ||
	    !put(pool, cell(where, 0), seeds, job->n * sizeof *seeds))
		return false;
	pool->end = (cell(where, job->n) + 15) & ~(off_t)15;
	return true;
}

static void enqueue(struct pool *pool, off_t where)
{
	struct front front;
	struct job last;
	lock(pool);
	get(pool, 0, &front, sizeof front);
	if (front.head == 0) {
		front.head = where;
		put(pool, 0, &front, sizeof front);
	} else {
		get(pool, pool->last, &last, sizeof last);
		last.next = where;
		put(pool, pool->last, &last, sizeof last);
	}
	unlock(pool);
	pool->last = where;
	for (int rank = 0; rank < pool->workers; rank++)
		ring(pool->bell[1]);
}

static struct async_result *submit(struct pool *pool, task_fn *task, const uint32_t *seeds,
                                   size_t n, size_t chunk, int32_t *values)
{
	count_workers(pool);
	clear(pool);
	size_t room = values ? 0 : n * sizeof *values;
	struct async_result *r = n < SIZE_MAX / 16 ? malloc(sizeof *r + room) : NULL;
	if (r == NULL)
		return errno = ENOMEM, NULL;
	if (chunk == 0)
		chunk = n / ((size_t)pool->workers * 8) + 1;
	struct job job = { .task = task, .n = n, .chunk = chunk };
	*r = (struct async_result){ .pool = pool, .next = pool->oldest, .job = pool->end, .n = n };
	r->values = values ? values : (int32_t *)(r + 1);
	if (!write_job(pool, &job, seeds)) {
		free(r);
		return errno = ENOMEM, NULL;
	}
	pool->oldest = r;
	if (n > 0)
		enqueue(pool, r->job);
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

/* --- results ----------------------------------------------------------------------------------- */

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Until there is news, or it is time to look for the dead. Of several pools only the first
 * is listened to, and the others are looked at more often. */
static void listen_to(struct async_result *results[], size_t count, double seconds)
{
	char bytes[256];
	double most = 0.040;
	struct pollfd news = { .fd = results[0]->pool->news[0], .events = POLLIN };
	for (size_t i = 1; i < count; i++)
		most = results[i]->pool == results[0]->pool ? most : 0.001;
	seconds = seconds < most ? seconds : most;
	struct timespec time = { .tv_nsec = (long)(seconds * 1e9) };
	if (ppoll(&news, 1, &time, NULL) > 0)
		while (read(news.fd, bytes, sizeof bytes) > 0)
			;
}

static int find_ready(struct async_result *results[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (look(results[i]))
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
		listen_to(results, count, left);
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
