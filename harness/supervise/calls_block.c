/* Calls that wait for something to happen, and locks, as a plug-in sees them: see
 * calls.h. Waiting may be interrupted; with a time-out of 0 nothing waits. */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <time.h>

#include "calls.h"
#include "desk.h"
#include "trace.h"

static bool is_zero(const struct timespec *timeout)
{
	return timeout != NULL && timeout->tv_sec == 0 && timeout->tv_nsec == 0;
}

int poll(struct pollfd *fds, nfds_t count, int timeout)
{
	static int (*real)(struct pollfd *, nfds_t, int);
	calls_find(&real, "poll");
	if (timeout != 0 && calls_interrupt(BLOCKING_LOOK, NULL, "poll", NO_ARGUMENT))
		return -1;
	struct trace_event *event = trace_open(TRACE_LOOK, 0);
	int ready = real(fds, count, timeout);
	trace_close(event);
	return (int)calls_result("poll", NO_ARGUMENT, ready);
}

int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
	static int (*real)(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
	calls_find(&real, "ppoll");
	if (!is_zero(timeout) && calls_interrupt(BLOCKING_LOOK, mask, "ppoll", NO_ARGUMENT))
		return -1;
	return real(fds, count, timeout, mask);
}

int select(int count, fd_set *reads, fd_set *writes, fd_set *others, struct timeval *timeout)
{
	static int (*real)(int, fd_set *, fd_set *, fd_set *, struct timeval *);
	bool zero = timeout != NULL && timeout->tv_sec == 0 && timeout->tv_usec == 0;
	calls_find(&real, "select");
	if (!zero && calls_interrupt(BLOCKING_LOOK, NULL, "select", count))
		return -1;
	struct trace_event *event = trace_open(TRACE_LOOK, 0);
	int ready = real(count, reads, writes, others, timeout);
	trace_close(event);
	return (int)calls_result("select", count, ready);
}

int pselect(int count, fd_set *reads, fd_set *writes, fd_set *others,
            const struct timespec *timeout, const sigset_t *mask)
{
	static int (*real)(int, fd_set *, fd_set *, fd_set *, const struct timespec *,
	                   const sigset_t *);
	calls_find(&real, "pselect");
	if (!is_zero(timeout) && calls_interrupt(BLOCKING_LOOK, mask, "pselect", count))
		return -1;
	return real(count, reads, writes, others, timeout, mask);
}

int epoll_wait(int epoll, struct epoll_event *events, int count, int timeout)
{
	static int (*real)(int, struct epoll_event *, int, int);
	calls_find(&real, "epoll_wait");
	if (timeout != 0 && calls_interrupt(BLOCKING_LOOK, NULL, "epoll_wait", epoll))
		return -1;
	struct trace_event *event = trace_open(TRACE_LOOK, 0);
	int ready = real(epoll, events, count, timeout);
	trace_close(event);
	return (int)calls_result("epoll_wait", epoll, ready);
}

int epoll_pwait(int epoll, struct epoll_event *events, int count, int timeout,
                const sigset_t *mask)
{
	static int (*real)(int, struct epoll_event *, int, int, const sigset_t *);
	calls_find(&real, "epoll_pwait");
	if (timeout != 0 && calls_interrupt(BLOCKING_LOOK, mask, "epoll_pwait", epoll))
		return -1;
	return real(epoll, events, count, timeout, mask);
}

/* --- locks ------------------------------------------------------------------ */

static void count_lock(void)
{
	if (calls_armed())
		atomic_fetch_add_explicit(&the_desk->locks, 1, memory_order_relaxed);
}

/* A lock is held a little longer now and then, so that others come to wait for it;
 * one that excludes nobody lets them in. Locks are never interrupted, but waiting
 * for a semaphore may be. */
int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	static int (*real)(pthread_mutex_t *);
	calls_find(&real, "pthread_mutex_lock");
	struct trace_event *event = trace_open(TRACE_LOCK, 0);
	int status = real(mutex);
	trace_close(event);
	count_lock();
	calls_perturb();
	return status;
}

int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
	static int (*real)(pthread_mutex_t *);
	calls_find(&real, "pthread_mutex_unlock");
	calls_perturb();
	return real(mutex);
}

int pthread_spin_lock(pthread_spinlock_t *lock)
{
	static int (*real)(pthread_spinlock_t *);
	calls_find(&real, "pthread_spin_lock");
	struct trace_event *event = trace_open(TRACE_LOCK, 0);
	int status = real(lock);
	trace_close(event);
	count_lock();
	return status;
}

int pthread_rwlock_wrlock(pthread_rwlock_t *lock)
{
	static int (*real)(pthread_rwlock_t *);
	calls_find(&real, "pthread_rwlock_wrlock");
	struct trace_event *event = trace_open(TRACE_LOCK, 0);
	int status = real(lock);
	trace_close(event);
	count_lock();
	return status;
}

int sem_wait(sem_t *semaphore)
{
	static int (*real)(sem_t *);
	calls_find(&real, "sem_wait");
	if (calls_interrupt(BLOCKING_LOCK, NULL, "sem_wait", NO_ARGUMENT))
		return -1;
	struct trace_event *event = trace_open(TRACE_LOCK, 0);
	int status = real(semaphore);
	trace_close(event);
	count_lock();
	calls_perturb();
	return status;
}

int sem_timedwait(sem_t *semaphore, const struct timespec *until)
{
	static int (*real)(sem_t *, const struct timespec *);
	calls_find(&real, "sem_timedwait");
	if (calls_interrupt(BLOCKING_LOCK, NULL, "sem_timedwait", NO_ARGUMENT))
		return -1;
	struct trace_event *event = trace_open(TRACE_LOCK, 0);
	int status = real(semaphore, until);
	trace_close(event);
	return status;
}

int sem_post(sem_t *semaphore)
{
	static int (*real)(sem_t *);
	calls_find(&real, "sem_post");
	calls_perturb();
	return real(semaphore);
}
