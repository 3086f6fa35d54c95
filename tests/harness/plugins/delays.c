/* Makes calls none of which has to wait for anything, and writes down which of them
 * slept nevertheless: the kernel counts how often a process gave up its CPU. The
 * child comes first, so that they do not disturb each other. */
#define _GNU_SOURCE
#include "delays.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static sem_t semaphore;
static int ends[2];

static long sleeps(void)
{
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_nvcsw;
}

static int call(int kind)
{
	char byte = 0;
	switch (kind) {
	case DELAY_LOCK: return pthread_mutex_lock(&mutex);
	case DELAY_UNLOCK: return pthread_mutex_unlock(&mutex);
	case DELAY_SEM_WAIT: return sem_wait(&semaphore);
	case DELAY_SEM_POST: return sem_post(&semaphore);
	case DELAY_WRITE: return write(ends[1], &byte, 1) == 1 ? 0 : -1;
	default: return read(ends[0], &byte, 1) == 1 ? 0 : -1;
	}
}

static void make_calls(char *seen)
{
	for (int i = 0; i < DELAY_CALLS; i++) {
		long before = sleeps();
		if (call(i % DELAY_KINDS) != 0)
			abort();
		*seen++ = sleeps() > before ? '1' : '0';
	}
	*seen = '\0';
}

long act(void *arg)
{
	struct delays *delays = arg;
	if (pipe(ends) != 0 || sem_init(&semaphore, 0, 1) != 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		make_calls(delays->seen[1]);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	make_calls(delays->seen[0]);
	close(ends[0]);
	close(ends[1]);
	return 0;
}
