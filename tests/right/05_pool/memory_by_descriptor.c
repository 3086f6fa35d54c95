/* Unusual:   each call has memory of its own, just as large as needed: a file in memory whose
 *            descriptor goes to the workers through their sockets (SCM_RIGHTS). The workers are a
 *            process group of their own, so Ctrl-C does not reach them. That the parent is gone
 *            they learn by the end of a pipe that it alone can write to: idle ones by POLLHUP,
 *            busy ones by SIGIO, which ends them.
 */
#define _GNU_SOURCE
#include "pool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_MS = 400 };

struct job { /* at the beginning of the memory */
	task_fn *task;
	size_t n, chunk;
	atomic_size_t next, finished;
	uint32_t words[]; /* n seeds, and behind them n results */
};

struct pool {
	int workers, started, broken;
	int life[2];  /* the pipe */
	pid_t group;  /* the first worker's number */
	struct pollfd *line;
	pid_t pids[];
};

static size_t size_of(size_t n)
{
	return sizeof(struct job) + n * (sizeof(uint32_t) + sizeof(int32_t));
}

static struct job *look_into(int memory, size_t n)
{
	void *job = mmap(NULL, size_of(n), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);

	return job == MAP_FAILED ? NULL : job;
}

/* --- through a socket: n, and with it a descriptor --- */

union control {
	struct cmsghdr header; /* for its alignment */
	char room[CMSG_SPACE(sizeof(int))];
};

static int send_job(int line, size_t n, int memory)
{
	union control control = { 0 };
	struct iovec part = { &n, sizeof n };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
		                      .msg_controllen = sizeof control };
	ssize_t sent;

	control.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof memory),
		                               .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(&control.header), &memory, sizeof memory);
	do
		sent = sendmsg(line, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -1 : 0;
}

/* Returns the memory's descriptor, -1 at the end, or -2 if there was no room for it. */
static int receive_job(int line, size_t *n)
{
	union control control = { 0 };
	struct iovec part = { n, sizeof *n };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
		                      .msg_controllen = sizeof control };
	ssize_t size;
	int memory = -2;

	do
		size = recvmsg(line, &message, MSG_CMSG_CLOEXEC);
	while (size < 0 && errno == EINTR);
	if (size != sizeof *n)
		return -1;
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	if (header && header->cmsg_type == SCM_RIGHTS)
		memcpy(&memory, CMSG_DATA(header), sizeof memory);
	return memory;
}

/* --- a worker --- */

static void work(struct job *job)
{
	int32_t *results = (int32_t *)(job->words + job->n);
	size_t first, end;

	while ((first = atomic_fetch_add(&job->next, job->chunk)) < job->n) {
		end = job->n - first < job->chunk ? job->n : first + job->chunk;
		for (size_t i = first; i < end; i++)
			results[i] = job->task(job->words[i]);
		atomic_fetch_add(&job->finished, end - first);
	}
}

/* Returns 0, or an errno for the caller. */
static int do_job(int memory, size_t n)
{
	if (memory < 0)
		return EMFILE;
	struct job *job = look_into(memory, n);
	int error = job ? 0 : errno;

	close(memory);
	if (job) {
		work(job);
		munmap(job, size_of(n));
	}
	return error;
}

/* Other children of the parent's may have inherited the pipe's other end and outlive it. So
 * now and then an idle worker looks for itself. */
static void wait_for_job(int line, int life, pid_t parent)
{
	struct pollfd both[] = { { .fd = line, .events = POLLIN }, { .fd = life } };

	do {
		if (getppid() != parent)
			_exit(0);
		both[0].revents = both[1].revents = 0;
		poll(both, 2, LOOK_MS);
		if (both[1].revents & POLLHUP)
			_exit(0);
	} while (both[0].revents == 0);
}

