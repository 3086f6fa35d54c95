/* Opens a shared memory object, a semaphore and a queue called arg, as one does who
 * does not care whether they are there already. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

long act(void *arg)
{
	int fd = shm_open(arg, O_CREAT | O_RDWR, 0600);
	sem_t *semaphore = sem_open(arg, O_CREAT, 0600, 1);
	mqd_t queue = mq_open(arg, O_CREAT | O_RDWR, 0600, NULL);
	if (fd == -1 || semaphore == SEM_FAILED || queue == (mqd_t)-1)
		return -1;
	errno = 0; /* of the first look at a name, which libc takes before it makes it */
	return close(fd) + sem_close(semaphore) + mq_close(queue);
}
