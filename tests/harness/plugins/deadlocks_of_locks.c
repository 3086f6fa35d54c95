/* Every way to wait for a lock for ever: one function each, chosen by arg[0]. */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "deadlocks.h"

struct locks {
	pthread_mutex_t first, second;
	sem_t semaphore, go;
	pthread_cond_t condition;
};

static struct locks *make(int map, int shared)
{
	pthread_mutexattr_t of_mutex;
	pthread_condattr_t of_condition;
	struct locks *locks = mmap(NULL, sizeof *locks, PROT_READ | PROT_WRITE, map | MAP_ANONYMOUS,
	                           -1, 0);
	if (locks == MAP_FAILED)
		abort();
	pthread_mutexattr_init(&of_mutex);
	pthread_condattr_init(&of_condition);
	pthread_mutexattr_setpshared(&of_mutex, shared);
	pthread_condattr_setpshared(&of_condition, shared);
	pthread_mutex_init(&locks->first, &of_mutex);
	pthread_mutex_init(&locks->second, &of_mutex);
	pthread_cond_init(&locks->condition, &of_condition);
	sem_init(&locks->semaphore, shared, 0);
	sem_init(&locks->go, 1, 0);
	return locks;
}

static struct locks *make_shared(void)
{
	return make(MAP_SHARED, PTHREAD_PROCESS_SHARED);
}

static void reap(int workers)
{
	for (int i = 0; i < workers; i++)
		waitpid(-1, NULL, 0);
}

static void locked_by_dead(void)
{
	struct locks *locks = make_shared();
	pid_t first = fork();
	if (first == 0) {
		pthread_mutex_lock(&locks->first);
		_exit(1);
	}
	waitpid(first, NULL, 0);
	if (fork() == 0) {
		pthread_mutex_lock(&locks->first);
		_exit(0);
	}
	reap(1);
}

static void locked_twice(void)
{
	struct locks *locks = make_shared();
	if (fork() == 0) {
		pthread_mutex_lock(&locks->first);
		pthread_mutex_lock(&locks->first);
		_exit(0);
	}
	reap(1);
}

static void locked_crosswise(void)
{
	struct locks *locks = make_shared();
	for (int rank = 0; rank < 2; rank++) {
		if (fork() == 0) {
			pthread_mutex_lock(rank == 0 ? &locks->first : &locks->second);
			sem_post(rank == 0 ? &locks->go : &locks->semaphore);
			sem_wait(rank == 0 ? &locks->semaphore : &locks->go);
			pthread_mutex_lock(rank == 0 ? &locks->second : &locks->first);
			_exit(0);
		}
	}
	reap(2);
}

static void locked_and_waiting(void)
{
	struct locks *locks = make_shared();
	pthread_mutex_lock(&locks->first);
	pid_t pid = fork();
	if (pid == 0) {
		pthread_mutex_lock(&locks->first);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

/* The caller holds the lock as it forks, and unlocks its own copy. */
static void locked_privately(void)
{
	struct locks *locks = make(MAP_PRIVATE, PTHREAD_PROCESS_SHARED);
	pthread_mutex_lock(&locks->first);
	if (fork() == 0) {
		pthread_mutex_lock(&locks->first);
		_exit(0);
	}
	pthread_mutex_unlock(&locks->first);
	reap(1);
}

static void lock_not_shared(void)
{
	struct locks *locks = make(MAP_SHARED, PTHREAD_PROCESS_PRIVATE);
	pthread_mutex_lock(&locks->first);
	if (fork() == 0) {
		sem_post(&locks->go);
		pthread_mutex_lock(&locks->first);
		_exit(0);
	}
	sem_wait(&locks->go);
	usleep(100000); /* until it sleeps at the lock */
	pthread_mutex_unlock(&locks->first);
	reap(1);
}

static void semaphore_wait(int shared)
{
	struct locks *locks = make(MAP_SHARED, shared);
	if (fork() == 0) {
		sem_wait(&locks->semaphore);
		_exit(0);
	}
	reap(1);
}

static void condition_not_signalled(void)
{
	struct locks *locks = make_shared();
	if (fork() == 0) {
		pthread_mutex_lock(&locks->first);
		pthread_cond_wait(&locks->condition, &locks->first);
		_exit(0);
	}
	reap(1);
}

static void lock_then_full_pipe(void)
{
	struct locks *locks = make_shared();
	static char block[200000];
	int ends[2];
	if (pipe(ends) != 0)
		abort();
	for (int rank = 0; rank < 2; rank++) {
		if (fork() == 0) {
			close(ends[0]);
			if (rank == 0)
				sem_wait(&locks->go);
			pthread_mutex_lock(&locks->first);
			sem_post(&locks->go);
			_exit(write(ends[1], block, sizeof block) == -1);
		}
	}
	close(ends[1]);
	reap(2);
}

long act(void *arg)
{
	switch (*(int *)arg) {
	case LOCKED_BY_DEAD: locked_by_dead(); break;
	case LOCKED_TWICE: locked_twice(); break;
	case LOCKED_CROSSWISE: locked_crosswise(); break;
	case LOCKED_AND_WAITING: locked_and_waiting(); break;
	case LOCKED_PRIVATELY: locked_privately(); break;
	case LOCK_NOT_SHARED: lock_not_shared(); break;
	case SEMAPHORE_NOT_SHARED: semaphore_wait(PTHREAD_PROCESS_PRIVATE); break;
	case SEMAPHORE_NOT_POSTED: semaphore_wait(PTHREAD_PROCESS_SHARED); break;
	case CONDITION_NOT_SIGNALLED: condition_not_signalled(); break;
	case LOCK_THEN_FULL_PIPE: lock_then_full_pipe(); break;
	}
	return 0;
}