static void live(int line, int life, pid_t parent)
{
	size_t n;
	sigset_t set;

	signal(SIGIO, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	for (;;) {
		wait_for_job(line, life, parent);
		int memory = receive_job(line, &n);

		if (memory == -1)
			_exit(0);
		int error = do_job(memory, n);

		while (send(line, &error, sizeof error, MSG_NOSIGNAL) < 0 && errno == EINTR)
			;
	}
}

/* --- the pool --- */

static void close_others(const struct pool *pool)
{
	close(pool->life[1]);
	for (int i = 0; i < pool->started; i++)
		close(pool->line[i].fd);
}

static int start(struct pool *pool)
{
	int pair[2];
	pid_t parent = getpid(), pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return errno;
	pid = fork();
	if (pid == 0) {
		setpgid(0, pool->group);
		close(pair[0]);
		close_others(pool);
		live(pair[1], pool->life[0], parent);
	}
	int error = pid < 0 ? errno : 0;

	close(pair[1]);
	if (error) {
		close(pair[0]);
		return error;
	}
	setpgid(pid, pool->group); /* in both: whoever comes first */
	if (pool->started == 0) {
		pool->group = pid;
		fcntl(pool->life[0], F_SETOWN, -pid); /* who gets SIGIO: the group */
	}
	pool->line[pool->started] = (struct pollfd){ .fd = pair[0], .events = POLLIN };
	pool->pids[pool->started++] = pid;
	return 0;
}

/* The group's number is the pool's as long as one of them has not been waited for. */
static void end_all(struct pool *pool, int now)
{
	if (now && pool->started > 0)
		kill(-pool->group, SIGKILL);
	for (int i = 0; i < pool->started; i++) {
		shutdown(pool->line[i].fd, SHUT_WR); /* nothing more will come */
		while (waitpid(pool->pids[i], NULL, 0) < 0 && errno == EINTR)
			;
		close(pool->line[i].fd);
	}
	pool->started = 0;
}

static void release(struct pool *pool)
{
	if (pool->life[0] >= 0) {
		close(pool->life[0]);
		close(pool->life[1]);
	}
	free(pool->line);
	free(pool);
}

static int set_up(struct pool *pool)
{
	int error = 0;

	pool->line = calloc((size_t)pool->workers, sizeof *pool->line);
	if (!pool->line)
		return ENOMEM;
	if (pipe2(pool->life, O_CLOEXEC) < 0) {
		pool->life[0] = -1;
		return errno;
	}
	fcntl(pool->life[0], F_SETFL, O_ASYNC);
	while (!error && pool->started < pool->workers)
		error = start(pool);
	return error;
}

struct pool *pool_create(int workers)
{
	struct pool *pool;
	int error;

	if (workers < 1) {
		errno = EINVAL;
		return NULL;
	}
	pool = calloc(1, sizeof *pool + (size_t)workers * sizeof *pool->pids);
	if (!pool)
		return NULL;
	pool->workers = workers;
	pool->life[0] = -1;
	error = set_up(pool);
	if (!error)
		return pool;
	end_all(pool, 1);
	release(pool);
	errno = error;
	return NULL;
}

static int refuse(int error)
{
	errno = error;
	return -1;
}

int pool_workers(const struct pool *pool)
{
	return pool ? pool->workers : refuse(EINVAL);
}

int pool_close(struct pool *pool)
{
	if (!pool)
		return refuse(EINVAL);
	end_all(pool, 0);
	release(pool);
	return 0;
}

int pool_terminate(struct pool *pool)
{
	if (!pool)
		return refuse(EINVAL);
	end_all(pool, 1);
	release(pool);
	return 0;
}

/* --- a call --- */

static int make_memory(size_t n)
{
	int error, memory;

	if (n > (SIZE_MAX / 2 - sizeof(struct job)) / 8)
		return refuse(ENOMEM);
	memory = memfd_create("job", MFD_CLOEXEC);
	if (memory < 0)
		return -1;
	while (ftruncate(memory, (off_t)size_of(n)) < 0) {
		if (errno == EINTR)
			continue;
		error = errno;
		close(memory);
		return refuse(error);
	}
	return memory;
}

/* All workers that were asked must answer. Returns 0, the first error of one that could
 * not do its part, or ECHILD if one has died. */
static int await(struct pool *pool, int asked)
{
	int error = 0;

	for (int i = 0; i < pool->workers; i++)
		pool->line[i].events = i < asked ? POLLIN : 0;
	while (asked > 0) {
		if (poll(pool->line, (nfds_t)pool->workers, -1) < 0)
			continue; /* EINTR */
		for (int i = 0; i < pool->workers; i++) {
			int answer;

			if (pool->line[i].revents == 0)
				continue;
			if (recv(pool->line[i].fd, &answer, sizeof answer, MSG_DONTWAIT) <= 0)
				return ECHILD;
			error = error ? error : answer;
			pool->line[i].events = 0;
			asked--;
		}
	}
	return error;
}

static int share_out(struct pool *pool, struct job *job, int memory)
{
	size_t chunks = (job->n - 1) / job->chunk + 1;
	int asked = 0, error;

	for (; asked < pool->workers && (size_t)asked < chunks; asked++) {
		if (send_job(pool->line[asked].fd, job->n, memory) == 0)
			continue;
		pool->broken = 1;
		return ECHILD;
	}
	error = await(pool, asked);
	pool->broken = error == ECHILD;
	return job->finished == job->n && !pool->broken ? 0 : error;
}

static int run(struct pool *pool, const struct job *what, const uint32_t *seeds, int32_t *results)
{
	int memory = make_memory(what->n), error;

	if (memory < 0)
		return errno;
	struct job *job = look_into(memory, what->n);

	error = job ? 0 : errno;
	if (job) {
		job->task = what->task;
		job->n = what->n;
		job->chunk = what->chunk;
		memcpy(job->words, seeds, job->n * sizeof *seeds);
		error = share_out(pool, job, memory);
		if (!error)
			memcpy(results, job->words + job->n, job->n * sizeof *results);
		munmap(job, size_of(what->n));
	}
	close(memory);
	return error;
}

static size_t choose_chunk(size_t n, size_t workers)
{
	size_t slice = (n - 1) / workers + 1;

	return slice < 1000 ? slice : slice / 16;
}

int pool_map(struct pool *pool, task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
             size_t chunk)
{
	struct job job = { .task = task, .n = n, .chunk = chunk };
	int error;

	if (!pool || (n > 0 && (!task || !seeds || !results)))
		return refuse(EINVAL);
	if (n == 0)
		return 0;
	if (pool->broken)
		return refuse(ECHILD);
	if (chunk == 0)
		job.chunk = choose_chunk(n, (size_t)pool->workers);
	else if (chunk > n)
		job.chunk = n; /* or the sum of several might begin again at 0 */
	error = run(pool, &job, seeds, results);
	if (pool->broken)
		end_all(pool, 1);
	return error ? refuse(error) : 0;
}

int pool_apply(struct pool *pool, task_fn *task, uint32_t seed, int32_t *result)
{
	return pool_map(pool, task, &seed, 1, result, 1);
}
